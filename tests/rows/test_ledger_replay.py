"""The table of a ledger is, for labels of every kind, what a replay in NumPy says: eager, in a graph, under XLA."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, softmax

from fmnist_tf.rows.margins import outcome
from fmnist_tf.rows.table import UNSEEN, Marks, as_structured, count_rows
from support.ledger import replay, replay_columns
from support.marks import heavy

CLASSES, ROWS, EPOCHS = 3, 12, 4


def counted(scores, y_true, *, mode, batch=5, from_logits=True, multi_label=False):
    """The table that the step makes of scores (E, N, C), each epoch in another order, in batches that do not divide."""
    table = tf.Variable(np.tile(np.asarray(UNSEEN, np.float32), (len(y_true) + 1, 1)))
    marks, number = tf.Variable(np.zeros(6, np.int64)), len(y_true)

    def step(ids, y_true, scores):
        found = outcome(y_true, scores, scores if from_logits else None, multi_label=multi_label)
        count_rows(table, marks, ids, found, number)

    if mode != "eager":
        step = tf.function(step, jit_compile=mode == "xla", reduce_retracing=True)
    for epoch, of_epoch in enumerate(scores):
        marks.assign(Marks(epoch, 1, 0, 0, 0, 0))
        order = np.random.default_rng(epoch).permutation(len(y_true))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            step(tf.constant(rows), tf.constant(y_true[rows]), tf.constant(of_epoch[rows], tf.float32))
    return as_structured(table.numpy()[:-1])


RNG = np.random.default_rng(5)
LOGITS, LABELS = RNG.normal(size=(EPOCHS, ROWS, CLASSES)), RNG.integers(0, CLASSES, ROWS)
YES = RNG.integers(0, 2, (ROWS, CLASSES))
ONE_HOT = np.eye(CLASSES, dtype="float32")[LABELS]
#: kind -> scores, labels, options of `counted`, the table of the replay and its labels
KINDS = {
    "logits": (LOGITS, LABELS, {}, replay(LOGITS, LABELS), LABELS),
    "probabilities": (softmax(LOGITS, -1), LABELS, {"from_logits": False}, replay(LOGITS, LABELS), LABELS),
    "one-hot": (LOGITS, ONE_HOT, {}, replay(LOGITS, LABELS), LABELS),
    "soft": (LOGITS, 0.7 * ONE_HOT + 0.1, {}, replay(LOGITS, LABELS), LABELS),
    "one sigmoid": (
        expit(LOGITS[..., :1]),
        YES[:, :1],
        {"from_logits": False},
        replay_columns(LOGITS[..., :1], YES[:, :1]),
        YES[:, 0],
    ),
    "columns": (LOGITS, YES, {"multi_label": True}, replay_columns(LOGITS, YES), np.full(ROWS, -1)),
}


@pytest.mark.parametrize("mode", ["graph", heavy("eager"), heavy("xla")])
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_what_a_replay_says(kind, mode):
    scores, y_true, options, wanted, labels = KINDS[kind]
    table = counted(scores, y_true, mode=mode, **options)
    for name, value in wanted.items():
        np.testing.assert_allclose(table[name], value, rtol=1e-5, atol=1e-6, err_msg=name)
    assert table["label"].tolist() == labels.tolist()


def test_a_small_deviation_of_a_large_number_of_looks_is_not_lost():
    """Sums of squares in float32 would leave nothing of a deviation of 1e-4 beside a mean near 1."""
    looks = np.zeros((300, 1, 2))
    looks[:, 0, 1] = 7 + np.random.default_rng(0).normal(size=300) * 0.1
    labels = np.array([1])
    assert counted(looks, labels, mode="xla")["variability"] == pytest.approx(
        replay(looks, labels)["variability"], rel=1e-2
    )
