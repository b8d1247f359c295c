"""ScoreLogger reads metrics of scores beside the metric that counts."""

import keras
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from fmnist_tf import AUROC, CurveSet, LogLoss, MacroF1, RecallAtPrecision, RocCurve, ScoreLogger, ScoreSet
from fmnist_tf.callbacks.reading import Wanted

X = np.random.default_rng(0).random((96, 4)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 96)
XV, YV = X[:40], Y[:40]


def compiled(*metrics, weighted=(), units=3):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")]
    )
    loss = "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy"
    model.compile("sgd", loss, metrics=list(metrics), weighted_metrics=list(weighted))
    return model


def fit(model, *callbacks, y=Y, yv=YV, data=None, **options):
    logger = ScoreLogger(data, verbose=0, **options)
    model.fit(X, y, batch_size=32, epochs=2, verbose=0, callbacks=[logger, *callbacks], validation_data=(XV, yv))
    return logger


@pytest.fixture(scope="module")
def trained():
    """(model, logger) of two epochs with a set that is not live, a metric of its own and a data set."""
    metrics = CurveSet(scores=["auroc", RecallAtPrecision(precision=0.5)], live=()), LogLoss()
    model = compiled(ScoreSet(live=()), *metrics)
    return model, fit(model, data={"test": (X[40:], Y[40:])})


def macro_auroc(model, x, y):
    return roc_auc_score(y, model.predict(x, verbose=0), average="macro", multi_class="ovr", labels=range(3))


@pytest.mark.heavy
def test_scores_of_a_set_that_is_not_live_are_in_history_and_logs(trained):
    model, logger = trained
    assert logger.history["val_auroc"][-1] == pytest.approx(macro_auroc(model, XV, YV), abs=2e-3)
    assert len(logger.history["val_recall_at_precision"]) == len(logger.history["auroc"]) == 2
    assert model.history.history["val_auroc"] == logger.history["val_auroc"]


def test_history_holds_float64_where_logs_hold_what_was_compiled(trained):
    model, logger = trained
    exact = log_loss(YV, model.predict(XV, verbose=0), labels=range(3))
    assert logger.history["val_log_loss"][-1] == pytest.approx(exact, abs=1e-6)
    assert np.float32(logger.history["val_log_loss"][-1]) == np.float32(model.history.history["val_log_loss"][-1])


def test_data_sets_get_the_same_scores(trained):
    model, logger = trained
    assert logger.history["test_auroc"][-1] == pytest.approx(macro_auroc(model, X[40:], Y[40:]), abs=2e-3)
    assert logger.report("test").curves is not None


def test_training_scores_are_of_the_rows_of_one_epoch(trained):
    _, logger = trained
    assert logger.report("train").curves.distribution.total.tolist() == [96, 96, 96]


def test_the_report_of_the_last_epoch_holds_curves_and_no_other_does(trained):
    model, logger = trained
    cell = logger.report("val").to_dict()["curves"]["macro"]["average_precision"]
    y_true, p = np.eye(3)[YV], model.predict(XV, verbose=0)
    assert cell["bounds"][0] <= average_precision_score(y_true, p, average="macro") <= cell["bounds"][1]
    assert logger.report("val", epoch=0).curves is None


def test_one_column_is_advised_of_its_threshold():
    y = (X[:, :1] > 0.8).astype("float32")
    logger = fit(compiled(MacroF1(), AUROC(), units=1), y=y, yv=y[:40])
    assert "1" in logger.report("val").curves.thresholds


def test_an_evaluate_by_another_callback_does_not_disturb_the_histogram():
    class Evaluator(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                self.model.evaluate(X[:10], Y[:10], verbose=0)

    logger = ScoreLogger(verbose=0)
    compiled(CurveSet(), ScoreSet()).fit(X, Y, batch_size=32, verbose=0, callbacks=[Evaluator(), logger])
    assert logger.report("train").curves.distribution.total.tolist() == [96, 96, 96]


def test_rows_that_compile_left_in_a_histogram_are_dropped():
    metric = AUROC()
    model = compiled(MacroF1(), metric)
    metric.update_state(Y[:7], np.full((7, 3), 1 / 3))
    assert fit(model).report("train").curves.distribution.total.tolist() == [96, 96, 96]


def test_an_unweighted_set_is_read_before_a_weighted_metric():
    logger = fit(compiled(ScoreSet(), AUROC(num_bins=16), weighted=[AUROC(num_bins=32)]))
    assert len(logger.report().curves.distribution.edges) == 17


def test_metrics_of_another_output_are_not_read():
    x = keras.Input((4,))
    model = keras.Model(x, {name: keras.layers.Dense(3, "softmax", name=name)(x) for name in ("a", "b")})
    counted, *aucs = MacroF1(name="f1"), AUROC(name="of_a"), AUROC(name="of_b")
    model.compile("sgd", "mse", metrics={"a": [aucs[0]], "b": [counted, aucs[1]]})
    reading = Wanted(None, None, optional=False).preview(model)
    assert [place.metric.name for place in reading.curves] == ["of_b"]
    model.evaluate(X, {"a": np.eye(3)[Y], "b": np.eye(3)[Y]}, verbose=0)
    assert Wanted(None, None, optional=False).find(model).metrics == [counted, aucs[1]]


def test_what_is_no_number_is_left_out_of_history():
    metric = RocCurve()
    model = compiled(ScoreSet())
    model.curve = metric  # tracked, so Keras resets it
    metric.build(3)
    assert "roc_curve" not in fit(model).history


def test_without_metrics_of_scores_nothing_is_added():
    logger = fit(compiled(ScoreSet(scores=("accuracy",))), scores=("accuracy",))
    assert set(logger.history) == {"accuracy", "val_accuracy"}
    assert logger.report().curves is None
