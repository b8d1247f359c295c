"""Every bad value tried: counted apart and named, never counted wrong, never dropped in silence; good rows go on."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import AUROC, Accuracy, ConfusionMatrix, ExactMatch, F1Score, MacroF1, ScoreSet, TopKAccuracy
from support.catalogue import each_metric, each_way_of_counting, fed, state_of, value_of

GOOD = [0, 1, 2, 1]
SCORES = np.array([[3, 1, 0], [0, 3, 1], [1, 1, 2], [1, 2, 1]], np.float32) / 4
NAN, INF = np.nan, np.inf


def labels(bad, dtype=None):
    """Good labels with one bad one in the second place."""
    return np.array([0, bad, 2, 1], dtype)


def scores(bad, dtype=np.float32):
    """Good scores with a bad second row."""
    rows = SCORES.astype(dtype)
    rows[1] = bad
    return rows


#: What is bad: (y_true, y_pred, sample_weight, the kind it is counted as). The second of four rows is the bad one.
BAD_ROWS = {
    "label = C": (labels(3), SCORES, None, "label outside the classes"),
    "label far above": (labels(10**9), SCORES, None, "label outside the classes"),
    "label -1": (labels(-1), SCORES, None, "label outside the classes"),
    "uint8 255": (labels(255, np.uint8), SCORES, None, "label outside the classes"),
    "int8 -128": (labels(-128, np.int8), SCORES, None, "label outside the classes"),
    "int64 2**32 + 1": (labels(2**32 + 1, np.int64), SCORES, None, "label outside the classes"),
    "int64 -2**63": (labels(-(2**63), np.int64), SCORES, None, "label outside the classes"),
    "uint64 2**64 - 1": (labels(2**64 - 1, np.uint64), SCORES, None, "label outside the classes"),
    "label 1.5": (labels(1.5), SCORES, None, "label that is not an integer"),
    "label 1e30": (labels(1e30), SCORES, None, "label outside the classes"),
    "label -0.5": (labels(-0.5), SCORES, None, "label that is not an integer"),
    "label NaN": (labels(NAN), SCORES, None, "label that is not an integer"),
    "label inf": (labels(INF), SCORES, None, "label outside the classes"),
    "label (N, 1)": (labels(3)[:, None], SCORES, None, "label outside the classes"),
    "one-hot row of zeros": (
        np.eye(3)[GOOD] * [[1], [0], [1], [1]],
        SCORES,
        None,
        "row of labels that is not one class",
    ),
    "one-hot row with NaN": (
        np.eye(3)[GOOD] + [[0], [NAN], [0], [0]],
        SCORES,
        None,
        "row of labels that is not one class",
    ),
    "row of NaN": (GOOD, scores(NAN), None, "NaN score"),
    "one NaN": (GOOD, scores([0, NAN, 9]), None, "NaN score"),
    "one NaN in float16": (GOOD, scores([NAN, 0, 9], np.float16), None, "NaN score"),
    "weight -1": (GOOD, SCORES, [1.0, -1.0, 1.0, 1.0], "weight that is negative or not finite"),
    "weight NaN": (GOOD, SCORES, [1.0, NAN, 1.0, 1.0], "weight that is negative or not finite"),
    "weight inf": (GOOD, SCORES, [1.0, INF, 1.0, 1.0], "weight that is negative or not finite"),
    "predicted id = C": (GOOD, np.array([0, 3, 2, 1]), None, "prediction outside the classes"),
    "predicted id -1": (GOOD, np.array([0, -1, 2, 1]), None, "prediction outside the classes"),
    "predicted id 2**32 + 1": (GOOD, np.array([0, 2**32 + 1, 2, 1]), None, "prediction outside the classes"),
    "predicted uint8 255": (GOOD, np.array([0, 255, 2, 1], np.uint8), None, "prediction outside the classes"),
    "label and scores": (labels(7), scores(NAN), None, "label outside the classes"),
}
#: Scores that are kept as they are: likewise.
BAD_SCORES = {
    "score above 1": ({}, 1.5, "score outside 0 to 1 without from_logits=True"),
    "score below 0": ({}, -0.25, "score outside 0 to 1 without from_logits=True"),
    "infinite score": ({}, INF, "score outside 0 to 1 without from_logits=True"),
    "NaN": ({}, NAN, "NaN score"),
    "logit NaN": ({"from_logits": True}, NAN, "NaN score"),
}
each_bad_row = pytest.mark.parametrize(("y_true", "y_pred", "weight", "kind"), BAD_ROWS.values(), ids=BAD_ROWS)


def good_rows(*arrays):
    """The rows that are not bad."""
    return [None if array is None else np.delete(np.asarray(array), 1, axis=0) for array in arrays]


def run(how, metric, *batch):
    """One update eagerly, in a graph or under XLA."""
    tensors = [None if part is None else tf.convert_to_tensor(np.asarray(part)) for part in batch]
    update = metric.update_state
    if how != "eager":
        update = tf.function(update, jit_compile=how == "xla")
    update(*tensors)
    return metric


@pytest.mark.parametrize("how", ["eager", "graph", "xla"])
@each_bad_row
def test_a_bad_row_is_counted_apart_and_the_good_ones_as_ever(how, y_true, y_pred, weight, kind):
    metric = run(how, ConfusionMatrix(3), y_true, y_pred, weight)
    clean = fed(ConfusionMatrix(3), *good_rows(y_true, y_pred, weight))
    np.testing.assert_array_equal(metric.matrix, clean.matrix)
    assert metric.invalid == 1
    with pytest.raises(
        ValueError, match=f"confusion_matrix: 1 rows .*1 x {kind}.*ignore_class=, or pass on_invalid='skip'"
    ):
        metric.result()


@pytest.mark.parametrize("how", ["eager", "graph", "xla"])
@pytest.mark.parametrize(("options", "bad", "kind"), BAD_SCORES.values(), ids=BAD_SCORES)
def test_a_bad_score_is_counted_apart(how, options, bad, kind):
    y_pred, weight = scores([0.5, bad, 0.25]), np.ones((4, 3))
    weight[1, 1] = 0
    for y_true, given, multi_label in ((GOOD, weight.all(axis=1), False), (np.eye(3)[GOOD], weight, True)):
        metric, good = (AUROC(3, num_bins=8, multi_label=multi_label, **options) for _ in range(2))
        run(how, metric, y_true, y_pred, None)
        np.testing.assert_array_equal(metric.histogram, fed(good, y_true, y_pred, given).histogram)
        with pytest.raises(ValueError, match=rf"auroc: 1 (rows|entries) .*1 x {kind}"):
            metric.result()


@pytest.mark.parametrize("multi_label", [False, True])
def test_infinite_logits_are_numbers_to_a_histogram(multi_label):
    y_true = np.eye(3)[GOOD] if multi_label else GOOD
    metric = fed(AUROC(from_logits=True, multi_label=multi_label), y_true, scores([-INF, INF, -INF]))
    assert (metric.invalid, metric.result()) == (0, 1)


@each_way_of_counting
def test_every_metric_counts_the_good_rows_and_names_the_bad(make):
    bad = fed(make(), labels(255), SCORES)
    good = fed(make(), *good_rows(GOOD, SCORES))
    np.testing.assert_array_equal(bad.state_dict()["counts"], good.state_dict()["counts"])
    with pytest.raises(ValueError, match=f"{bad.name}: 1 rows could not be counted .*label outside"):
        bad.result()


@each_metric
def test_skip_leaves_bad_rows_out_and_keeps_their_number(make):
    metric = fed(make(on_invalid="skip"), labels(-7), SCORES)
    np.testing.assert_array_equal(value_of(metric), value_of(fed(make(), *good_rows(GOOD, SCORES))))
    assert metric.invalid == 1


@each_way_of_counting
def test_a_result_in_a_graph_is_nan_while_rows_are_invalid(make):
    metric = fed(make(), labels(3), SCORES)
    result = tf.function(metric.result)()
    assert all(np.isnan(part).all() for part in tf.nest.flatten(result))


@each_way_of_counting
def test_what_is_not_looked_at_cannot_be_invalid(make):
    y_pred = tf.constant(scores(NAN))
    left_out = [
        fed(make(), labels(99), y_pred, np.array([1.0, 0.0, 1.0, 1.0])),
        fed(make(ignore_class=[99]), labels(99), y_pred),
    ]
    y_pred._keras_mask = tf.constant([True, False, True, True])
    left_out.append(fed(make(), labels(99), y_pred, np.array([1.0, NAN, 1.0, 1.0])))
    for metric in left_out:
        np.testing.assert_array_equal(state_of(metric), state_of(fed(make(), *good_rows(GOOD, SCORES))))


@pytest.mark.parametrize("kind", [Accuracy, F1Score, TopKAccuracy])
def test_infinite_scores_are_numbers(kind):
    needs = {"k": 1} if kind is TopKAccuracy else {}
    metric = fed(kind(**needs), GOOD, scores([-INF, INF, -INF]))
    assert metric.invalid == 0
    assert metric.result() == 1


#: Bad entries of binary columns: (y_true, y_pred, sample_weight, kind); entry [1, 1] of (3, 2) is bad.
ANSWERS, CHANCES = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.9, 0.2], [0.7, 0.8], [0.1, 0.6]], np.float32)


def entry(values, bad, dtype=None):
    """The values with entry [1, 1] replaced."""
    values = values.astype(dtype or values.dtype)
    values[1, 1] = bad
    return values


BAD_ENTRIES = {
    "answer 2": (entry(ANSWERS, 2), CHANCES, None, "label outside the classes"),
    "answer -1": (entry(ANSWERS, -1), CHANCES, None, "label outside the classes"),
    "answer 0.5": (entry(ANSWERS, 0.5, float), CHANCES, None, "label that is not an integer"),
    "answer NaN": (entry(ANSWERS, NAN, float), CHANCES, None, "label that is not an integer"),
    "score NaN": (ANSWERS, entry(CHANCES, NAN), None, "NaN score"),
    "weight -1": (ANSWERS, CHANCES, entry(np.ones((3, 2)), -1), "weight that is negative or not finite"),
}


@pytest.mark.parametrize("how", ["eager", "graph", "xla"])
@pytest.mark.parametrize(("y_true", "y_pred", "weight", "kind"), BAD_ENTRIES.values(), ids=BAD_ENTRIES)
@pytest.mark.parametrize("threshold", [0.5, [0.5, 0.65]])
def test_only_the_bad_entry_of_a_column_is_left_out(how, y_true, y_pred, weight, kind, threshold):
    metric = run(how, F1Score(2, threshold=threshold), y_true, y_pred, weight)
    clean = fed(F1Score(threshold=threshold), ANSWERS, CHANCES, entry(np.ones((3, 2)), 0))
    np.testing.assert_array_equal(metric.state_dict()["counts"], clean.state_dict()["counts"])
    assert metric.invalid == 1
    with pytest.raises(ValueError, match=f"1 x {kind}"):
        metric.result()


@pytest.mark.parametrize("columns", [1, 2])
def test_bad_entries_are_told_with_the_labels_that_are_allowed(columns):
    metric = fed(F1Score(threshold=0.5), entry(ANSWERS, 2)[:, -columns:], CHANCES[:, -columns:])
    with pytest.raises(ValueError, match=r"1 entries could not be counted \(1 x label .*; labels 0 and 1\)"):
        metric.result()


def test_bad_ids_of_columns_are_told_with_the_classes():
    with pytest.raises(ValueError, match=r"1 rows could not be counted .*; classes 0 to 2\)"):
        fed(F1Score(threshold=0.5), labels(3), SCORES).result()


def test_a_row_with_a_bad_entry_is_no_exact_match_and_no_mismatch():
    metric = fed(ExactMatch(threshold=0.5, on_invalid="skip"), entry(ANSWERS, 2), CHANCES)
    assert (metric.invalid, metric.counts.total[0], metric.counts.tp[0]) == (1, 2, 1)


@pytest.mark.parametrize("y_true", [labels(3), labels(-1)])
def test_a_bad_id_with_columns_counts_once(y_true):
    metric = fed(F1Score(threshold=0.5), y_true, SCORES)
    assert metric.invalid == 1
    clean = fed(F1Score(threshold=0.5), *good_rows(y_true, SCORES))
    np.testing.assert_array_equal(metric.state_dict()["counts"], clean.state_dict()["counts"])


def test_kinds_and_numbers_add_up_over_batches():
    metric = fed(fed(MacroF1(), labels(3), SCORES), labels(2.5), scores(NAN))
    fed(metric, labels(-1), SCORES)
    message = r"macro_f1: 3 rows .*2 x label outside the classes, 1 x label that is not an integer; classes 0 to 2"
    with pytest.raises(ValueError, match=message):
        metric.result()


def test_a_reset_forgives():
    metric = fed(MacroF1(), labels(3), SCORES)
    metric.reset_state()
    assert fed(metric, GOOD, SCORES).result() == 1


# Keras


@pytest.fixture(scope="module", params=[False, True], ids=["graph", "xla"])
def model(request):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x + 0.0), keras.layers.Dense(3)])
    model.compile("sgd", lambda y_true, y_pred: tf.reduce_sum(y_pred) * 0.0, jit_compile=request.param,
                  metrics=[MacroF1(), ScoreSet(scores=["accuracy"])])  # fmt: skip
    return model


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_keras_raises_at_the_end_of_an_epoch_and_of_evaluate(model, call):
    with pytest.raises(ValueError, match="macro_f1: 1 rows could not be counted"):
        getattr(model, call)(SCORES, labels(255), batch_size=2, verbose=0)
    model.reset_metrics()
    getattr(model, call)(SCORES, np.array(GOOD), batch_size=2, verbose=0)


@pytest.mark.parametrize("call", ["train_on_batch", "test_on_batch"])
def test_a_step_of_ones_own_shows_nan(model, call):
    logs = getattr(model, call)(SCORES, labels(255), return_dict=True)
    assert np.isnan([logs["macro_f1"], logs["accuracy"]]).all()
    with pytest.raises(ValueError, match="macro_f1: 1 rows could not be counted"):
        model.get_metrics_result()
    model.reset_metrics()
    assert getattr(model, call)(SCORES, np.array(GOOD), return_dict=True)["macro_f1"] >= 0
