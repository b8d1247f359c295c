"""`MatrixLog`: the confusion matrices of all epochs in one file, those of earlier runs in the folder included."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_tf.files import atomic_write, read_arrays, read_bytes

#: The largest file that is read back.
_MAX_BYTES = 2**30


class MatrixLog:
    """An .npz file of "train", "val" or another set, each (epochs, C, C), beside "epochs", the epochs of its rows.

    A set that lacks some of them, such as one validated every second epoch, has its own: "val_epochs". As in
    `history.jsonl` the last record of an epoch is the valid one, and epochs that are not recorded again stay.

    Args:
        path: the file, which an earlier run may have written.

    Raises:
        ValueError: there is a file of another kind.
    """

    def __init__(self, path: Path):
        self._path = path
        self._matrices: dict[str, dict[int, np.ndarray]] = {}
        if path.exists():
            try:
                self._matrices = _read(path)
            except ValueError as error:
                raise ValueError(f"{path}: {error}; give another log_dir=") from error

    def write(self, epoch: int, matrices: Mapping[str, np.ndarray]) -> None:
        """Adds the matrices of an epoch.

        Raises:
            ValueError: the file holds matrices of another number of classes; nothing is written then.
        """
        for name, matrix in matrices.items():
            for earlier in self._matrices.get(name, {}).values():
                if earlier.shape != matrix.shape:
                    raise ValueError(
                        f"{self._path} holds matrices of {len(earlier)} classes, got {len(matrix)}; "
                        "give another log_dir="
                    )
        for kept in self._matrices.values():
            kept.pop(epoch, None)
        for name, matrix in matrices.items():
            self._matrices.setdefault(name, {})[epoch] = matrix
        if matrices:
            self._save()

    def _save(self) -> None:
        recorded = {name: dict(sorted(kept.items())) for name, kept in self._matrices.items() if kept}
        epochs = sorted({epoch for kept in recorded.values() for epoch in kept})
        arrays: dict[str, Any] = {name: np.stack(list(kept.values())) for name, kept in recorded.items()}
        own = {f"{name}_epochs": np.array(list(kept)) for name, kept in recorded.items() if list(kept) != epochs}
        with atomic_write(self._path) as draft:
            np.savez_compressed(draft, **{"epochs": np.array(epochs), **own, **arrays})


def _read(path: Path) -> dict[str, dict[int, np.ndarray]]:
    arrays = read_arrays(read_bytes(path, _MAX_BYTES))
    names = [name for name in arrays if name != "epochs" and not _is_of_a_set(name, arrays)]
    return {name: _by_epoch(name, arrays) for name in names}


def _is_of_a_set(name: str, arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether an array holds the epochs of a set, rather than being one."""
    return name.endswith("_epochs") and name.removesuffix("_epochs") in arrays


def _by_epoch(name: str, arrays: Mapping[str, np.ndarray]) -> dict[int, np.ndarray]:
    matrices = arrays[name]
    epochs = arrays.get(f"{name}_epochs", arrays.get("epochs", np.arange(len(matrices))))
    if matrices.ndim != 3 or matrices.shape[1] != matrices.shape[2] or matrices.dtype != np.float64:
        raise ValueError(f"{name!r} must hold float64 matrices (epochs, C, C), got {matrices.dtype} {matrices.shape}")
    if epochs.shape != matrices.shape[:1] or epochs.dtype.kind != "i":
        raise ValueError(f"{name!r} holds {len(matrices)} matrices for {epochs.size} epochs")
    return dict(zip(epochs.tolist(), matrices, strict=True))
