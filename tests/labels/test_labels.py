"""Every form of input says the same, every dtype keeps its values, and every misfit of shapes is named."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.labels import IGNORED, InputSpec, canonicalize
from fmnist_tf.metrics import ConfusionMatrix, ExactMatch, F1Score, MultilabelConfusionMatrix, TopKAccuracy
from support.catalogue import fed, state_of, stream

Y_TRUE, SCORES = stream(12)
ONE_HOT, CHOSEN = np.eye(3)[Y_TRUE], SCORES.argmax(axis=1)
WEIGHT = np.arange(12) / 4


def matrix_of(*batch, **kwargs):
    """The confusion matrix of one batch."""
    return np.asarray(fed(ConfusionMatrix(3, **kwargs), *batch).matrix)


# Forms of multiclass input

FORMS = {
    "ids (N, 1)": (Y_TRUE[:, None], SCORES),
    "one-hot": (ONE_HOT, SCORES),
    "one-hot of integers": (ONE_HOT.astype(np.uint8), SCORES),
    "one-hot of booleans": (ONE_HOT.astype(bool), SCORES),
    "soft labels": (ONE_HOT * 0.4 + 0.2, SCORES),
    "Python lists": (Y_TRUE.tolist(), SCORES.tolist()),
    "predicted ids": (Y_TRUE, CHOSEN),
    "predicted ids (N, 1)": (Y_TRUE[:, None], CHOSEN[:, None]),
    "dense ids": (Y_TRUE.reshape(3, 4), SCORES.reshape(3, 4, 3)),
    "dense ids (..., 1)": (Y_TRUE.reshape(3, 4, 1), SCORES.reshape(3, 4, 3)),
    "dense one-hot": (ONE_HOT.reshape(3, 2, 2, 3), SCORES.reshape(3, 2, 2, 3)),
    "dense predicted ids": (Y_TRUE.reshape(2, 6), CHOSEN.reshape(2, 6)),
    "logits": (Y_TRUE, np.log(np.float64(SCORES) + 0.1)),
}


@pytest.mark.parametrize(("y_true", "y_pred"), FORMS.values(), ids=FORMS)
def test_all_forms_of_classes_count_the_same(y_true, y_pred):
    np.testing.assert_array_equal(matrix_of(y_true, y_pred), matrix_of(Y_TRUE, SCORES))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                                   "float16", "bfloat16", "float32", "float64"])  # fmt: skip
def test_labels_of_every_dtype_count_the_same(dtype):
    np.testing.assert_array_equal(matrix_of(tf.cast(Y_TRUE, dtype), SCORES), matrix_of(Y_TRUE, SCORES))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_scores_of_every_dtype_count_the_same(dtype):
    np.testing.assert_array_equal(matrix_of(Y_TRUE, tf.cast(SCORES, dtype)), matrix_of(Y_TRUE, SCORES))


@pytest.mark.parametrize("bad", [np.array([255], np.uint8), np.array([2**32 + 1]), np.array([2.0**32 + 1])])
def test_no_label_wraps_into_the_classes(bad):
    metric = fed(ConfusionMatrix(2, on_invalid="skip"), bad, np.array([[0.1, 0.9]]))
    assert (metric.invalid, np.sum(metric.matrix)) == (1, 0)


def test_a_row_of_equal_scores_ties_to_the_first():
    labels = canonicalize([0, 0], np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0]]))
    np.testing.assert_array_equal(labels.pred, [0, 1])


def test_large_labels_and_predicted_ids_of_integers_are_read_as_they_are():
    labels = canonicalize([2**32 + 1, 2**53 + 1], [2**32 + 1, 0], spec=InputSpec(2**60))
    np.testing.assert_array_equal(labels.true, [2**32 + 1, 2**53 + 1])
    np.testing.assert_array_equal(labels.status, [0, 0])


# Forms of columns

ANSWERS = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 0], [1, 1, 0]])
CHANCES = np.array([[0.9, 0.5, 0.2], [0.1, 0.75, 0.6], [0.6, 0.2, 0.1], [0.8, 0.4, 0.7]])
COLUMNS = {
    "integers": (ANSWERS, CHANCES),
    "booleans": (ANSWERS.astype(bool), CHANCES),
    "floats": (ANSWERS.astype(np.float16), CHANCES.astype(np.float32)),
    "uint8": (ANSWERS.astype(np.uint8), CHANCES),
    "dense": (ANSWERS.reshape(2, 2, 3), CHANCES.reshape(2, 2, 3)),
    "answers of integers": (ANSWERS, (CHANCES > 0.5).astype(np.int32)),
    "answers of booleans": (ANSWERS, CHANCES > 0.5),
}


@pytest.mark.parametrize(("y_true", "y_pred"), COLUMNS.values(), ids=COLUMNS)
def test_all_forms_of_columns_count_the_same(y_true, y_pred):
    counted = fed(MultilabelConfusionMatrix(threshold=0.5), y_true, y_pred).matrix
    yes, said = ANSWERS == 1, CHANCES > 0.5
    expected = [
        [[(~y & ~s).sum(), (~y & s).sum()], [(y & ~s).sum(), (y & s).sum()]] for y, s in zip(yes.T, said.T, strict=True)
    ]
    np.testing.assert_array_equal(counted, expected)


ONE = (ANSWERS[:, 0], CHANCES[:, 0])
BINARY = {
    "(N,) and (N,)": ONE,
    "(N,) and (N, 1)": (ONE[0], ONE[1][:, None]),
    "(N, 1) and (N, 1)": (ONE[0][:, None], ONE[1][:, None]),
    "(N, 1) and (N,)": (ONE[0][:, None], ONE[1]),
    "booleans": (ONE[0].astype(bool), ONE[1]),
    "boolean predictions": (ONE[0], ONE[1] > 0.5),
}


@pytest.mark.parametrize(("y_true", "y_pred"), BINARY.values(), ids=BINARY)
@pytest.mark.parametrize("threshold", [None, 0.5])
def test_all_forms_of_one_column_count_the_same(y_true, y_pred, threshold):
    metric = fed(ConfusionMatrix(threshold=threshold), y_true, y_pred)
    np.testing.assert_array_equal(metric.matrix, [[1, 1], [0, 2]])


def test_ids_against_columns_are_one_hot():
    ours, theirs = F1Score(threshold=0.5), F1Score(threshold=0.5)
    np.testing.assert_array_equal(state_of(fed(ours, Y_TRUE, SCORES)), state_of(fed(theirs, ONE_HOT, SCORES)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("threshold", [0.3, 0.5, [0.3]])
def test_yes_is_strictly_above_the_threshold_in_the_precision_of_the_scores(dtype, threshold):
    scores = tf.cast([[np.ravel(threshold)[0]], [np.ravel(threshold)[0] + 0.01]], dtype)
    assert np.ravel(fed(F1Score(threshold=threshold), [[1], [1]], scores).counts.tp) == 1


def test_a_threshold_of_zero_reads_logits():
    logits = np.log(CHANCES) - np.log1p(-CHANCES)
    ours, theirs = fed(F1Score(threshold=0.0), ANSWERS, logits), fed(F1Score(threshold=0.5), ANSWERS, CHANCES)
    np.testing.assert_array_equal(ours.counts, theirs.counts)


def test_several_thresholds_are_the_first_axis_of_result_and_counts():
    metric = fed(F1Score(threshold=[0.3, 0.5, 0.7], average=None), ANSWERS, CHANCES)
    assert metric.counts.tp.shape == metric.result().shape == (3, 3)
    alone = fed(F1Score(threshold=0.7, average=None), ANSWERS, CHANCES)
    np.testing.assert_array_equal(metric.result()[2], alone.result())


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_of_equal_scores_the_lower_index_is_among_the_k_largest(dtype):
    labels = canonicalize([0], np.array([[1, 2, 1, 1]], dtype), spec=InputSpec(top_k=2))
    np.testing.assert_array_equal(labels.pred, [[True, True, False, False]])
    ties = np.ones((3, 4), np.float32)
    assert fed(TopKAccuracy(k=2, dtype="float64"), [0, 1, 2], ties).result() == 2 / 3


# Weights, masks, ignored classes

DENSE_TRUE, DENSE_SCORES = Y_TRUE.reshape(3, 4), SCORES.reshape(3, 4, 3)
BY_ROW, BY_POSITION = np.array([0.5, 0.0, 2.0]), np.arange(12).reshape(3, 4) / 4
WEIGHTS = {
    "scalar": (2.0, np.full((3, 4), 2.0)),
    "integer scalar": (2, np.full((3, 4), 2.0)),
    "(N,)": (BY_ROW, np.repeat(BY_ROW, 4).reshape(3, 4)),
    "(N, 1)": (BY_ROW[:, None], np.repeat(BY_ROW, 4).reshape(3, 4)),
    "(N, T)": (BY_POSITION, BY_POSITION),
    "(N, T, 1)": (BY_POSITION[..., None], BY_POSITION),
    "(1, T)": (BY_POSITION[:1], np.tile(BY_POSITION[0], (3, 1))),
    "booleans": (BY_POSITION > 1, (BY_POSITION > 1) * 1.0),
}


@pytest.mark.parametrize(("weight", "dense"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights_broadcast_from_the_left(weight, dense):
    ours = matrix_of(DENSE_TRUE, DENSE_SCORES, weight)
    np.testing.assert_array_equal(ours, matrix_of(Y_TRUE, SCORES, dense.ravel()))


@pytest.mark.parametrize("weight", [np.array([1.0, 2, 3, 4]), np.array([[1.0], [2], [3], [4]]),
                                    np.repeat([[1.0], [2], [3], [4]], 3, axis=1)])  # fmt: skip
def test_weights_of_columns_belong_to_rows_or_entries(weight):
    ours = fed(F1Score(threshold=0.5), ANSWERS, CHANCES, weight)
    repeated = fed(F1Score(threshold=0.5), *(np.repeat(part, [1, 2, 3, 4], axis=0) for part in (ANSWERS, CHANCES)))
    np.testing.assert_array_equal(ours.counts, repeated.counts)


def test_weights_of_one_column_each():
    weight = np.array([1.0, 0.0, 2.0]) * np.ones((4, 1))
    plain, ours = (fed(F1Score(threshold=0.5), ANSWERS, CHANCES, w).counts for w in (None, weight))
    np.testing.assert_array_equal(ours.tp, plain.tp * [1, 0, 2])


@pytest.mark.parametrize("mask", [np.array([True, False, True]), BY_POSITION > 1])
def test_a_keras_mask_leaves_positions_out(mask):
    y_pred = tf.constant(DENSE_SCORES)
    y_pred._keras_mask = tf.constant(mask)
    weight = np.broadcast_to(mask.reshape(3, -1), (3, 4)) * 1.0
    np.testing.assert_array_equal(matrix_of(DENSE_TRUE, y_pred), matrix_of(DENSE_TRUE, DENSE_SCORES, weight))


@pytest.mark.parametrize("ignore_class", [1, [1], [1, 255], [-1, 1, 7]])
@pytest.mark.parametrize("y_true", [Y_TRUE, ONE_HOT, Y_TRUE.astype(np.float32), Y_TRUE[:, None]])
def test_ignored_classes_leave_their_rows_out(ignore_class, y_true):
    kept = Y_TRUE != 1
    ours = matrix_of(y_true, SCORES, ignore_class=ignore_class)
    np.testing.assert_array_equal(ours, matrix_of(Y_TRUE[kept], SCORES[kept]))


def test_an_ignored_answer_leaves_out_its_entry_alone():
    predictions = np.where(np.arange(12).reshape(4, 3) % 5 == 0, -1, ANSWERS)
    ours = fed(F1Score(threshold=0.5, ignore_class=-1), predictions, CHANCES)
    theirs = fed(F1Score(threshold=0.5), ANSWERS, CHANCES, (predictions >= 0) * 1.0)
    np.testing.assert_array_equal(state_of(ours), state_of(theirs))


def test_ignored_positions_do_not_matter_to_an_exact_match():
    metric = fed(ExactMatch(3, ignore_class=9), np.array([[0, 9], [1, 2], [9, 9]]), np.array([[0, 1], [1, 1], [0, 0]]))
    assert (metric.counts.tp[0], metric.counts.total[0]) == (1, 2)


def test_what_is_left_out_is_marked_as_such():
    labels = canonicalize([0, 5, 1], [0, 1, 1], [1.0, 1.0, 0.0], InputSpec(3, ignore_class=(5,)))
    np.testing.assert_array_equal(labels.status, [0, IGNORED, IGNORED])


# Sizes


@pytest.mark.parametrize("y_true", [Y_TRUE, Y_TRUE[:, None], ONE_HOT])
def test_an_empty_batch_counts_nothing(y_true):
    assert not matrix_of(y_true[:0], SCORES[:0], WEIGHT[:0]).any()


@pytest.mark.parametrize("y_true", [Y_TRUE, Y_TRUE[:, None], ONE_HOT], ids=["ids", "ids (N, 1)", "one-hot"])
@pytest.mark.parametrize("weight", [WEIGHT, WEIGHT[:, None]], ids=["(N,)", "(N, 1)"])
def test_a_batch_of_unknown_size_is_counted(y_true, weight):
    metric = ConfusionMatrix(3)
    shapes = [tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in (y_true, SCORES, weight)]
    tf.function(metric.update_state, input_signature=shapes)(y_true, SCORES, weight)
    np.testing.assert_array_equal(metric.matrix, matrix_of(Y_TRUE, SCORES, WEIGHT))


def test_sizes_that_differ_at_run_time_fail():
    metric = ConfusionMatrix(3)
    update = tf.function(
        metric.update_state, input_signature=[tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, 3], tf.float32)]
    )
    with pytest.raises(tf.errors.InvalidArgumentError):
        update(Y_TRUE[:5], SCORES)


MISFITS = [
    (np.zeros(5), np.zeros((4, 3)), {}, r"`y_true` of shape \(5,\) does not fit `y_pred` of shape \(4, 3\)"),
    (np.zeros((4, 2)), np.zeros((4, 3)), {}, r"shape \(4, 2\) does not fit .* \(4, 3\)"),
    (np.zeros((4, 2, 2)), np.zeros((4, 3)), {}, r"shape \(4, 2, 2\) does not fit .* \(4, 3\)"),
    (np.zeros((4, 5)), np.zeros((4, 6, 3)), {}, r"shape \(4, 5\) does not fit .* \(4, 6, 3\)"),
    (np.zeros(4), np.zeros(5), {}, r"shape \(4,\) does not fit .* \(5,\)"),
    (np.zeros(4), np.zeros(4), {"num_classes": 3}, r"shape \(4,\) does not fit .* \(4,\).*last axis of that width"),
    (np.zeros(4, int), np.zeros(5, int), {"num_classes": 3}, r"shape \(4,\) does not fit .* \(5,\)"),
    (np.zeros((4, 2), int), np.zeros(4, int), {"num_classes": 3}, r"shape \(4, 2\) does not fit .* \(4,\)"),
    (np.zeros((4, 3), int), np.zeros((4, 3), int), {"num_classes": 3}, r"cast one-hot predictions to bool or float"),
    (np.zeros(4, int), np.zeros((4, 3), int), {"num_classes": 3}, r"class ids a flat shape, as tf.reshape"),
    (np.zeros(4, int), np.zeros(4, int), {}, r"pass threshold=0.5, .* pass num_classes="),
    (np.zeros(4), np.zeros((4, 3)), {"num_classes": 2}, r"\(4, 3\) scores 3 classes, but the metric counts 2"),
    (np.zeros(4), np.zeros((4, 0)), {}, r"\(4, 0\) has no classes"),
    (np.float64(0), np.zeros((4, 3)), {}, r"`y_true` must have a batch axis"),
    (np.zeros(4), np.zeros((4, 3)), {"top_k": 4}, r"`top_k` must be at most the number of classes, 3, got 4"),
]


@pytest.mark.parametrize(("y_true", "y_pred", "kwargs", "message"), MISFITS)
def test_shapes_that_do_not_fit_are_named(y_true, y_pred, kwargs, message):
    with pytest.raises(ValueError, match=message):
        F1Score(**kwargs).update_state(y_true, y_pred)


@pytest.mark.parametrize("weight", [np.ones(5), np.ones((4, 2)), np.ones((1, 4)), np.ones((4, 1, 1))])
def test_a_weight_that_does_not_broadcast_is_named_with_both_shapes(weight):
    with pytest.raises(ValueError, match=r"`sample_weight` of shape \(.*\) does not broadcast .* shape \(4,\)"):
        F1Score().update_state(np.zeros(4), np.zeros((4, 3)), weight)


@pytest.mark.parametrize(
    ("labels", "options", "weight", "told"),
    [
        ((32,), {}, (31,), r"\(31,\) does not broadcast .* \(32,\)"),
        ((8, 4), {}, (4,), r"\(4,\) does not broadcast .* \(8, 4\)"),
        ((32, 3), {"threshold": 0.5}, (31, 1), r"\(31, 1\) does not broadcast .* \(32, 3\)"),
    ],
)
def test_a_weight_that_does_not_fit_is_named_in_later_batches_too(labels, options, weight, told):
    metric = F1Score(3, **options)
    y_true, y_pred = np.zeros(labels, int), np.ones(labels if options else (*labels, 3))
    for rows in (labels[0], labels[0] - 1):
        metric.update_state(y_true[:rows], y_pred[:rows], np.ones(labels)[:rows])
    before = state_of(metric)
    with pytest.raises(ValueError, match=f"`sample_weight` of shape {told}"):
        metric.update_state(y_true, y_pred, np.ones(weight))
    np.testing.assert_array_equal(state_of(metric), before)


def test_a_bare_column_takes_the_weights_of_its_positions():
    y_true, y_pred, weight = np.array([0, 1, 1]), np.array([0.2, 0.7, 0.4]), np.array([1.0, 2.0, 3.0])
    expected = state_of(fed(F1Score(), y_true[:, None], y_pred[:, None], weight))
    for shaped in (weight, weight[:, None]):
        np.testing.assert_array_equal(state_of(fed(F1Score(), y_true, y_pred, shaped)), expected)


@pytest.mark.parametrize(("rows", "width"), [(31, None), (33, None), (31, 3)])
def test_lengths_that_differ_are_named_in_later_batches_too(rows, width):
    metric = fed(F1Score(3), np.zeros(32, int), np.ones((32, 3)))
    with pytest.raises(ValueError, match=rf"`y_true` of shape \({rows},.*\) does not fit .* \(32, 3\)"):
        metric.update_state(np.zeros((rows, width) if width else rows, int), np.ones((32, 3)))


def test_strings_are_no_labels():
    with pytest.raises(TypeError, match="`y_true` must hold numbers or booleans, got string"):
        F1Score().update_state(["a"], np.zeros((1, 3)))


def test_a_tensor_of_unknown_rank_is_asked_for_a_static_one():
    update = tf.function(F1Score(3).update_state, input_signature=[tf.TensorSpec(None), tf.TensorSpec([None, 3])])
    with pytest.raises(ValueError, match="`y_true` has unknown rank; give it a static one"):
        update(tf.zeros(2), tf.zeros((2, 3)))


@pytest.mark.parametrize(
    ("y_true", "told"),
    [(None, "must be arrays or tensors, got None"), (tf.sparse.from_dense([0, 1]), r"pass tf\.sparse\.to_dense")],
)
def test_what_is_no_array_is_refused_with_the_remedy(y_true, told):
    with pytest.raises(TypeError, match=told):
        F1Score(3).update_state(y_true, tf.zeros([2, 3]))


def test_a_ragged_tensor_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"pass \.flat_values"):
        F1Score(3).update_state(tf.ragged.constant([[0, 1], [2]]), tf.zeros([2, 2, 3]))
