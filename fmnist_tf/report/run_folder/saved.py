"""A report as arrays, so that it can be made again from a file: its counts, options, histogram of scores and slices."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.report.report import Report

_OPTIONS = ("level", "zero_division", "effective_total", "epoch")
_MOST_CELLS = 2**27  # of a histogram, 8 bytes each
_DEEPEST = 1  # a slice has no slices


def report_arrays(report: Report) -> dict[str, np.ndarray]:
    """Everything that `saved_report` needs but the class names and the note."""
    source = report.source
    counts = {"counts": np.stack([field.numpy() for field in report.counts])} if source.matrix is None else {}
    matrix = {} if source.matrix is None else {"matrix": source.matrix}
    given = {name: getattr(report, name) for name in _OPTIONS}
    return {
        **counts,
        **matrix,
        "multiclass": np.array(report.multiclass and not source.binary),
        "reported": np.array(report.reported, np.int64),
        "averaged": np.array(report.averaged, np.int64),
        **{name: np.array(value, np.float64) for name, value in given.items() if value is not None},
        **(_curve_arrays(report.curves.distribution) if report.curves else {}),
        **_slice_arrays(report.slices),
    }


def saved_report(arrays: Mapping[str, np.ndarray], class_names: Sequence[str], note: str | None = None) -> Report:
    """The report of arrays that are not trusted.

    Raises:
        ValueError: they are not what a run writes.
    """
    try:
        return _report(dict(arrays), class_names, note, _DEEPEST)
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, MemoryError) as error:
        raise ValueError(f"not what a run writes: {type(error).__name__} {error}") from error


def _report(arrays: dict[str, np.ndarray], class_names: Sequence[str], note: str | None, depth: int) -> Report:
    matrix = arrays.get("matrix")
    rows, averaged = (arrays[name].astype(np.int64).tolist() for name in ("reported", "averaged"))
    options = {name: float(arrays[name]) for name in _OPTIONS if name in arrays}
    epoch = options.pop("epoch", None)
    report = Report(
        Counts(*arrays["counts"].astype(np.float64)) if matrix is None else matrix,
        class_names,
        multiclass=_multiclass(matrix, bool(arrays["multiclass"])),
        note=note,
        curves=_curves(arrays, len(class_names)) if "curves/edges" in arrays else None,
        ignore_class=tuple(set(range(len(class_names))) - set(rows)),
        target_class_ids=averaged,
        epoch=None if epoch is None else int(epoch),
        **options,
    )
    report.slices = dict(_slices(arrays, class_names, depth))
    return report


def _multiclass(matrix: np.ndarray | None, multiclass: bool) -> bool | None:
    """The argument of `Report`: needed with counts, and to tell one binary column from two classes."""
    if matrix is None:
        return multiclass
    return False if matrix.ndim == 2 and not multiclass else None


# The histogram of scores: most of its bins are empty


def _curve_arrays(d: Distribution) -> dict[str, np.ndarray]:
    places = np.flatnonzero(d.weights)
    found = {
        "edges": d.edges,
        "places": places,
        "weights": d.weights.ravel()[places],
        "num_classes": np.array(d.num_classes),
        "flags": np.array([d.multiclass, d.of_logits]),
        "fractional": np.array(float(d.fractional)),
        **({} if d.classes is None else {"classes": np.array(d.classes, np.int64)}),
    }
    return {f"curves/{name}": array for name, array in found.items()}


def _curves(arrays: Mapping[str, np.ndarray], most_classes: int) -> Distribution:
    part = _part(arrays, "curves/")
    edges, num_classes = part["edges"], int(part["num_classes"])
    shape = (num_classes, len(edges) - 1, 2)
    if not 1 <= num_classes <= most_classes or len(edges) < 2 or math.prod(shape) > _MOST_CELLS:
        raise ValueError(f"a histogram of {num_classes} classes and {len(edges)} edges is not what a run writes")
    weights = part["weights"].astype(np.float64)
    if not (np.all(np.isfinite(weights)) and np.all(weights >= 0) and np.all(np.diff(edges) >= 0)):
        raise ValueError("a histogram must hold weights of 0 or more between rising edges")
    cells = np.zeros(math.prod(shape))
    cells[part["places"]] = weights
    multiclass, of_logits = map(bool, part["flags"])
    classes = tuple(part["classes"].tolist()) if "classes" in part else None
    return Distribution(cells.reshape(shape), edges, multiclass, of_logits, float(part["fractional"]), classes)


# Slices: the report of each value


def _slice_arrays(slices: Mapping[str, Mapping[str, Report]]) -> dict[str, np.ndarray]:
    if not slices:
        return {}
    names = json.dumps({name: list(parts) for name, parts in slices.items()})
    arrays = {"slices": np.frombuffer(names.encode(), np.uint8)}
    for prefix, part in zip(_prefixes(slices), (p for parts in slices.values() for p in parts.values()), strict=True):
        arrays |= {prefix + key: array for key, array in report_arrays(part).items()}
    return arrays


def _prefixes(slices: Mapping[str, Any]) -> Iterator[str]:
    for number, values in enumerate(slices.values()):
        yield from (f"slice/{number}/{value}/" for value in range(len(values)))


def _slices(
    arrays: dict[str, np.ndarray], class_names: Sequence[str], depth: int
) -> Iterator[tuple[str, dict[str, Report]]]:
    if "slices" not in arrays or not depth:
        return
    names = json.loads(arrays["slices"].astype(np.uint8).tobytes())
    for number, (name, values) in enumerate(names.items()):
        parts = [_part(arrays, f"slice/{number}/{value}/") for value in range(len(values))]
        yield name, {str(v): _report(p, class_names, None, depth - 1) for v, p in zip(values, parts, strict=True)}


def _part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
