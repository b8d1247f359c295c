"""The table of a ledger in plain NumPy, for models that stand still."""

import numpy as np
from scipy.special import expit, softmax


def replay(logits, labels):
    """The table of logits (E, N, C), one look at every row an epoch, in plain float64."""
    own = np.take_along_axis(logits, labels[None, :, None], -1)[..., 0]
    rest = np.where(np.arange(logits.shape[-1]) == labels[:, None], -np.inf, logits).max(-1)
    probability = np.take_along_axis(softmax(logits, -1), labels[None, :, None], -1)[..., 0]
    return fields(logits.argmax(-1) == labels, own - rest, probability)


def replay_columns(logits, yes):
    """The table of logits (E, N, C) of columns whose labels (N, C) are yes or no."""
    margin = np.where(yes, logits, -logits)
    return fields((margin > 0).all(-1), margin.min(-1), expit(margin).min(-1))


def fields(right, margin, probability):
    """The fields of a table, of values (E, N)."""
    return {
        "seen": np.full(right.shape[1], len(right)),
        "correct": right.sum(0),
        "forgotten": (right[:-1] & ~right[1:]).sum(0),
        "first_learned": np.where(right.any(0), right.argmax(0), -1),
        "margin": margin.mean(0),
        "confidence": probability.mean(0),
        "variability": probability.std(0),
    }
