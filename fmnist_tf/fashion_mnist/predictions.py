"""The predictions of a run for the images of its report; `predictions.npy`, so that two runs can be paired."""

import io

import numpy as np

from fmnist_tf.files import read_array, read_bytes
from fmnist_tf.intervals import Paired
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import PREDICTIONS, RunFolder


def as_rows(true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The rows of a set as `ScoreLogger.rows` holds them: id, label, predicted, confidence.

    Args:
        true: class ids (N,).
        probabilities: of the model (N, C).
    """
    fields = [("id", np.int64), ("label", np.int64), ("predicted", np.int64), ("confidence", np.float64)]
    rows = np.zeros(len(true), fields)
    rows["id"], rows["label"] = np.arange(len(true)), true
    rows["predicted"], rows["confidence"] = probabilities.argmax(axis=-1), probabilities.max(axis=-1)
    return rows


def write_predictions(folder: RunFolder, true: np.ndarray, predicted: np.ndarray) -> None:
    """Writes class ids as (2, N), the true ones first, in the smallest type that holds them."""
    ids = np.stack([true, predicted])
    with folder.atomic_write(PREDICTIONS) as draft:
        np.save(draft, ids.astype(np.min_scalar_type(ids.max())), allow_pickle=False)


def read_predictions(folder: RunFolder) -> np.ndarray | None:
    """The (2, N) ids, or None where a run kept none.

    Raises:
        ValueError: the file is not what a run writes.
    """
    path = folder.path / PREDICTIONS
    try:
        content = read_bytes(path)
        ids = read_array(io.BytesIO(content), len(content))
    except FileNotFoundError:
        return None
    except (ValueError, EOFError, SyntaxError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    if ids.ndim != 2 or len(ids) != 2 or ids.dtype.kind != "u":
        raise ValueError(f"{path}: expected class ids (2, N), got {ids.dtype} {ids.shape}")
    return ids


def pair_runs(a: RunFolder, b: RunFolder, reports: tuple[Report, Report]) -> Paired | None:
    """The predictions of both runs; None unless both kept them, of the same images and of their reports."""
    of_a, of_b = read_predictions(a), read_predictions(b)
    if of_a is None or of_b is None or not np.array_equal(of_a[0], of_b[0]):
        return None
    paired = Paired(of_a[0], of_a[1], of_b[1], reports[0].num_classes)
    return paired if paired.fits(*(report.matrix for report in reports)) else None
