"""ScoreLogger logs scores of the values of slices, and keeps the rows of validation and of named sets."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.callbacks import EarlyStopping
from sklearn.metrics import f1_score, roc_auc_score

from fmnist_tf import BestThreshold, CurveSet, ScoreLogger, ScoreSet
from fmnist_tf.rows import LadderStopping, Slice, tag
from support.tagged import SITE, SITES, N, X, Y, fit, model_of, tagged


def logger_of(*args, **options):
    return ScoreLogger(*args, **{"by": "site", "min_support": 5, "rows": True, "verbose": 0} | options)


@pytest.fixture(scope="module")
def trained():
    """(model, logger, history) of two epochs with validation and a named set."""
    model, logger = model_of(ScoreSet(by=SITE, live=())), logger_of({"test": tagged(X[:30], Y[:30], SITES[:30])})
    history = fit(model, logger, validation_data=tagged(), epochs=2).history
    return model, logger, history


def test_every_value_has_its_keys_in_the_logs(trained):
    model, _, history = trained
    predicted = model.predict(X, verbose=0).argmax(1)
    for value, rows in {"north": SITES == "north", "south": SITES == "south", "other": SITES == "west"}.items():
        wanted = f1_score(Y[rows], predicted[rows], average="macro", labels=range(3), zero_division=0)
        assert history[f"val_macro_f1/site/{value}"][-1] == pytest.approx(wanted)


def test_the_worst_value_is_logged_without_other(trained):
    _, _, history = trained
    for name in ("macro_f1", "val_macro_f1", "test_accuracy"):
        values = [history[f"{name}/site/{value}"] for value in ("north", "south")]
        assert history[f"{name}/site/worst"] == np.min(values, axis=0).tolist()


def test_rows_of_validation_are_those_of_the_last_epoch(trained):
    model, logger, _ = trained
    p, rows = model.predict(X, verbose=0), logger.rows["val"]
    assert rows["id"].tolist() == list(range(N))
    assert rows["predicted"].tolist() == p.argmax(1).tolist()
    np.testing.assert_allclose(rows["confidence"], p.max(1), rtol=1e-5)


def test_rows_of_a_named_set_are_kept_too(trained):
    _, logger, _ = trained
    assert logger.rows["test"]["label"].tolist() == Y[:30].tolist()
    assert logger.rows["test"]["predicted"].tolist() == logger.rows["val"]["predicted"][:30].tolist()


def test_mistakes_are_the_wrong_rows_the_most_confident_first(trained):
    _, logger, _ = trained
    found = logger.mistakes("val", k=None)
    assert len(found) == (logger.rows["val"]["label"] != logger.rows["val"]["predicted"]).sum()
    assert np.all(np.diff(found["confidence"]) <= 0)


def test_the_report_tells_of_every_value(trained):
    _, logger, history = trained
    values = logger.report("val").by("site").to_dict()["values"]
    assert values["north"]["support"] == (SITES == "north").sum()
    assert values["north"]["scores"]["macro_f1"]["value"] == pytest.approx(history["val_macro_f1/site/north"][-1])


def test_a_value_with_few_rows_is_not_the_worst():
    sizes = {value: SITES.tolist().count(value) for value in ("north", "south")}
    few, many = sorted(sizes, key=sizes.__getitem__)
    logger = logger_of(min_support=sizes[many], rows=False)
    history = fit(model_of(ScoreSet(by=SITE, live=())), logger, validation_data=tagged()).history
    assert sizes[few] < sizes[many]
    assert history["val_accuracy/site/worst"] == history[f"val_accuracy/site/{many}"]


def test_the_worst_of_a_rate_of_errors_is_the_greatest():
    logger = logger_of(scores=["hamming_loss"], rows=False)
    history = fit(model_of(ScoreSet(by=SITE, live=())), logger, validation_data=tagged()).history
    values = [history[f"val_hamming_loss/site/{value}"][0] for value in ("north", "south")]
    assert history["val_hamming_loss/site/worst"] == [max(values)]


def test_a_value_without_rows_has_no_score():
    logger = logger_of(by="k", rows=False)
    nobody = Slice("k", ("a", "b"))
    data = tag(X, Y, slices={nobody: np.array(["a"] * N)})
    history = fit(model_of(ScoreSet(by=nobody, live=())), logger, data=data).history
    assert np.isnan(history["macro_f1/k/b"][0])
    assert history["macro_f1/k/worst"] == history["macro_f1/k/a"]


@pytest.mark.parametrize("counts_by", [(), SITE], ids=["curves alone", "counts too"])
def test_scores_at_all_thresholds_are_logged_for_every_value(counts_by):
    curves = CurveSet(by=SITE, scores=["auroc", BestThreshold(class_id=0)], num_bins=1024, live=())
    model, logger = model_of(ScoreSet(by=counts_by, live=()), curves), logger_of(rows=False)
    history = fit(model, logger, validation_data=tagged()).history
    p = model.predict(X, verbose=0)
    for value, rows in {"north": SITES == "north", "other": SITES == "west"}.items():
        wanted = roc_auc_score(Y[rows], p[rows], multi_class="ovr", labels=range(3))
        assert history[f"val_auroc/site/{value}"] == [pytest.approx(wanted, abs=0.02)]  # two rows may share a bin
    assert history["val_auroc/site/worst"] == np.minimum(*(history[f"val_auroc/site/{v}"] for v in SITE.values))
    assert "val_best_threshold/site/worst" not in history


def test_early_stopping_goes_by_the_worst_group():
    stop = EarlyStopping("val_macro_f1/site/worst", mode="max", patience=0)
    fit(model_of(ScoreSet(by=SITE, live=())), logger_of(), stop, validation_data=tagged(), epochs=2)
    assert stop.best is not None


def test_an_evaluation_by_another_callback_leaves_the_rows_alone():
    class Evaluates(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.evaluate(*tagged(X[:8], Y[:8], SITES[:8]), verbose=0)

        def on_epoch_end(self, epoch, logs=None):
            self.on_epoch_begin(epoch)

    logger = logger_of()
    fit(model_of(ScoreSet(by=SITE, live=())), Evaluates(), logger, validation_data=tagged(), epochs=2)
    assert logger.rows["val"]["id"].tolist() == list(range(N))


def test_a_second_fit_keeps_its_own_rows():
    model, logger = model_of(ScoreSet(by=SITE, live=())), logger_of()
    for data in (tagged(), tagged(X[:9], Y[:9], SITES[:9])):
        fit(model, logger, validation_data=data)
    assert len(logger.rows["val"]) == 9


def test_rows_are_written_into_the_folder(tmp_path):
    logger = logger_of(log_dir=tmp_path)
    fit(model_of(ScoreSet(by=SITE, live=())), logger, validation_data=tagged())
    with np.load(tmp_path / "rows.npz") as file:
        np.testing.assert_array_equal(file["val"], logger.rows["val"])


def test_the_ladder_reads_the_rows_of_the_logger():
    logger = logger_of()
    stop = LadderStopping("val_macro_f1", logger, patience=9)
    history = fit(model_of(ScoreSet(by=SITE, live=())), logger, stop, validation_data=tagged(), epochs=2).history
    assert [entry["value"] for entry in stop.history] == history["val_macro_f1"]
    assert stop.history[0]["announced"]


def test_rows_without_tags_are_refused():
    with pytest.raises(ValueError, match=r"ScoreLogger\(rows=True\) needs an id for each row; call accept_tags"):
        fit(model_of(ScoreSet()), logger_of(by=()), data=(X, Y), validation_data=(X, Y))


def test_a_model_that_accepts_no_tags_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[ScoreSet()])
    with pytest.raises(ValueError, match=r"ScoreLogger\(rows=True\) needs rows that carry tags; call accept_tags"):
        model.fit(X, Y, verbose=0, callbacks=[logger_of(by=())])


def test_a_slice_that_no_metric_counts_by_is_refused():
    with pytest.raises(ValueError, match=r"`by` must name slices of the metric that is read, \[\], got 'site'"):
        fit(model_of(ScoreSet()), logger_of(rows=False))


def test_rows_in_a_dataset_that_repeats_ids_are_refused():
    rows = tf.data.Dataset.from_tensor_slices((X, Y, np.arange(N) % 7)).batch(8)
    twice = rows.map(lambda x, y, place: tag(x, y, ids=place))
    with pytest.raises(ValueError, match="ids repeat within one pass"):
        fit(model_of(ScoreSet()), logger_of(by=()), validation_data=twice)


def test_rows_that_were_not_kept_cannot_be_asked_for():
    with pytest.raises(KeyError, match=r"no rows were kept of 'val', only of nothing; give ScoreLogger\(rows=True\)"):
        ScoreLogger().mistakes()
