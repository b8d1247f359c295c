"""On request rows keep the scores of all classes, in half the space of other numbers, and no more than fit a file."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.callbacks.row_log import KeptRows
from fmnist_tf.labels import InputSpec
from fmnist_tf.rows import recorder as recorders
from fmnist_tf.rows.receiver import Rows
from fmnist_tf.rows.recorder import RowRecorder
from fmnist_tf.rows.shown import Tags
from support.tagged import model_of

P = tf.nn.softmax(np.random.default_rng(0).normal(size=(40, 3))).numpy().astype("float32")
Y = np.arange(40) % 3


@pytest.fixture(scope="module")
def model():
    return model_of()


def recorded(model, y_true=Y, y_pred=P, spec=None, scores=True, batch=10):
    recorder = RowRecorder(model, spec or InputSpec(), scores=scores)
    recorder.start()
    for first in range(0, len(y_true), batch):
        part = slice(first, first + batch)
        ids = tf.constant(np.arange(len(y_true))[::-1][part], tf.int64)
        recorder.record(Rows(y_true[part], tf.constant(y_pred[part]), None, Tags(ids, {})), False)
        recorder.fetch()
    return recorder.finish()


def test_scores_are_those_of_the_model_in_the_order_of_ids(model):
    rows = recorded(model)
    assert rows.dtype.names == ("id", "label", "predicted", "confidence", "scores")
    assert rows["scores"].dtype == np.float32
    np.testing.assert_array_equal(rows["scores"], P[::-1])


def test_rows_do_not_keep_them_unasked(model):
    assert recorded(model, scores=False).dtype.names == ("id", "label", "predicted", "confidence")


def test_one_column_keeps_the_score_of_yes(model):
    rows = recorded(model, Y > 0, P[:, :1])
    np.testing.assert_array_equal(rows["scores"], P[::-1, :1])


def test_binary_columns_keep_a_score_each_and_ignored_rows_none(model):
    rows = recorded(model, np.eye(3, dtype="float32")[Y], P, InputSpec(threshold=0.5))
    np.testing.assert_array_equal(rows["scores"], P[::-1])
    np.testing.assert_array_equal(recorded(model, spec=InputSpec(ignore_class=(1,)))["scores"], P[::-1][Y[::-1] != 1])


def test_class_ids_have_no_scores(model):
    with pytest.raises(ValueError, match=r"ScoreLogger\(rows='scores'\) keeps scores of a float dtype, got int64"):
        recorded(model, Y, Y.astype("int64"), InputSpec(num_classes=3))


def test_wide_rows_are_fetched_in_smaller_parts(model, monkeypatch):
    monkeypatch.setattr(recorders, "_BUFFER_BYTES", 15 * 8 * 9)  # fifteen rows of nine numbers
    np.testing.assert_array_equal(recorded(model)["scores"], P[::-1])
    with pytest.raises(ValueError, match="more than 15 rows came in one call"):
        recorded(model, batch=20)


def test_more_scores_than_a_file_may_hold_are_refused_with_the_number_of_rows(model, monkeypatch):
    monkeypatch.setattr(recorders, "_MOST_SCORES", 300)
    with pytest.raises(ValueError, match=r"at most 300 bytes of scores, .* which is 25 rows of 3 classes; give rows=T"):
        recorded(model)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (False, (False, {}, False)),
        (True, (True, {}, False)),
        ("scores", (True, {}, True)),
        ({"val": P}, (True, {"val": P}, False)),
        ({"val": P, "scores": True}, (True, {"val": P}, True)),
        ({"scores": P}, (True, {"scores": P}, False)),  # the images of a set of that name
    ],
)
def test_the_argument_of_the_logger_says_what_is_kept(rows, expected):
    assert KeptRows.of(rows) == expected


@pytest.mark.parametrize("rows", ["score", None, 1])
def test_another_argument_is_refused(rows):
    with pytest.raises(ValueError, match="`rows` must be True, False, 'scores' or a dict"):
        KeptRows.of(rows)
