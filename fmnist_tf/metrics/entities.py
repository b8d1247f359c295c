"""Scores of named entities, by span: precision, recall and F1."""

from collections.abc import Iterable
from typing import Any, Literal

import tensorflow as tf

from fmnist_tf.compat import higher_is_better
from fmnist_tf.counts import Counts, effective_number
from fmnist_tf.counts.entities import PREFIXES, SCHEMES, EntitySpans
from fmnist_tf.intervals import Interval
from fmnist_tf.intervals.entities import entity_interval
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, registered
from fmnist_tf.metrics.update import Batch, Plan
from fmnist_tf.scores import Score, Selection, table

Scheme = Literal["IOB2", "IOBES", "BIO"]
EntityAverage = Literal["micro", "macro", "weighted"] | None
_AVERAGES = ("micro", "macro", "weighted", None)


class EntityMetric(StateMetric):
    """A score of entities from their counts by type; the base of the three that follow.

    Args:
        num_classes: number of labels; None takes that of `labels`.
        labels: the label of each class id, such as ("O", "B-PER", "I-PER").
        scheme: "IOB2", "IOBES" or "BIO".
        average: "micro", "macro", "weighted" or None.
        ignore_class: a class id, or several, whose tokens are left out.
        zero_division: the value of 0/0.
        on_invalid: "raise" or "skip".
        name: key in the logs.
        dtype: dtype of the result alone.
    """

    score: Score

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        labels: Iterable[str],
        scheme: Scheme = "IOB2",
        average: EntityAverage = "micro",
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.scheme = arguments.check_choice("scheme", scheme, tuple(SCHEMES))
        self.average = arguments.check_choice("average", average, _AVERAGES)
        self.zero_division = arguments.check_number("zero_division", zero_division)
        self.labels, self._prefixes, parts = read_labels(labels, self.scheme)
        self.entity_types = tuple(dict.fromkeys(part for part in parts if part is not None))
        self._types = tuple(0 if part is None else self.entity_types.index(part) for part in parts)
        if num_classes not in (None, len(self.labels)):
            raise ValueError(f"`labels` must name {num_classes} classes, got {len(self.labels)} labels")
        super().__init__(len(self.labels), ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        ours = {"labels": list(self.labels), "scheme": self.scheme, "average": self.average}
        return {**super().get_config(), **ours, "zero_division": self.zero_division, "num_classes": None}

    @property
    def _input_spec(self) -> InputSpec:
        return InputSpec(self.num_classes, ignore_class=self.ignore_class, sequences=True)

    @property
    def _layout(self) -> EntitySpans:
        return EntitySpans(self._prefixes, self._types, len(self.entity_types), self.scheme)

    def _fingerprint(self) -> dict[str, Any]:
        # One state serves precision, recall and F1.
        return {**super()._fingerprint(), "score": "entities", "labels": list(self.labels), "scheme": self.scheme}

    def _plan_for(self, batch: Batch) -> Plan:
        rank = batch.y_pred.shape.rank
        if rank is not None and rank != (3 if batch.y_pred.dtype.is_floating else 2):
            raise ValueError(
                "`y_pred` must hold scores (N, T, C) or class ids (N, T) of sequences of tokens, got shape "
                f"{batch.y_pred.shape}; give a single sequence an axis before, as y_pred[None]"
            )
        return super()._plan_for(batch)

    def _check_format(self, input_format: InputFormat) -> None:
        super()._check_format(input_format)
        if not input_format.multiclass:
            raise ValueError(f"{self.name} needs one label a token, got binary columns; pass scores or class ids")

    @property
    def counts(self) -> Counts:
        """tp, predicted and true entities of each type, float64 (T,); `total` is tp + fp + fn."""
        return self._layout.counts(self._bins(), multiclass=True)

    @property
    def effective_total(self) -> float:
        """The effective number of entities that are true or predicted, (sum w)^2 / sum w^2."""
        total = float(tf.reduce_sum(self.counts.total))
        return effective_number(total, total + float(self.weight_excess))

    @property
    def _selection(self) -> Selection:
        return Selection(self.score, self.average)

    def _value(self) -> tf.Tensor:
        return self._selection.evaluate(self.counts, multiclass=True, zero_division=self.zero_division)

    def interval(self, level: float = 0.95) -> Interval:
        """The confidence interval of the score, as if entities were independent of each other.

        Wilson's for precision and recall; that of F1 is the image of Wilson's for tp / (tp + fp + fn), of which F1 is a
        growing function. That of a mean over types holds for types that depend on each other in any way, so it is wide.
        Where errors come in whole sentences it is too narrow.

        Args:
            level: the probability of covering.

        Returns:
            Low and high, floats; with `average=None` arrays (T,).
        """
        total = float(tf.reduce_sum(self.counts.total))
        factor = self.effective_total / total if total else 1.0
        counts: Any = Counts(*(field * factor for field in self.counts))
        return entity_interval(self._selection, counts, level, self.zero_division)


def read_labels(labels: Iterable[str], scheme: str) -> tuple[tuple[str, ...], tuple[int, ...], tuple[str | None, ...]]:
    """The labels, their prefixes as numbers, and their entity types: None for O, "_" for a label without one.

    Raises:
        TypeError: labels that are no strings, or one string.
        ValueError: a prefix that the scheme does not have, a label twice, or no entity.
    """
    given = (None,) if isinstance(labels, str) else tuple(labels)
    if not all(isinstance(label, str) for label in given):
        raise TypeError(f"`labels` must be a list of strings, one for each class id, got {labels!r}")
    labels = tuple(labels)
    for label in labels:
        if label[:1] not in (*SCHEMES[scheme],) or label[1:2] not in ("", "-") or (label[0] == "O" and label != "O"):
            allowed = ", ".join(prefix if prefix == "O" else f"{prefix}-TYPE" for prefix in SCHEMES[scheme])
            raise ValueError(f"`labels` of scheme {scheme!r} must be {allowed}, got {label!r}")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ValueError(f"`labels` must differ, got {twice!r} twice")
    types = tuple(None if label == "O" else label[2:] or "_" for label in labels)
    if not any(types):
        raise ValueError(f"`labels` must name at least one entity, got {labels}")
    return labels, tuple(PREFIXES.index(label[0]) for label in labels), types


@registered
@higher_is_better
class EntityPrecision(EntityMetric):
    """Precision of named entities: right entities / predicted ones, tp / (tp + fp).

    An entity is right if its first token, its last token and its type are. Labels and predictions are sequences (N, T),
    with scores (N, T, C). Tokens that are masked, ignored or of weight 0 do not exist, so that an entity that padding
    cuts off ends with its last token that counts. An entity weighs as much as its first token; a sequence with an
    invalid token is not counted.

    Args:
        num_classes: number of labels C; None takes that of `labels`.
        labels: the label of each class id, such as ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"); what follows the prefix
            and a hyphen is the type of the entity.
        scheme: "IOB2", where an entity is B and the I of its type that follow; "IOBES", where it is S, or B, any number
            of I and E, and an entity without its end is none. Both are seqeval's strict mode. "BIO" is lenient, as
            conlleval and seqeval's default mode are: an entity also begins with I or E where no entity of its type is
            open.
        average: "micro", the score of all entities, as in CoNLL; "macro", the mean over the types; "weighted", that
            mean by the number of true entities; None, one value a type, in the order of `entity_types`.
        ignore_class: a class id, or several, whose tokens are left out, such as -100: the tokens on either side become
            neighbours, so that later pieces of a word may be left out.
        zero_division: the value of 0/0; nan leaves such types out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a token could not be counted; "skip"
            keeps the number of such tokens in `invalid` alone. Their sequences are not counted either way.
        name: key in the logs; "entity_precision" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype, or with `average=None` (T,).

    Raises:
        ValueError: labels that the scheme does not have; labels and predictions that are no sequences (N, T); in
            `result()` for invalid tokens.
        TypeError: labels that are no strings.

    Source: Tjong Kim Sang and Buchholz, Introduction to the CoNLL-2000 shared task: chunking, 2000; Tjong Kim Sang and
    De Meulder, Introduction to the CoNLL-2003 shared task, 2003.

    Example:
        >>> labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
        >>> metric = EntityPrecision(labels=labels)
        >>> metric.update_state([[1, 2, 0, 3, 0, 3]], [[1, 2, 0, 3, 4, 0]])
        >>> round(float(metric.result()), 4)
        0.5
        >>> metric.entity_types, metric.counts.tp.numpy()
        (('PER', 'LOC'), array([1., 0.]))
    """

    score, default_name = table.precision, "entity_precision"


@registered
@higher_is_better
class EntityRecall(EntityMetric):
    """Recall of named entities: right entities / true ones, tp / (tp + fn).

    An entity is right if its first token, its last token and its type are. Labels and predictions are sequences (N, T),
    with scores (N, T, C). Tokens that are masked, ignored or of weight 0 do not exist, so that an entity that padding
    cuts off ends with its last token that counts. An entity weighs as much as its first token; a sequence with an
    invalid token is not counted.

    Args:
        num_classes: number of labels C; None takes that of `labels`.
        labels: the label of each class id, such as ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"); what follows the prefix
            and a hyphen is the type of the entity.
        scheme: "IOB2", where an entity is B and the I of its type that follow; "IOBES", where it is S, or B, any number
            of I and E, and an entity without its end is none. Both are seqeval's strict mode. "BIO" is lenient, as
            conlleval and seqeval's default mode are: an entity also begins with I or E where no entity of its type is
            open.
        average: "micro", the score of all entities, as in CoNLL; "macro", the mean over the types; "weighted", that
            mean by the number of true entities; None, one value a type, in the order of `entity_types`.
        ignore_class: a class id, or several, whose tokens are left out, such as -100: the tokens on either side become
            neighbours, so that later pieces of a word may be left out.
        zero_division: the value of 0/0; nan leaves such types out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a token could not be counted; "skip"
            keeps the number of such tokens in `invalid` alone. Their sequences are not counted either way.
        name: key in the logs; "entity_recall" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype, or with `average=None` (T,).

    Raises:
        ValueError: labels that the scheme does not have; labels and predictions that are no sequences (N, T); in
            `result()` for invalid tokens.
        TypeError: labels that are no strings.

    Source: Tjong Kim Sang and Buchholz, Introduction to the CoNLL-2000 shared task: chunking, 2000; Tjong Kim Sang and
    De Meulder, Introduction to the CoNLL-2003 shared task, 2003.

    Example:
        >>> labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
        >>> metric = EntityRecall(labels=labels)
        >>> metric.update_state([[1, 2, 0, 3, 0, 3]], [[1, 2, 0, 3, 4, 0]])
        >>> round(float(metric.result()), 4)
        0.3333
        >>> metric.entity_types, metric.counts.tp.numpy()
        (('PER', 'LOC'), array([1., 0.]))
    """

    score, default_name = table.recall, "entity_recall"


@registered
@higher_is_better
class EntityF1(EntityMetric):
    """F1 of named entities: 2 tp / (2 tp + fp + fn).

    An entity is right if its first token, its last token and its type are. Labels and predictions are sequences (N, T),
    with scores (N, T, C). Tokens that are masked, ignored or of weight 0 do not exist, so that an entity that padding
    cuts off ends with its last token that counts. An entity weighs as much as its first token; a sequence with an
    invalid token is not counted.

    Args:
        num_classes: number of labels C; None takes that of `labels`.
        labels: the label of each class id, such as ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"); what follows the prefix
            and a hyphen is the type of the entity.
        scheme: "IOB2", where an entity is B and the I of its type that follow; "IOBES", where it is S, or B, any number
            of I and E, and an entity without its end is none. Both are seqeval's strict mode. "BIO" is lenient, as
            conlleval and seqeval's default mode are: an entity also begins with I or E where no entity of its type is
            open.
        average: "micro", the score of all entities, as in CoNLL; "macro", the mean over the types; "weighted", that
            mean by the number of true entities; None, one value a type, in the order of `entity_types`.
        ignore_class: a class id, or several, whose tokens are left out, such as -100: the tokens on either side become
            neighbours, so that later pieces of a word may be left out.
        zero_division: the value of 0/0; nan leaves such types out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a token could not be counted; "skip"
            keeps the number of such tokens in `invalid` alone. Their sequences are not counted either way.
        name: key in the logs; "entity_f1" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype, or with `average=None` (T,).

    Raises:
        ValueError: labels that the scheme does not have; labels and predictions that are no sequences (N, T); in
            `result()` for invalid tokens.
        TypeError: labels that are no strings.

    Source: Tjong Kim Sang and Buchholz, Introduction to the CoNLL-2000 shared task: chunking, 2000; Tjong Kim Sang and
    De Meulder, Introduction to the CoNLL-2003 shared task, 2003.

    Example:
        >>> labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
        >>> metric = EntityF1(labels=labels)
        >>> metric.update_state([[1, 2, 0, 3, 0, 3]], [[1, 2, 0, 3, 4, 0]])
        >>> round(float(metric.result()), 4)
        0.4
        >>> metric.entity_types, metric.counts.tp.numpy()
        (('PER', 'LOC'), array([1., 0.]))
    """

    score, default_name = table.f1_score, "entity_f1"
