"""`CurveSet`, and models compiled with scores of the whole distribution."""

import keras
import numpy as np
import pytest

from fmnist_tf import ScoreLogger
from fmnist_tf.metrics import (
    AUROC,
    AveragePrecision,
    BestThreshold,
    CurveSet,
    ExpectedCalibrationError,
    LogLoss,
    MacroF1,
    RecallAtPrecision,
    RocCurve,
)
from support.catalogue import fed


def draw(num_classes=4, rows=60):
    """(y_true, probabilities, weight)."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, num_classes, rows)
    p = rng.random((rows, num_classes)) + np.eye(num_classes)[y_true] / 2
    return y_true, p / p.sum(axis=1, keepdims=True), rng.integers(0, 9, rows) / 4


def test_a_set_gives_what_its_metrics_give():
    bins = {"num_bins": 64}
    named = {
        "auroc": AUROC(**bins),
        "micro_auroc": AUROC(average="micro", **bins),
        "auroc/1": AUROC(class_id=1, **bins),
    }
    given = [
        RecallAtPrecision(precision=0.5, **bins),
        BestThreshold(class_id=2, **bins),
        AveragePrecision(average="weighted", name="ap", **bins),
    ]
    ours = fed(CurveSet(scores=[*named, *given], **bins), *draw())
    alone = {name: fed(metric, *draw()) for name, metric in [*named.items(), *((each.name, each) for each in given)]}
    assert list(ours.result()) == list(alone)
    np.testing.assert_allclose(list(ours.result().values()), [m.result() for m in alone.values()], rtol=1e-6)
    np.testing.assert_array_equal(ours.bounds["ap"], alone["ap"].bounds)


def test_a_set_shows_what_is_live_and_computes_the_rest():
    ours = fed(CurveSet(live=["auroc"]), *draw())
    assert list(ours.result()) == ["auroc"]
    assert list(ours.compute()) == ["auroc", "average_precision"]


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"scores": ["roc"]}, ValueError, r"unknown score 'roc'; use one of auroc, auroc_ovo, average_precision"),
        ({"scores": ["auroc", "auroc"]}, ValueError, r"'auroc' is in the set twice"),
        ({"scores": [AUROC(average=None)]}, ValueError, r"must be scalars, got 'auroc' with average=None"),
        ({"scores": [RocCurve()]}, TypeError, r"a name or a metric of a histogram with a scalar value"),
        ({"scores": [BestThreshold()], "num_classes": 3}, ValueError, r"must be scalars, got 'best_threshold'"),
        ({"scores": ["auroc[5]"], "num_classes": 3}, ValueError, r"'auroc/5' asks for a class that 3 classes do"),
        ({"class_id": 1}, ValueError, r"`class_id` has no meaning for a set"),
        ({"live": ["f1_score"]}, ValueError, r"`live` must name scores of the set, auroc, average_precision"),
    ],
)
def test_a_bad_set_says_what_is_wrong(kwargs, error, message):
    with pytest.raises(error, match=message):
        CurveSet(**kwargs)


def test_a_model_with_scores_of_the_whole_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    y_true, p, _ = draw()
    curves = CurveSet(from_logits=True, scores=["micro_auroc", RecallAtPrecision(precision=0.5)])
    given = [AUROC(from_logits=True), curves, LogLoss(from_logits=True), ExpectedCalibrationError(from_logits=True)]
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=given, jit_compile=False)
    logs = model.evaluate(p, y_true, verbose=0, return_dict=True)
    alone = fed(AUROC(from_logits=True), y_true, model.predict(p, verbose=0))
    np.testing.assert_allclose([logs["auroc"], logs["log_loss"]], [alone.result(), logs["loss"]], rtol=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").evaluate(p, y_true, verbose=0, return_dict=True)
    assert again == logs


def test_early_stopping_knows_what_is_better():
    assert (AUROC()._direction, AveragePrecision()._direction, LogLoss()._direction) == ("up", "up", "down")


def fitted(metrics, callbacks):
    """A model after one epoch."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    y_true, p, _ = draw()
    model.fit(p, y_true, verbose=0, callbacks=callbacks)
    return model


def test_a_logger_reads_counts_beside_scores_of_the_whole_and_resets_both():
    y_true, p, _ = draw()
    auroc, logger = AUROC(), ScoreLogger(verbose=0)
    fed(auroc, y_true, p)  # left over from before the first epoch
    model = fitted([auroc, MacroF1()], [logger])
    assert np.sum(auroc.histogram[0]) == len(y_true)
    np.testing.assert_allclose(logger.history["macro_f1"], model.history.history["macro_f1"], rtol=1e-6)
