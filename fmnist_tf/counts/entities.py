"""`EntitySpans`: named entities that are right, predicted and true, from the labels of tokens.

An entity is a run of tokens. A token goes on with the run of the token before it if its prefix is I or E, the one
before has the prefix B or I, and both have the same type. All schemes share this rule and differ in which runs are
entities. So the spans of a batch follow from comparisons with the token before.
"""

from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from fmnist_tf.counts.algebra import Counts
from fmnist_tf.counts.layouts import discard_bin
from fmnist_tf.labels import IGNORED, VALID, Labels

#: The prefixes of a token, O for a token of no entity, in the order of their numbers.
PREFIXES = "OBIES"
_OUTSIDE, _BEGIN, _INSIDE, _END, _SINGLE = range(len(PREFIXES))
#: Scheme -> the prefixes that its labels may have.
SCHEMES = {"IOB2": "OBI", "IOBES": "OBIES", "BIO": "OBIES"}


class Spans(NamedTuple):
    """The entities of one side, true or predicted, (rows, T) each.

    Attributes:
        starts: bool, whether an entity begins at the token.
        ends: bool, whether a run ends with the token.
        complete: bool, whether a run that ends with the token ends as the scheme asks.
        types: int64, the type of the token's entity; that of a token of none is any number.
    """

    starts: tf.Tensor
    ends: tf.Tensor
    complete: tf.Tensor
    types: tf.Tensor


@dataclass(frozen=True)
class EntitySpans:
    """Entities by type: the bins tp, predicted and true, bin kind * number of types + type.

    An entity is right if its first token, its last token and its type are. Tokens that are left out do not exist: those
    on either side of them are neighbours, and an entity that padding cuts off ends with its last token that counts. A
    sequence with an invalid token is not counted. An entity weighs as much as its first token.

    Attributes:
        prefixes: the prefix of each label, its number in `PREFIXES`.
        types: the type of each label, from 0; of a token of no entity any number.
        num_types: number of types.
        scheme: a key of `SCHEMES`.
    """

    prefixes: tuple[int, ...]
    types: tuple[int, ...]
    num_types: int
    scheme: str

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 3 * self.num_types

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says: four for each token."""
        tokens = _Tokens.of(labels)
        right, predicted, true = self._entities(tokens)
        chosen = [self._bins(where, kind, types) for kind, (where, types) in enumerate([right, predicted, true])]
        invalid = tf.where(tokens.invalid, tokens.status + (self.size - 1), _int64(discard_bin(self.size)))
        bins = tf.stack([*chosen, invalid])
        if tokens.weight is None:
            return bins, None
        return bins, tf.stack([*[tokens.weight] * 3, tf.ones_like(tokens.weight)])

    def unit_weight(self, labels: Labels) -> tf.Tensor | None:
        """The weight of each entity that is predicted or missed, at its first token, and 1 elsewhere."""
        tokens = _Tokens.of(labels)
        if tokens.weight is None:
            return None
        (right, _), (predicted, _), (true, _) = self._entities(tokens)
        entities = tf.stack([predicted, true & tf.logical_not(right)])
        return tf.where(entities, tokens.weight, tf.ones_like(tokens.weight))

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """State (size,) -> Counts with fields (num_types,); the total is tp + fp + fn, without negatives."""
        tp, predicted, true = tf.unstack(tf.reshape(state, [3, self.num_types]))
        return Counts(tp, predicted, true, predicted + true - tp)

    def _entities(self, tokens: "_Tokens") -> list[tuple[tf.Tensor, tf.Tensor]]:
        """(where an entity begins, the types) of the right, the predicted and the true entities."""
        true, predicted = self._spans(tokens.true), self._spans(tokens.pred)
        ends = true.ends | predicted.ends
        both = true.ends & predicted.ends & true.complete & predicted.complete
        same = true.starts & predicted.starts & (true.types == predicted.types)
        right = same & _at_first(ends, both)
        sides = [(side.starts & self._is_complete(side), side.types) for side in (predicted, true)]
        return [(where & tokens.counted, types) for where, types in [(right, true.types), *sides]]

    def _spans(self, tokens: tf.Tensor) -> Spans:
        """The spans of tokens (rows, T): numbers of labels from 1, 0 after the end of a sequence."""
        prefix = tf.gather(tf.constant((_OUTSIDE, *self.prefixes), tf.int64), tokens)
        types = tf.gather(tf.constant((0, *self.types), tf.int64), tokens)
        goes_on = (prefix == _INSIDE) | (prefix == _END)
        open_before = _shifted((prefix == _BEGIN) | (prefix == _INSIDE), 1)
        linked = goes_on & open_before & (types == _shifted(types, 1))
        begins = (prefix != _OUTSIDE) if self.scheme == "BIO" else (prefix == _BEGIN) | (prefix == _SINGLE)
        ends = tf.logical_not(_shifted(linked, -1))
        closed = (prefix == _END) | (prefix == _SINGLE) if self.scheme == "IOBES" else tf.ones_like(linked)
        return Spans(begins & tf.logical_not(linked), ends, closed, types)

    def _is_complete(self, spans: Spans) -> tf.Tensor:
        """Whether the run of each token ends as the scheme asks; only IOBES asks anything."""
        return _at_first(spans.ends, spans.complete) if self.scheme == "IOBES" else spans.complete

    def _bins(self, where: tf.Tensor, kind: int, types: tf.Tensor) -> tf.Tensor:
        return tf.where(where, types + kind * self.num_types, _int64(discard_bin(self.size)))


class _Tokens(NamedTuple):
    """The tokens of a batch, (rows, T) each, those that count moved together to the front of their rows.

    Attributes:
        true: int64, the label's number from 1; 0 after the last token that counts.
        pred: int64, likewise.
        weight: float64, moved likewise, or None.
        counted: bool (rows, 1), whether the row holds no invalid token.
        invalid: bool, whether a token, in its own place, cannot be counted.
        status: int64, the code of each token, in its own place.
    """

    true: tf.Tensor
    pred: tf.Tensor
    weight: tf.Tensor | None
    counted: tf.Tensor
    invalid: tf.Tensor
    status: tf.Tensor

    @classmethod
    def of(cls, labels: Labels) -> "_Tokens":
        status = labels.status
        valid, left_out = status == VALID, status == IGNORED
        invalid = tf.logical_not(valid | left_out)
        true, pred = (tf.where(valid, side + 1, _int64(0)) for side in (labels.true, labels.pred))
        weight = labels.weight
        if any(code == IGNORED for _, code in labels.masks):
            place = _places(tf.logical_not(left_out))
            true, pred = (tf.cast(_moved(tf.cast(side, tf.float64), place), tf.int64) for side in (true, pred))
            weight = None if weight is None else _moved(tf.where(valid, weight, tf.zeros_like(weight)), place)
        elif weight is not None:
            weight = tf.where(valid, weight, tf.ones_like(weight))
        counted = tf.logical_not(tf.reduce_any(invalid, axis=1, keepdims=True))
        return cls(true, pred, weight, counted, invalid, status)


def _places(kept: tf.Tensor) -> tf.Tensor:
    """The place of each token (rows, T) of a batch among those that are kept, flat; past the end for the others."""
    rows, length = tf.unstack(tf.shape(kept, tf.int64))
    place = tf.cumsum(tf.cast(kept, tf.float64), axis=1, exclusive=True)
    return tf.where(kept, tf.cast(place, tf.int64) + _row_starts(rows, length), rows * length)


def _moved(values: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
    """Values (rows, T) in their places, 0 where there is none."""
    shape = tf.shape(values, tf.int64)
    size = tf.reduce_prod(shape)
    moved = tf.math.unsorted_segment_sum(tf.reshape(values, [-1]), tf.reshape(place, [-1]), size + 1)
    return tf.reshape(moved[:size], shape)


def _at_first(ends: tf.Tensor, flags: tf.Tensor) -> tf.Tensor:
    """The flag at the first end at or after each token, bool (rows, T).

    Runs are numbered through the batch, and each has one end: the sum of the flags at ends is that flag. It does what a
    reverse cumulative minimum of the places of the ends would, in one pass and for any length.
    """
    rows, length = tf.unstack(tf.shape(ends, tf.int64))
    before = tf.cumsum(tf.cast(ends, tf.float64), axis=1, exclusive=True)
    run = tf.cast(before, tf.int64) + _row_starts(rows, length)
    of_runs = tf.math.unsorted_segment_sum(
        tf.reshape(tf.cast(flags & ends, tf.float64), [-1]), tf.reshape(run, [-1]), rows * length
    )
    return tf.gather(of_runs, run) > 0


def _row_starts(rows: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    return tf.range(rows)[:, tf.newaxis] * length


def _shifted(values: tf.Tensor, by: int) -> tf.Tensor:
    """Values (rows, T) of the token before (1) or after (-1), zero beyond the ends."""
    nothing = tf.zeros_like(values[:, :1])  # a concatenation, since a GPU cannot pad integers
    return tf.concat([nothing, values[:, :-1]] if by > 0 else [values[:, 1:], nothing], axis=1)


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
