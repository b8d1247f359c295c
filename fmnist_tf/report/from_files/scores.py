"""Reports of scores: one column or more, against ids, names, one-hot rows, or a yes or no a column."""

import math
from collections.abc import Iterator

import numpy as np

from fmnist_tf.report.from_files import options
from fmnist_tf.report.from_files.class_ids import ClassIds
from fmnist_tf.report.from_files.columns import stack
from fmnist_tf.report.from_files.counts import Rows, ScoreCounts, counted, regroup
from fmnist_tf.report.from_files.options import FLAGS, Job, Options, Retry, name_numbers
from fmnist_tf.report.report import Report

_NO_CURVES = (
    "some scores lie outside 0 to 1, so that AUROC and average precision are left out; if they are logits, say so with "
    "--from-logits"
)


def score_scores(job: Job) -> Report:
    """The report of scores, with their curves."""
    preds, asked = job.source.predictions, job.options
    columns = preds.width == 1 or asked.threshold is not None
    _check_widths(job, columns)
    ids = _find_classes(job, _given_names(job))
    counts = ScoreCounts(
        preds.width,
        threshold=_effective_threshold(asked, preds.width),
        columns=columns,
        from_logits=asked.from_logits,
        curves="float" in preds.kinds or preds.width == 1,
    )
    counts.groups, span = job.groups, _Span()
    rows = counted(_rows(job, ids, span), job.weights, job.progress)
    for batch in regroup(rows, max(1, options.NUMBERS_A_PIECE // preds.width)):
        counts.add(*batch)
    job.check_rows()
    _check_counts(job, counts, span)
    return _report(job, ids, counts)


def _check_widths(job: Job, columns: bool) -> None:
    labels, preds = job.source.labels, job.source.predictions
    if labels.width not in (1, preds.width):
        meant = "a yes or no a column" if columns else "class ids, or a column a class"
        raise ValueError(f"{labels.path} has {labels.width} columns for {preds.width} columns of scores; give {meant}")
    if labels.width > 1 and "text" in labels.kinds:
        raise ValueError(f"{labels.path}: several columns of labels must be numbers or booleans")


def _effective_threshold(asked: Options, width: int) -> float | None:
    """The threshold for the numbers in the file: that of logits is given as a probability."""
    if not asked.from_logits:
        return asked.threshold
    if asked.threshold is None:
        return 0.0 if width == 1 else None
    if not 0 < asked.threshold < 1:
        raise ValueError(
            f"--threshold must be a probability between 0 and 1 with --from-logits, got {asked.threshold:g}"
        )
    return math.log(asked.threshold / (1 - asked.threshold))


def _given_names(job: Job) -> tuple[str, ...] | None:
    """Names of the columns, of one column those of no and yes; None if they are unknown."""
    preds, names = job.source.predictions, job.options.class_names
    if names is None:
        return preds.names if preds.width > 1 else None
    if len(names) != max(preds.width, 2):
        meant = f"columns of {preds.path}" if preds.width > 1 else "classes, no and yes"
        raise ValueError(f"{len(names)} class names for {max(preds.width, 2)} {meant}")
    return names


def _find_classes(job: Job, names: tuple[str, ...] | None) -> ClassIds:
    labels, preds, asked = job.source.labels, job.source.predictions, job.options
    if names is None and labels.width == 1 and "text" in labels.kinds:
        names = _texts_of_labels(job)
    elif names is None and preds.width == 1 and labels.kinds == {"boolean"}:
        names = FLAGS
    numeric = not asked.class_names and labels.width == 1 and "text" not in labels.kinds and name_numbers(names)
    told_by = "of --classes" if asked.class_names else f"of {preds.path}"
    return ClassIds(names, by_number=numeric, first=asked.first_id, told_by=told_by)


def _texts_of_labels(job: Job) -> tuple[str, ...]:
    """The two texts of the labels of one column of scores."""
    labels, preds = job.source.labels, job.source.predictions
    if preds.width > 1:
        raise ValueError(
            f"{labels.path} holds text and {preds.path} names no classes; write a header with the names, or pass "
            "--classes with those of the columns in order"
        )
    texts = job.source.label_texts(options.NUMBERS_A_PIECE)
    if len(texts) != 2:
        raise ValueError(f"{labels.path}: one column of scores needs 2 classes, got {len(texts)}: {texts[:5]}")
    return tuple(texts)


class _Span:
    """The lowest and the highest id of the labels."""

    def __init__(self) -> None:
        self.low, self.high = math.inf, -math.inf

    def add(self, ids: np.ndarray) -> None:
        """Takes a piece."""
        if len(ids):
            self.low, self.high = min(self.low, ids.min()), max(self.high, ids.max())


def _rows(job: Job, ids: ClassIds, span: _Span) -> Iterator[Rows]:
    """Labels and scores as the metrics take them."""
    labels, preds = job.source.labels, job.source.predictions
    for piece in job.source.pieces(max(1, options.NUMBERS_A_PIECE // max(labels.width, preds.width))):
        if labels.width == 1:
            true = ids.read(piece.labels[0], labels.path)
            span.add(true)
        else:
            true = stack(piece.labels).astype(np.float64, copy=False)
        pred = stack(piece.predictions)
        pred = pred if pred.dtype.kind == "f" else pred.astype(np.float64)
        yield true, pred, piece.weight, job.groups.encode(piece.groups)


def _check_counts(job: Job, counts: ScoreCounts, span: _Span) -> None:
    """Refuses invalid rows or entries, with the number of each kind and the remedy."""
    width = job.source.predictions.width
    invalid = counts.invalid()
    if invalid and span.low == 1 and span.high == width > 1 and not job.options.first_id:
        raise Retry(first_id=1)
    if not invalid and counts.outside and job.options.threshold is None:
        invalid = {"score outside 0 to 1": counts.outside}
    if not invalid:
        return
    what, allowed = ("rows", f"classes 0 to {width - 1}") if counts.metric.multiclass else ("entries", "0 and 1")
    kinds = ", ".join(f"{number:,} x {kind}" for kind, number in invalid.items())
    raise ValueError(
        f"{job.source.labels.path} and {job.source.predictions.path}: {sum(invalid.values()):,} {what} could not be "
        f"counted ({kinds}; allowed are {allowed}); {'; '.join(_remedies(job, invalid))}"
    )


def _remedies(job: Job, invalid: dict[str, int]) -> list[str]:
    labels, preds = job.source.labels, job.source.predictions
    told = ["fix the files"]
    if any("outside 0 to 1" in kind for kind in invalid):
        told.append("logits ask for --from-logits, other scores of binary columns for --threshold")
    if labels.width > 1 and job.options.threshold is None:
        told.append("several ones a row of labels ask for --threshold 0.5")
    if preds.width == 1 and preds.typed:
        told.append(f"{preds.path} is read as scores of yes, class ids must be integers")
    return told


def _report(job: Job, ids: ClassIds, counts: ScoreCounts) -> Report:
    width, asked, names = job.source.predictions.width, job.options, ids.names
    if asked.first_id:
        job.said.append(f"class ids run from 1 to {width}; the first column is class 1")
        names = names or tuple(str(k + 1) for k in range(width))
    if width == 1 and asked.threshold is None:
        limit = "logits above 0" if asked.from_logits else "scores above 0.5"
        job.said.append(f"{limit} are {'yes' if names is None else names[1]}; another limit by --threshold")
    if counts.unequal:
        job.said.append(f"{counts.unequal:,} rows of scores do not sum to 1")
    if counts.outside:
        job.said.append(_NO_CURVES)
    return job.report(counts.metric.matrix, names, None if counts.outside else counts.curves)
