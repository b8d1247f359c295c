"""`Score`: one row of the table, a score as a fraction of `Counts` with its traits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import tensorflow as tf

from fmnist_tf.counts import Counts

Fraction = tuple[tf.Tensor, tf.Tensor]
Rule = Callable[[Counts], Fraction]


def identity(value: tf.Tensor) -> tf.Tensor:
    """The value as it is: the last step of a score that is the fraction itself."""
    return value


@dataclass(frozen=True)
class Score:
    """One row of the table.

    Attributes:
        name: the key, such as "precision".
        fraction: `Counts` (..., C) -> numerator and denominator (..., C), each class against the rest.
        overall: of overall scores, multiclass `Counts` (..., C) -> numerator and denominator (...); else None.
        final: the function that is applied to the fraction, such as a root.
        bounds: the least and the greatest value.
        direction: "up" where more is better, "down" where less is, None where neither.
        proportion: whether it is the share of independent samples that have a property, so that an
            interval for a binomial proportion holds.
        over_classes: whether an overall score is an average over classes, of which some may be left out.
        pooled: whether without an average it is the score of all entries of columns, rather than a mean over them.
        is_count: whether it is a number of samples, which doubles with the data, rather than a rate.
        doc: the docstring, with the formula.
        parameters: the parameters of a family of scores, such as beta.
    """

    name: str
    fraction: Rule
    overall: Rule | None = None
    final: Callable[[tf.Tensor], tf.Tensor] = identity
    bounds: tuple[float, float] = (0.0, 1.0)
    direction: Literal["up", "down"] | None = "up"
    proportion: bool = False
    over_classes: bool = False
    pooled: bool = False
    is_count: bool = False
    doc: str | None = None
    parameters: tuple[float | str, ...] = ()

    def __post_init__(self) -> None:
        """Lets help() show the docstring of the row."""
        object.__setattr__(self, "__doc__", self.doc)

    def __call__(self, counts: Counts) -> Fraction:
        """The fraction of each class against the rest."""
        return self.fraction(counts)
