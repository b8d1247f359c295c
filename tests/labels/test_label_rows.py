"""A row of multiclass labels is a distribution; other rows are invalid, and the error names the remedy."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import AUROC, ConfusionMatrix, F1Score, HammingLoss, MacroF1
from support.catalogue import fed

SCORES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
REASON = "row of labels that is not one class"


def labels(row, dtype="float64"):
    """One-hot rows with another one in the second place."""
    return tf.cast(np.array([[1, 0, 0], row, [0, 0, 1]]), dtype)


@pytest.mark.parametrize("how", ["eager", "graph", "xla"])
@pytest.mark.parametrize(
    ("row", "dtype"),
    [
        ([1, 1, 0], "float32"),
        ([1, 1, 1], "int64"),
        ([1, 1, 0], "bool"),
        ([2, -1, 0], "float64"),
        ([0.3, 0.3, 0.3], "float32"),
        ([0.5, 0.6, 0.0], "float16"),
        ([0, 2, 0], "uint8"),
    ],
)
def test_a_row_that_is_no_distribution_is_counted_apart(row, dtype, how):
    metric = ConfusionMatrix(3)
    update = metric.update_state if how == "eager" else tf.function(metric.update_state, jit_compile=how == "xla")
    update(labels(row, dtype), tf.constant(SCORES))
    np.testing.assert_array_equal(metric.matrix, np.diag([1, 0, 1]))
    with pytest.raises(ValueError, match=rf"1 rows .*1 x {REASON}.*threshold=0\.5.*multi_label=True"):
        metric.result()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_soft_labels_of_any_dtype_count_by_their_largest_entry(dtype):
    rows = tf.cast(np.eye(3) * 0.85 + 0.05, dtype)
    assert fed(MacroF1(), rows, SCORES).result() == 1


def test_a_thousand_soft_classes_in_half_precision_are_a_distribution():
    rows = tf.cast(np.eye(1000)[:4] * 0.9 + 0.1 / 1000, "float16")
    assert fed(MacroF1(), rows, np.eye(1000)[:4]).invalid == 0


@pytest.mark.parametrize("row", [[0, 0, 0], [np.nan, 0, 1], [1, 1, 0]])
def test_a_row_without_a_class_is_not_that_of_an_ignored_one(row):
    assert fed(MacroF1(ignore_class=0), labels(row), SCORES).invalid == 1


def test_several_ones_a_row_are_refused_by_curves_too():
    metric = fed(AUROC(num_bins=8), labels([1, 1, 0]), SCORES)
    with pytest.raises(ValueError, match=rf"1 x {REASON}.*multi_label=True"):
        metric.result()


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_soft_labels_of_a_column_ask_for_rounding(shape):
    metric = fed(F1Score(), np.array([0.05, 0.95]).reshape(shape), np.array([0.1, 0.8]).reshape(shape))
    with pytest.raises(ValueError, match=r"2 entries .*round soft labels of columns, as tf\.round.*in the loss"):
        metric.result()


# Class ids

IDS, PREDICTED = np.array([0, 1, 2, 1]), np.array([0, 2, 2, 1])


@pytest.mark.parametrize("weight", [None, [1.0, 2.0, 3.0, 4.0], [[1.0], [2.0], [3.0], [4.0]]])
@pytest.mark.parametrize(("true", "pred"), [((4, 1), (4,)), ((4,), (4, 1)), ((4, 1), (4, 1))])
def test_ids_with_and_without_a_last_axis_are_the_same(true, pred, weight):
    ours = fed(ConfusionMatrix(3), IDS.reshape(true), PREDICTED.reshape(pred), weight)
    plain = fed(ConfusionMatrix(3), IDS, PREDICTED, None if weight is None else np.ravel(weight))
    np.testing.assert_array_equal(ours.matrix, plain.matrix)


@pytest.mark.parametrize(("true", "pred"), [((None, 1), (None,)), ((None,), (None, 1))])
def test_ids_of_unknown_length_too(true, pred):
    metric = ConfusionMatrix(3)
    specs = [tf.TensorSpec(true, tf.int32), tf.TensorSpec(pred, tf.int32)]
    flat = [np.int32(part).reshape([-1, 1] if len(shape) == 2 else [-1])
            for part, shape in ((IDS, true), (PREDICTED, pred))]  # fmt: skip
    tf.function(metric.update_state, input_signature=specs)(*flat)
    np.testing.assert_array_equal(metric.matrix, fed(ConfusionMatrix(3), IDS, PREDICTED).matrix)


@pytest.mark.parametrize("true", [(4,), (4, 3), (2, 4, 3)])
@pytest.mark.parametrize("dtype", ["int32", "uint8"])
def test_integer_predictions_as_wide_as_the_classes_name_both_remedies(true, dtype):
    y_pred = np.zeros((*true[:-1], 3) if len(true) > 1 else (4, 3), dtype)
    with pytest.raises(ValueError, match=r"bool or float, give class ids a flat shape, as tf\.reshape"):
        F1Score(3).update_state(np.zeros(true, int), y_pred)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_integers_of_one_column_name_the_threshold_first(shape):
    with pytest.raises(ValueError, match=r"pass threshold=0\.5, .*num_classes="):
        F1Score().update_state(np.zeros(shape, int), np.ones(shape, int))


# Weights of other kinds


@pytest.mark.parametrize(
    ("weight", "told"),
    [
        (np.array([1j, 1, 1]), "complex128"),
        (tf.constant([1, 1, 1], tf.complex64), "complex64"),
        ([1j, 1, 1], "complex128"),
        (["a", "b", "c"], "string"),
        (np.array([1, None, 2], object), "an array of Python objects"),
    ],
)
def test_weights_that_are_no_numbers_are_a_type_error(weight, told):
    with pytest.raises(TypeError, match=f"`sample_weight` must hold numbers or booleans, got {told}"):
        F1Score().update_state([0, 1, 2], SCORES, weight)


def test_objects_are_no_labels():
    with pytest.raises(TypeError, match="must hold numbers or booleans, got an array of Python objects"):
        F1Score().update_state(np.array([0, None, 2], object), SCORES)


# Shares of entries


def test_accuracy_and_hamming_loss_of_columns_are_shares_of_all_entries():
    y_true, y_pred = [[1, -1], [0, -1], [1, -1]], [[0.9, 0.9], [0.1, 0.2], [0.2, 0.9]]
    from fmnist_tf.metrics import Accuracy

    options = {"threshold": 0.5, "ignore_class": -1, "dtype": "float64"}
    right, wrong = (fed(kind(**options), y_true, y_pred).result() for kind in (Accuracy, HammingLoss))
    assert (right, right + wrong) == (2 / 3, 1)
