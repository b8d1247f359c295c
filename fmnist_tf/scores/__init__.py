"""Scores as pure functions of `Counts`: the table of fractions, and their evaluation."""

from fmnist_tf.scores.evaluate import (
    AVERAGES,
    Average,
    SelectedAverage,
    Selection,
    divide,
    evaluate,
    evaluate_all,
    is_one_column,
    per_class_values,
)
from fmnist_tf.scores.names import canonical_name, find_score, split_name, unknown_name
from fmnist_tf.scores.row import Score
from fmnist_tf.scores.table import SCORES, Weights, fbeta_score, weighted_kappa

__all__ = [
    "AVERAGES",
    "SCORES",
    "Average",
    "Score",
    "SelectedAverage",
    "Selection",
    "Weights",
    "canonical_name",
    "divide",
    "evaluate",
    "evaluate_all",
    "fbeta_score",
    "find_score",
    "is_one_column",
    "per_class_values",
    "split_name",
    "unknown_name",
    "weighted_kappa",
]
