"""`Ledger`: margin and history of each training row, written by the step itself, and the labels probably wrong."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.rows import table as tables
from fmnist_tf.rows.margins import Outcome, outcome
from fmnist_tf.rows.outputs import find_logits, is_multi_label, pick
from fmnist_tf.rows.receiver import Rows, receiver_of
from fmnist_tf.rows.replicas import assign_copies, first_copy, make_copies, rows_of_all
from fmnist_tf.rows.shown import REMEDY


class Ledger(keras.callbacks.Callback):
    """A table of every training row: margin, confidence, forgetting. The lowest margins are probably wrong labels.

    The training step itself writes it: no second pass and no cross-validation, one gather and one scatter a step for
    any number of rows. The model must have been through `accept_tags`, and the training data through
    `tag`, whose ids are the rows of the table.

    A model that trains long enough memorizes wrong labels, and their margins rise: train for few epochs, or stop
    counting with `until=`. Augmented images are counted as the model sees them. Sample weights have no effect. A second
    fit adds to the table; `reset()` empties it.

    Args:
        num_rows: N, the number of training rows; ids are 0 to N - 1.
        until: None, or the epoch, counted from 0 since the ledger's first fit, from which on nothing is counted.
        output: which output of a model of several.
        from_logits: whether the model emits logits; None reads it from the loss and the last layer.
        multi_label: whether several columns are binary, each by itself; None reads it from the loss and the last layer.

    Raises:
        ValueError: in fit, if the model or the data have no tags, ids are outside 0 to N - 1 or repeat, or the
            predictions are dense, so that a row would be a whole image.

    Source: Toneva et al., "An empirical study of example forgetting", 2019; Swayamdipta et al., "Dataset cartography",
    2020; Pickler, Kamassury, Silva, "Benchmarking noisy label detection methods", 2025.

    Example:
        >>> ledger = Ledger(60000, until=8)
        >>> ledger.table.dtype.names[:4]
        ('id', 'label', 'seen', 'correct')
        >>> len(ledger.suspects(k=10))  # of the rows that were seen
        0
    """

    def __init__(
        self,
        num_rows: int,
        until: int | None = None,
        *,
        output: str | None = None,
        from_logits: bool | None = None,
        multi_label: bool | None = None,
    ):
        super().__init__()
        self.num_rows = _check_count("num_rows", num_rows)
        self.until = None if until is None else _check_count("until", until)
        self.output, self.from_logits, self.multi_label = output, from_logits, multi_label
        self._table: Any = None
        self._marks: Any = None
        self._fit: Any = None  # the history object of the running fit
        self._listens, self._is_open, self._missed_step = False, False, False
        self.reset()

    def reset(self) -> None:
        """Empties the table."""
        self._epochs = 0
        self._write(np.tile(np.asarray(tables.UNSEEN, np.float32), (self.num_rows, 1)))

    # Hooks

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Makes the training step write the table; a step that does not is traced again."""
        model: Any = self.model
        self._begin(model.distribute_strategy)
        self._listens, self._fit = True, getattr(model, "history", None)
        if receiver_of(model, "Ledger").add_listener(self._count) or self._missed_step:
            model.make_train_function(force=True)
        self._missed_step = False

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Counts the rows of this epoch, unless it is past `until`."""
        epoch = max(epoch, self._epochs)
        self._epochs = epoch + 1
        self._is_open = self.until is None or epoch < self.until
        self._seen_before = self._read()[:, tables.SEEN]
        self._assign_marks(tables.Marks(epoch, int(self._is_open), 0, 0, 0, 0))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Stops counting, and checks the ids of the pass.

        Raises:
            ValueError: ids outside 0 to N - 1, or that repeat within the pass; rows that cannot be counted.
        """
        marks, self._is_open = self._read_marks(), False
        self._assign_marks(marks._replace(is_open=0))
        self._check(marks, self._read()[:, tables.SEEN] - self._seen_before)

    def on_train_end(self, logs: dict | None = None) -> None:
        """Stops listening: a later fit without this callback changes nothing."""
        self._listens = False

    def _check(self, marks: tables.Marks, seen: np.ndarray) -> None:
        if marks.outside:
            raise ValueError(
                f"Ledger: ids must be 0 to {self.num_rows - 1}, got {marks.bad_id} ({marks.outside} ids outside); "
                "give tag(ids=) the index of each row in the training data, and Ledger(num_rows) their number"
            )
        if marks.invalid:
            raise ValueError(
                f"Ledger: {marks.invalid} rows could not be counted (label outside the classes, or a score that is "
                "not a number); fix the data"
            )
        self._spread = self._spread + seen
        often, least = int(seen.argmax()), self._spread.min()
        if seen.sum() < marks.counted or (seen[often] > 1 and self._spread[often] - least > 1):
            raise ValueError(
                f"Ledger: ids repeat within one pass, such as {often}; give tag(ids=) a different id for each row"
            )

    # Counting

    @tf.autograph.experimental.do_not_convert
    def _count(self, rows: Rows, training: bool) -> None:
        """Traced into the training step: counts its rows."""
        model: Any = self.model
        if not self._listens or getattr(model, "history", None) is not self._fit:
            self._missed_step = True  # traced in another fit; a later fit with this callback must not use it
            return
        if not training or (tf.executing_eagerly() and not self._is_open):
            return
        if rows.tags is None or rows.tags.ids is None:
            raise ValueError(f"Ledger needs an id for each row of the training data; {REMEDY}")
        y_true, y_pred = (pick(values, self.output, model, "Ledger") for values in (rows.y_true, rows.y_pred))
        y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
        self._check_size(y_pred)
        logits = find_logits(model, self.output, y_pred, self.from_logits)
        multi_label = is_multi_label(model, self.output) if self.multi_label is None else self.multi_label
        found = outcome(y_true, y_pred, logits, multi_label=multi_label)
        ids, *parts = rows_of_all([tf.cast(rows.tags.ids, tf.int64), *found])
        tables.count_rows(self._table, self._marks, ids, Outcome(*parts), self.num_rows)

    def _check_size(self, y_pred: tf.Tensor) -> None:
        if y_pred.shape.rank is not None and y_pred.shape.rank <= 2:
            return
        places = y_pred.shape[1:-1].num_elements()
        size = f"{self.num_rows * places * 4 * tables.WIDTH:,} bytes" if places else "too much"
        raise ValueError(
            f"Ledger keeps one row a sample, got dense predictions of shape {y_pred.shape}: a row for each place would "
            f"take {size}; leave it out"
        )

    # State: on the device while a model trains, each replica with an equal copy

    def _begin(self, strategy: tf.distribute.Strategy) -> None:
        """Puts the table where the model trains."""
        self._spread = np.zeros(self.num_rows, np.float32)
        if self._table is not None and self._strategy is strategy:
            return
        held = self._read()
        self._strategy = strategy
        self._table = make_copies(strategy, _with_spare(held), "ledger")
        self._marks = make_copies(strategy, np.zeros(len(tables.Marks._fields), np.int64), "ledger_marks")

    def _read(self) -> np.ndarray:
        """The table (N, 8), a copy."""
        if self._table is None:
            return self._held
        return first_copy(self._table).numpy()[: self.num_rows]

    def _write(self, rows: np.ndarray) -> None:
        if self._table is None:
            self._held = rows
        else:
            assign_copies(self._table, _with_spare(rows))
            self._spread = np.zeros(self.num_rows, np.float32)

    def _read_marks(self) -> tables.Marks:
        return tables.Marks(*first_copy(self._marks).numpy().tolist())

    def _assign_marks(self, marks: tables.Marks) -> None:
        assign_copies(self._marks, np.asarray(marks, np.int64))

    # Results

    @property
    def table(self) -> np.ndarray:
        """One row a training row, a structured array (N,).

        Fields: id; label, -1 for several columns; seen, correct, forgotten, how often; first_learned, the epoch from 0,
        -1 for never; margin, the mean over the run of the logit of the label less the largest other, or of
        log-probabilities, the same after a softmax; confidence, the mean probability of the label; variability, its
        standard deviation (ddof 0). NaN, and label -1, for rows never seen.
        """
        return tables.as_structured(self._read())

    def suspects(self, share: float | None = None, k: int | None = None) -> np.ndarray:
        """The rows whose labels are most probably wrong: of those seen, the lowest margins, the lowest first.

        Args:
            share: the share of the rows seen, from 0 to 1; 0.05 if neither is given.
            k: how many rows, in place of `share`.

        Returns:
            Rows of `table`.

        Raises:
            ValueError: both given, or out of range.
        """
        if share is not None and k is not None:
            raise ValueError("give `share` or `k`, not both")
        rows = self.table
        rows = rows[rows["seen"] > 0]
        share = 0.05 if share is None else share
        if not 0 <= share <= 1 or (k is not None and k < 0):
            raise ValueError(f"`share` must be from 0 to 1 and `k` not negative, got {share!r} and {k!r}")
        number = round(share * len(rows)) if k is None else k
        return rows[np.argsort(rows["margin"], kind="stable")[:number]]

    # Saving

    def state_dict(self) -> dict[str, np.ndarray]:
        """The table, float32 (N, 8), and how many epochs were counted."""
        return {"table": np.array(self._read()), "epochs": np.asarray(self._epochs)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continues from a `state_dict()`.

        Raises:
            ValueError: it has another number of rows, or a part is missing.
        """
        lacking = {"table", "epochs"} - set(state)
        shape = None if lacking else np.shape(state["table"])
        if lacking or shape != (self.num_rows, tables.WIDTH):
            found = f"no {', '.join(sorted(lacking))}" if lacking else f"a table {shape}"
            raise ValueError(f"the state must be one of a Ledger of {self.num_rows} rows, got {found}")
        self._write(np.asarray(state["table"], np.float32))
        self._epochs = int(state["epochs"])


def _with_spare(rows: np.ndarray) -> np.ndarray:
    """The table with one more row, for what is not counted."""
    return np.vstack([rows, np.asarray(tables.UNSEEN, np.float32)])


def _check_count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"Ledger: `{name}` must be an integer, got {value!r}")
    if value < 1:
        raise ValueError(f"Ledger: `{name}` must be at least 1, got {value}")
    return int(value)
