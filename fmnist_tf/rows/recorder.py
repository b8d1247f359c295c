"""`RowRecorder`: the rows of a set, recorded by the step that counts them; no second predict."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.labels import VALID, InputSpec, Labels, canonicalize
from fmnist_tf.rows.outputs import emits_logits, pick
from fmnist_tf.rows.receiver import Rows
from fmnist_tf.rows.replicas import assign_copies, first_copy, make_copies, rows_of_all
from fmnist_tf.rows.shown import REMEDY
from fmnist_tf.rows.slices import Slice

#: Rows that the device holds until a callback fetches them, after each call of a compiled step: fewer of wide rows.
_CAPACITY, _BUFFER_BYTES = 1 << 16, 1 << 26
#: Bytes of the scores of a set, so that its file can be read back.
_MOST_SCORES = 1 << 29


class RowRecorder:
    """Keeps on the device label, prediction and confidence of each row, and returns them as a structured array.

    Args:
        model: the model, which has been through `accept_tags`.
        spec: how the metric that counts reads labels and predictions.
        features: slices whose values are kept with each row.
        output: which output of a model of several.
        weighted: whether the metric that counts is given sample weights, so that rows keep theirs.
        scores: whether to keep the probabilities of all C classes or columns, 4 C bytes a row.
        user: the public name in errors.
    """

    def __init__(
        self,
        model: keras.Model,
        spec: InputSpec,
        features: Sequence[Slice] = (),
        output: str | None = None,
        *,
        weighted: bool = False,
        scores: bool = False,
        user: str | None = None,
    ):
        self._model, self._spec, self._output = model, spec, output
        self._user = user or f"ScoreLogger(rows={'scores' if scores else True!r})"
        self._keeps_scores, self._num_scores = scores, 0
        self._features = tuple(features)
        self._weighted, self._has_weights = weighted, False
        self._columns = 1  # numbers that hold a label: one, or those of several binary columns
        self._buffer: Any = None
        self._filled: Any = None
        self._parts: list[np.ndarray] = []
        self._score_parts: list[np.ndarray] = []
        self.is_open = False

    def start(self) -> None:
        """Begins the rows of a pass."""
        self._parts, self._score_parts = [], []
        self.is_open = True
        if self._filled is not None:
            assign_copies(self._filled, np.zeros((), np.int64))

    # In the step

    @tf.autograph.experimental.do_not_convert
    def record(self, rows: Rows, training: bool) -> None:
        """Traced into a step of evaluation: records its rows."""
        if training or (tf.executing_eagerly() and not self.is_open):
            return
        has_ids = rows.tags is not None and rows.tags.ids is not None
        if not has_ids and not self.is_open:
            return  # another evaluation in between
        if rows.tags is None or rows.tags.ids is None:
            raise ValueError(f"{self._user} needs an id for each row; {REMEDY}")
        values = [rows.tags.values_of(feature, self._user) for feature in self._features]
        y_true, y_pred = (pick(part, self._output, self._model, self._user) for part in (rows.y_true, rows.y_pred))
        columns, scores = self._read(tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred))
        weight = self._weight(rows.sample_weight, tf.shape(rows.tags.ids))
        self._make()
        parts = (rows.tags.ids, *columns, weight, *values, *scores)
        numbers = rows_of_all([tf.cast(part, tf.float64) for part in parts])
        self._write(tf.stack(numbers, axis=1))

    def _read(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Validity, confidence, labels and predictions of each row, (N,) each; and the scores that are kept."""
        self._check_size(y_pred)
        labels = canonicalize(y_true, y_pred, None, self._spec)
        probabilities = self._probabilities(y_pred, labels.input_format.multiclass)
        if not self._keeps_scores:
            return self._read_columns(labels, probabilities), []
        if not y_pred.dtype.is_floating:
            raise ValueError(f"{self._user} keeps scores of a float dtype, got {y_pred.dtype.name}; give rows=True")
        self._num_scores = labels.input_format.num_classes
        return self._read_columns(labels, probabilities), tf.unstack(probabilities, num=self._num_scores, axis=-1)

    def _read_columns(self, labels: Labels, probabilities: tf.Tensor) -> list[tf.Tensor]:
        if labels.input_format.multiclass:
            confidence = tf.gather(probabilities, labels.pred, axis=-1, batch_dims=1)
            return [labels.status == VALID, confidence, labels.true, labels.pred]
        certain = tf.where(labels.pred, probabilities, 1 - probabilities)
        self._columns = labels.input_format.num_classes
        sides = [tf.unstack(side, num=self._columns, axis=-1) for side in (labels.true, labels.pred)]
        valid = tf.reduce_all(labels.status == VALID, axis=-1)
        return [valid, tf.reduce_min(certain, axis=-1), *sides[0], *sides[1]]

    def _weight(self, sample_weight: Any, shape: tf.Tensor) -> tf.Tensor:
        """The weight of each row, (N,), 1 where there are none."""
        if sample_weight is None or not self._weighted:
            return tf.ones(shape, tf.float64)
        weight = tf.cast(pick(sample_weight, self._output, self._model, self._user), tf.float64)
        if weight.shape.rank not in (0, 1) and weight.shape[1:].num_elements() != 1:
            raise ValueError(f"{self._user} keeps one weight a row, got weights of shape {weight.shape}; leave it out")
        self._has_weights = True
        return tf.broadcast_to(tf.reshape(weight, [-1]), shape)

    def _probabilities(self, y_pred: tf.Tensor, multiclass: bool) -> tf.Tensor:
        """Probabilities (N, C) of scores; for predictions that are class ids 1 for that class."""
        if not y_pred.dtype.is_floating:
            return tf.one_hot(y_pred, self._spec.num_classes or 1) if multiclass else tf.cast(y_pred, tf.float64)
        scores = tf.cast(y_pred, tf.float64)  # 1 - p of a small p is another number then
        scores = scores[:, tf.newaxis] if scores.shape.rank == 1 else scores
        if not emits_logits(self._model, self._output):
            return scores
        return tf.nn.softmax(scores) if multiclass else tf.sigmoid(scores)

    def _check_size(self, y_pred: tf.Tensor) -> None:
        scores = y_pred.shape.rank is not None and y_pred.shape.rank <= 2
        if scores:
            return
        places = y_pred.shape[1:-1].num_elements()
        size = f"{places * 40:,} bytes a sample" if places else "too much"
        raise ValueError(
            f"{self._user} keeps one row a sample, got dense predictions of shape {y_pred.shape}: a row for each place "
            f"would take {size}; leave it out"
        )

    @property
    def _width(self) -> int:
        return 4 + 2 * self._columns + len(self._features) + self._num_scores

    @property
    def _capacity(self) -> int:
        return min(_CAPACITY, _BUFFER_BYTES // (8 * self._width))

    def _make(self) -> None:
        """Makes the buffer once the number of columns is known, outside of the trace and of all replicas."""
        if self._buffer is not None:
            return
        strategy: Any = self._model.distribute_strategy
        context = tf.distribute.get_replica_context()
        if context is not None and strategy.num_replicas_in_sync > 1:
            context.merge_call(self._make_of)
        else:
            self._make_of(strategy)

    def _make_of(self, strategy: tf.distribute.Strategy) -> None:
        with tf.init_scope():
            self._buffer = make_copies(strategy, np.zeros((self._capacity + 1, self._width)), "rows")
            self._filled = make_copies(strategy, np.zeros((), np.int64), "rows_filled")

    def _write(self, numbers: tf.Tensor) -> None:
        """Appends rows (B, width); rows without room go to the last row, and `fetch` raises."""
        filled = self._filled.read_value()
        count = tf.shape(numbers, tf.int64)[0]
        places = tf.minimum(filled + tf.range(count), tf.constant(self._capacity, tf.int64))
        tf.raw_ops.ResourceScatterUpdate(resource=self._buffer.handle, indices=places, updates=numbers)
        tf.raw_ops.AssignVariableOp(resource=self._filled.handle, value=filled + count)

    # On the host

    def fetch(self, *, at_end: bool = False) -> None:
        """Moves rows to the host if the buffer is half full, or all at the end.

        Raises:
            ValueError: one call of a compiled step had more rows than there is room for.
        """
        if self._filled is None:
            return
        filled, capacity = int(first_copy(self._filled).numpy()), self._capacity
        if filled > capacity:
            raise ValueError(
                f"{self._user}: more than {capacity:,} rows came in one call of the step; "
                "compile the model with fewer steps_per_execution"
            )
        if filled and (at_end or 2 * filled > capacity):
            self._keep(first_copy(self._buffer)[:filled].numpy())
            assign_copies(self._filled, np.zeros((), np.int64))

    def _keep(self, numbers: np.ndarray) -> None:
        """Scores in half the space of the other numbers."""
        width = self._width - self._num_scores
        self._parts.append(numbers[:, :width].copy())  # a view would keep the scores in twice the space
        self._score_parts.append(numbers[:, width:].astype(np.float32))
        size = sum(part.nbytes for part in self._score_parts)
        if size > _MOST_SCORES:
            raise ValueError(
                f"{self._user} keeps at most {_MOST_SCORES:,} bytes of scores, 4 for each class of a row, which is "
                f"{_MOST_SCORES // (4 * self._num_scores):,} rows of {self._num_scores:,} classes; give rows=True"
            )

    def finish(self) -> np.ndarray:
        """The rows of the pass, a structured array in the order of ids.

        Raises:
            ValueError: an id occurs twice.
        """
        self.fetch(at_end=True)
        self.is_open = False
        width = self._width - self._num_scores
        numbers = np.concatenate([np.zeros((0, width)), *self._parts])
        scores = np.concatenate([np.zeros((0, self._num_scores), np.float32), *self._score_parts])
        self._parts, self._score_parts = [], []
        order = np.argsort(numbers[:, 0], kind="stable")
        numbers = numbers[order]
        twice = numbers[1:, 0][numbers[1:, 0] == numbers[:-1, 0]]
        if twice.size:
            raise ValueError(
                f"{self._user}: ids repeat within one pass, such as {twice[0]:.0f}; give tag(ids=) a different id for "
                "each row"
            )
        valid = numbers[:, 1] > 0
        return self._structured(numbers[valid], scores[order[valid]])

    def _structured(self, numbers: np.ndarray, scores: np.ndarray) -> np.ndarray:
        ids, _, confidence = numbers[:, :3].T
        ends = np.cumsum([self._columns, self._columns, 1])
        label, predicted, weight, values = np.split(numbers[:, 3:], ends, axis=1)
        one = self._columns == 1
        shape = () if one else (self._columns,)
        names = [np.asarray(feature.value_names) for feature in self._features]
        slices = [(feature.name, of.dtype) for feature, of in zip(self._features, names, strict=True)]
        fields = [("id", np.int64), ("label", np.int64, shape), ("predicted", np.int64, shape)]
        weights = [("weight", np.float64)] if self._has_weights else []
        kept = [("scores", np.float32, (self._num_scores,))] if self._keeps_scores else []
        rows = np.zeros(len(numbers), [*fields, ("confidence", np.float64), *weights, *slices, *kept])
        rows["id"], rows["confidence"] = ids, confidence
        if self._keeps_scores:
            rows["scores"] = scores
        if self._has_weights:
            rows["weight"] = weight[:, 0]
        rows["label"], rows["predicted"] = (side[:, 0] if one else side for side in (label, predicted))
        for place, (name, of) in enumerate(zip([feature.name for feature in self._features], names, strict=True)):
            rows[name] = of[values[:, place].astype(int)]
        return rows


def find_mistakes(
    rows: np.ndarray,
    label: int | str | None = None,
    predicted: int | str | None = None,
    k: int | None = 20,
    class_names: Sequence[str] | None = None,
) -> np.ndarray:
    """The wrong predictions among rows, the most confident first.

    Args:
        rows: structured array of a recorder.
        label: keep those of this class, an id or a name; None for all.
        predicted: keep those predicted as this class, an id or a name; None for all.
        k: how many at most; None for all.
        class_names: names of the classes, where classes are given by name.

    Returns:
        Rows of `rows`.

    Raises:
        ValueError: a name that is no class.
    """
    wrong = rows["label"] != rows["predicted"]
    rows = rows[wrong if wrong.ndim == 1 else wrong.any(axis=1)]
    for field, wanted in (("label", label), ("predicted", predicted)):
        if wanted is not None:
            rows = rows[rows[field] == _class_id(field, wanted, class_names)]
    return rows[np.argsort(-rows["confidence"], kind="stable")[:k]]


def _class_id(field: str, wanted: int | str, class_names: Sequence[str] | None) -> int:
    if not isinstance(wanted, str):
        return wanted
    names = list(class_names or [])
    if wanted not in names:
        raise ValueError(f"`{field}` must be a class id or one of {names}, got {wanted!r}")
    return names.index(wanted)
