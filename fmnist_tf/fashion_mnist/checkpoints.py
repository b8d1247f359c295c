"""A checkpoint: everything `--resume` needs, in one file, so that an epoch is either recorded or it is not.

All other files of a run follow from it. It holds the weights, the optimizer's variables and the seeds of dropout at the
end of an epoch, the weights of the best epoch, the record, the ledger of the training rows, and with `--ladder` the
rows of the announced epoch.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from fmnist_tf.fashion_mnist.announced import from_arrays, make_ladder, to_arrays
from fmnist_tf.files import read_arrays, read_bytes, to_null
from fmnist_tf.report.run_folder import CHECKPOINT, Record, RunFolder
from fmnist_tf.report.run_folder.record import parse_intervals
from fmnist_tf.rows import Ledger

#: The largest checkpoint that is read.
_MAX_BYTES = 2**30


class State(NamedTuple):
    """The record of a run at the end of an epoch, without the variables of its model and optimizer.

    Attributes:
        record: history and matrices.
        best_weights: the weights of the best epoch.
        ledger: `Ledger.state_dict()`.
        announced: with `--ladder` the rows of the epoch announced last.
    """

    record: Record = Record()
    best_weights: Sequence[np.ndarray] = ()
    ledger: Mapping[str, np.ndarray] = {}
    announced: np.ndarray | None = None


def save_checkpoint(folder: RunFolder, model: keras.Model, state: State) -> None:
    """Writes the checkpoint."""
    arrays = {
        "history": _to_bytes(state.record.history),
        "intervals": _to_bytes(state.record.intervals),
        **{f"matrices/{name}": np.stack(values) for name, values in state.record.matrices.items()},
        **{f"variable/{index}": value.numpy() for index, value in enumerate(_variables(model))},
        **{f"best/{index}": value for index, value in enumerate(state.best_weights)},
        **{f"ledger/{name}": value for name, value in state.ledger.items()},
        **to_arrays(state.announced),
    }
    with folder.atomic_write(CHECKPOINT) as draft:
        np.savez(draft, **arrays)


def load_checkpoint(folder: RunFolder, model: keras.Model, ledger: Ledger | None = None) -> State:
    """Sets the variables of the model and its optimizer, and the ledger, to those of the checkpoint; returns its state.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: it is damaged, or of another model; nothing is set then.
    """
    path = folder.path / CHECKPOINT
    try:
        arrays = read_arrays(read_bytes(path, _MAX_BYTES))
        variables, weights = _variables(model), model.weights
        values = [_fitting(arrays, f"variable/{index}", variable) for index, variable in enumerate(variables)]
        best = [_fitting(arrays, f"best/{index}", weight) for index, weight in enumerate(weights)]
        kept = {name: arrays[f"ledger/{name}"] for name in ("table", "epochs") if f"ledger/{name}" in arrays}
        state = State(_record(arrays), best, kept, from_arrays(arrays))
        make_ladder(state.record.history, state.announced)
        if ledger is not None:
            ledger.load_state_dict(kept)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return state


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, seeds of dropout, and the optimizer's variables."""
    model.optimizer.build(model.trainable_variables)
    return [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]


def _fitting(arrays: dict[str, np.ndarray], name: str, variable: keras.Variable) -> np.ndarray:
    array = arrays[name]
    if array.shape != tuple(variable.shape) or array.dtype.name != variable.dtype:
        raise ValueError(f"{name} is {array.dtype} {array.shape}, the model has {variable.dtype} {variable.shape}")
    return array


def _to_bytes(columns: Mapping[str, Any]) -> np.ndarray:
    return np.frombuffer(json.dumps(to_null(columns)).encode(), np.uint8)


def _record(arrays: dict[str, np.ndarray]) -> Record:
    history = {
        name: [math.nan if value is None else float(value) for value in values]
        for name, values in json.loads(arrays["history"].tobytes()).items()
    }
    matrices = {name: list(arrays[f"matrices/{name}"]) for name in ("train", "val")}
    record = Record(history, matrices, parse_intervals(arrays["intervals"].tobytes()))
    lengths = {len(values) for values in (*record.history.values(), *record.matrices.values())}
    if lengths != {record.num_epochs} or record.best_epoch is None:
        raise ValueError("its history and its matrices differ in length")
    return record
