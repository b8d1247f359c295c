"""Labels and predictions made elsewhere, .npy or .csv -> the report of their matrix, piece by piece.

A file may exceed the memory. Files are not trusted: nothing is unpickled, and a .npy file is mapped, so that what its
header declares takes no memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np

from fmnist_tf.labels import INVALID_REASONS
from fmnist_tf.metrics import ConfusionMatrix, CountMetric, CurveSet, MultilabelConfusionMatrix
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS
from fmnist_tf.report import Report

_NUMBERS_A_PIECE = 2**21
_MAX_LINE = 2**20
_MOST_BINS = 2**24  # of 16 bytes
_NO_CURVES = (
    "some scores lie outside 0 to 1, so that AUROC and average precision are left out; if they are logits, say so with "
    "--from-logits"
)


class Table(Protocol):
    """A file of class ids (N,), or of a number a class (N, C)."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def width(self) -> int:
        """The number of columns; 1 for class ids."""
        ...

    @property
    def holds_ids(self) -> bool:
        """Whether it holds class ids, rather than scores or one-hot rows."""
        ...

    @property
    def holds_scores(self) -> bool:
        """Whether it holds scores; of text one-hot rows are taken for such."""
        ...

    def pieces(self, rows: int) -> Iterator[np.ndarray]:
        """Its rows, so many at a time: class ids (n,), or floats (n,) or (n, C)."""
        ...


@dataclass(frozen=True)
class ArrayTable:
    """A mapped .npy file."""

    path: Path
    array: np.ndarray

    @property
    def width(self) -> int:
        """1 or C."""
        return 1 if self.array.ndim == 1 else self.array.shape[1]

    @property
    def holds_ids(self) -> bool:
        """Integers in one column are class ids; in several they are one-hot."""
        return self.width == 1 and self.array.dtype.kind in "iu"

    @property
    def holds_scores(self) -> bool:
        """Floats are scores."""
        return self.array.dtype.kind == "f"

    def pieces(self, rows: int) -> Iterator[np.ndarray]:
        """Copies of parts of the map."""
        for start in range(0, len(self.array), rows):
            piece = np.array(self.array[start : start + rows])
            piece = piece.astype(piece.dtype.newbyteorder("=") if self._is_native_kind else np.float64)
            yield piece.reshape(-1) if self.width == 1 else piece

    @property
    def _is_native_kind(self) -> bool:
        """Whether TensorFlow reads the numbers as meant; one-hot integers would be taken for class ids."""
        return self.holds_ids or self.holds_scores


@dataclass(frozen=True)
class TextTable:
    """A .csv file of numbers, with or without a header; one column holds class ids, if not said to be scores."""

    path: Path
    width: int
    has_header: bool
    says_scores: bool = False

    @property
    def holds_ids(self) -> bool:
        """A single column holds class ids: text does not tell 1 from 1.0."""
        return not self.holds_scores

    @property
    def holds_scores(self) -> bool:
        """Several columns hold scores."""
        return self.width > 1 or self.says_scores

    def pieces(self, rows: int) -> Iterator[np.ndarray]:
        """Numbers parsed line by line."""
        numbers = (self._parse(number, line) for number, line in islice(_lines(self.path), int(self.has_header), None))
        while piece := list(islice(numbers, rows)):
            table = np.array(piece, np.int64 if self.holds_ids else np.float64)
            yield table.reshape(-1) if self.width == 1 else table

    def _parse(self, number: int, line: str) -> list[float]:
        values = _numbers(line)
        if values is None or len(values) != self.width:
            raise ValueError(f"{self.path}, line {number}: expected {self.width} numbers, got {line[:40]!r}")
        if self.holds_ids and not (values[0].is_integer() and abs(values[0]) < 2**53):
            raise ValueError(f"{self.path}, line {number}: {line[:40]!r} is no class id; scores need a column a class")
        return values


def open_table(path: Path, *, scores: bool = False) -> Table:
    """Opens a .npy or .csv file; `scores` says that a single column of text holds scores and no class ids.

    Raises:
        ValueError: it holds no numbers, or not in one or two dimensions.
    """
    return _open_text(path, scores) if path.suffix == ".csv" else _open_array(path)


def score_files(
    y_true: Path,
    y_pred: Path,
    class_names: Sequence[str] | None = None,
    threshold: float | None = None,
    *,
    from_logits: bool = False,
) -> Report:
    """The report of labels and predictions of exclusive classes, or of yes/no columns; of scores with their curves.

    Args:
        y_true: class ids (N,), one-hot rows (N, C), or a yes or no a column.
        y_pred: class ids (N,), scores or one-hot rows (N, C), or floats (N,), one column of scores: yes above 0.5.
        class_names: names of the classes or columns; by default their ids. Of one column those of no and yes.
        threshold: what "yes" exceeds: each column of `y_pred` is a question of its own, (N,) or (N, C).
        from_logits: `y_pred` holds logits; of one column yes is then above 0. Without it the curves are left out where
            a score lies outside 0 to 1.

    Raises:
        ValueError: the files do not fit each other, or hold rows that cannot be counted; logits are declared where
            there are no scores.
    """
    true, pred = open_table(y_true), open_table(y_pred, scores=threshold is not None or from_logits)
    if from_logits and not pred.holds_scores:
        raise ValueError(f"{y_pred} holds no logits but integers; leave out --from-logits")
    if from_logits and pred.width == 1 and threshold is None:
        threshold = 0.0
    metric = _make_metric(true, pred, class_names, threshold)
    curves = _make_histogram(pred, threshold, from_logits) if pred.holds_scores else None
    for labels, predictions in _pairs(true, pred):
        if threshold is None and pred.holds_ids and not true.holds_ids and true.width > 1:
            metric.update_state(labels, _one_hot(predictions, true.width, pred.path))
        else:
            metric.update_state(labels, predictions)
        if curves is not None:
            curves.update_state(labels, predictions)
    _refuse_invalid(metric, true, pred)
    if curves is not None and curves.invalid > 0:
        return Report(metric.matrix, class_names, note=_NO_CURVES)
    return Report(metric.matrix, class_names, curves=curves)


def _make_histogram(pred: Table, threshold: float | None, from_logits: bool) -> CurveSet:
    """What bins the scores; of very many columns coarsely, so that it fits the memory."""
    num_bins = min(DEFAULT_NUM_BINS, max(2, _MOST_BINS // pred.width))
    columns = threshold is not None and pred.width > 1
    return CurveSet(multi_label=columns, from_logits=from_logits, num_bins=num_bins, on_invalid="skip")


def _make_metric(
    true: Table, pred: Table, class_names: Sequence[str] | None, threshold: float | None
) -> ConfusionMatrix | MultilabelConfusionMatrix:
    """What counts the files: classes no and yes of one column, four cells a column of several."""
    if threshold is None:
        return ConfusionMatrix(_count_classes(true, pred, class_names))
    num_names = max(pred.width, 2)
    if class_names is not None and len(class_names) != num_names:
        meant = "columns" if pred.width > 1 else "answers, no and yes"
        raise ValueError(f"{len(class_names)} class names for {num_names} {meant}")
    if pred.width == 1:
        return ConfusionMatrix(threshold=threshold)
    return MultilabelConfusionMatrix(pred.width, threshold=threshold)


def _refuse_invalid(metric: CountMetric, true: Table, pred: Table) -> None:
    """Says how many rows of the files could not be counted, or answers of them, of each kind."""
    invalid = np.asarray(metric.state_dict()["invalid"], np.float64)
    if not invalid.any():
        return
    kinds = ", ".join(
        f"{number:,.0f} x {kind}" for number, kind in zip(invalid, INVALID_REASONS, strict=True) if number
    )
    what, allowed = (
        ("rows", f"classes 0 to {(metric.num_classes or 1) - 1}") if metric.multiclass else ("answers", "0 and 1")
    )
    remedy = "mend the files"
    if pred.width == 1 and not pred.holds_ids:
        remedy += f"; {pred.path} is read as scores of one yes/no question, class ids must be integers"
    raise ValueError(
        f"{true.path} and {pred.path}: {invalid.sum():,.0f} {what} could not be counted "
        f"({kinds}; allowed are {allowed}); {remedy}"
    )


def read_names(path: Path) -> list[str]:
    """The name of a class on each line."""
    return [line for _, line in _lines(path)]


def _count_classes(true: Table, pred: Table, class_names: Sequence[str] | None) -> int | None:
    """From widths, names, or else the largest id; None for one column of scores."""
    if class_names is not None and len(class_names) < 2:
        raise ValueError(f"class names must be 2 or more, got {len(class_names)}")
    width = pred.width if not pred.holds_ids else true.width
    if not pred.holds_ids and pred.width == 1:
        width = 2
    if width > 1 and class_names is not None and len(class_names) != width:
        raise ValueError(f"{len(class_names)} class names for {width} classes")
    if not pred.holds_ids and pred.width == 1:
        return None
    if width > 1:
        return width
    return len(class_names) if class_names is not None else 1 + max(1, _largest(true), _largest(pred))


def _largest(table: Table) -> int:
    largest = max((np.nanmax(piece, initial=0) for piece in table.pieces(_NUMBERS_A_PIECE)), default=0)
    if not largest < 2**31:
        raise ValueError(f"{table.path}: a class id of {largest} is too large")
    return int(largest)


def _pairs(true: Table, pred: Table) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rows = max(1, _NUMBERS_A_PIECE // max(true.width, pred.width))
    empty = np.zeros(0)
    seen = 0
    for labels, predictions in zip_longest(true.pieces(rows), pred.pieces(rows), fillvalue=empty):
        if len(labels) != len(predictions):
            raise ValueError(f"{true.path} and {pred.path} differ in their number of rows")
        seen += len(labels)
        yield labels, predictions
    if not seen:
        raise ValueError(f"{true.path} holds no rows")


def _one_hot(ids: np.ndarray, num_classes: int, path: Path) -> np.ndarray:
    bad = (ids < 0) | (ids >= num_classes)
    if bad.any():
        raise ValueError(f"{path}: class id {ids[bad][0]} is outside the {num_classes} classes of the labels")
    return np.eye(num_classes)[ids.astype(np.int64)]


def _open_array(path: Path) -> ArrayTable:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: not an array of numbers in .npy format; write it with numpy.save") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"{path}: expected one array of numbers")
    if array.ndim not in (1, 2) or 0 in array.shape[1:]:
        raise ValueError(f"{path}: expected class ids (N,) or a column a class (N, C), got shape {array.shape}")
    return ArrayTable(path, array)


def _open_text(path: Path, scores: bool) -> TextTable:
    first, second = [*islice(_lines(path), 2), (0, None), (0, None)][:2]
    if first[1] is None:
        raise ValueError(f"{path} holds no rows")
    has_header = _numbers(first[1]) is None
    values = _numbers((second[1] or "") if has_header else first[1])
    if values is None:
        raise ValueError(f"{path}: expected lines of numbers with commas between them")
    return TextTable(path, len(values), has_header, scores)


def _numbers(line: str) -> list[float] | None:
    try:
        return [float(field) for field in line.split(",")]
    except ValueError:
        return None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers; none may be so long that it fills the memory."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(iter(lambda: _read_line(file, path), ""), 1):
            if len(line) > _MAX_LINE:
                raise ValueError(f"{path}, line {number}: longer than {_MAX_LINE} characters")
            if line.strip():
                yield number, line.strip()


def _read_line(file: TextIO, path: Path) -> str:
    try:
        return file.readline(_MAX_LINE + 1)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8; save it as such") from error
