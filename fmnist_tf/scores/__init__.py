"""Scores as pure functions of `Counts`: the table, and how a row of it becomes a value."""

from fmnist_tf.scores.evaluate import (
    AVERAGES,
    Average,
    Selection,
    divide,
    evaluate,
    evaluate_all,
    find_score,
    per_class_values,
    split_name,
    stacking_order,
)
from fmnist_tf.scores.table import SCORES, Score, fbeta_score, weighted_kappa

__all__ = [
    "AVERAGES",
    "SCORES",
    "Average",
    "Score",
    "Selection",
    "divide",
    "evaluate",
    "evaluate_all",
    "fbeta_score",
    "find_score",
    "per_class_values",
    "split_name",
    "stacking_order",
    "weighted_kappa",
]
