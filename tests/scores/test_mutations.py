"""A sample of the errors that `mutate.py` plants: oracles catch a wrong formula and pass the right."""

import inspect

import pytest

from fmnist_tf.scores import SCORES, table
from support import mutate

SAMPLE = {
    "precision": ("return c.tp, c.predicted\n", "return c.tp, c.support\n"),
    "true_positives": ("return c.tp, tf.ones_like(c.tp)", "return c.fn, tf.ones_like(c.tp)"),
    "recall": ("return c.tp, c.support\n", "return c.fn, c.support\n"),
    "f1_score": ("2.0 * c.tp", "1.0 * c.tp"),
    "jaccard": ("c.support + c.fp", "c.support - c.fp"),
    "informedness": ("c.support * c.negatives", "c.predicted * c.negatives"),
    "fowlkes_mallows": ("c.tp * c.tp", "c.tp * c.tn"),
    "positive_likelihood_ratio": ("c.tp * c.negatives", "c.tp * c.support"),
    "prevalence_threshold": ("false + tf.sqrt", "false - tf.sqrt"),
    "matthews_correlation": ("tf.sqrt(spread)", "spread"),
    "cohen_kappa": ("_sum(c.support * c.predicted_negatives)", "_sum(c.support * c.negatives)"),
    "balanced_accuracy": ("_sum(_occurs(c))", "_sum(c.support)"),
    "adjusted_balanced_accuracy": ("recalls - 1.0", "recalls - 2.0"),
    "geometric_mean": ("@per_class(final=tf.sqrt, overall", "@per_class(overall"),
    "weighted_kappa": ("distance**2", "distance"),
    "fbeta_score": ("square * c.support", "c.support"),
}


@pytest.mark.parametrize(("score", "right", "wrong"), [(score, *change) for score, change in SAMPLE.items()])
def test_a_wrong_formula_is_caught(score, right, wrong):
    source = inspect.getsource(table)
    assert right in source
    assert mutate.is_caught(score, source.replace(right, wrong))


@pytest.mark.parametrize("score", [*SCORES, "fbeta_score", "weighted_kappa"])
def test_the_right_formula_passes_the_same_check(score):
    assert not mutate.is_caught(score, inspect.getsource(table))
