"""Reports of predicted classes: ids or names in one column, against ids, names or one-hot rows."""

from collections.abc import Iterator, Sequence

import numpy as np

from fmnist_tf.files.tables import Texts
from fmnist_tf.report.from_files import options
from fmnist_tf.report.from_files.class_ids import ClassIds
from fmnist_tf.report.from_files.columns import stack
from fmnist_tf.report.from_files.counts import PairCounts, Rows, counted
from fmnist_tf.report.from_files.options import FLAGS, Job, Retry, name_numbers
from fmnist_tf.report.report import Report

#: From here on a report takes seconds, and this share of the ids must occur, since one stray id makes as many classes.
_MANY_CLASSES, _LEAST_SHARE = 2000, 0.1


def score_ids(job: Job) -> Report:
    """The report of class ids or names in one column, against ids, names or one-hot rows."""
    ids = _find_classes(job)
    pairs = PairCounts(len(ids.names or (0, 1)))
    for true, pred, weight, codes in counted(_rows(job, ids), job.weights, job.progress):
        pairs.add(true, pred, weight)
        if codes is not None:
            job.groups.add_ids(codes, true, pred, weight)
    job.check_rows()
    return _report(job, ids, pairs)


def _find_classes(job: Job) -> ClassIds:
    labels, preds, asked = job.source.labels, job.source.predictions, job.options
    kinds = labels.kinds | preds.kinds
    names = asked.class_names or (labels.names if labels.width > 1 else None)
    if names is None and kinds == {"boolean"}:
        names = FLAGS
    numeric = not asked.class_names and "text" not in kinds and name_numbers(names)
    told_by = "of --classes" if asked.class_names else f"that {labels.path} names"
    as_text = "text" in kinds and labels.width == 1
    return ClassIds(names, by_number=numeric, as_text=as_text, first=asked.first_id, told_by=told_by)


def _rows(job: Job, ids: ClassIds) -> Iterator[Rows]:
    """Pairs of ids."""
    labels, preds = job.source.labels, job.source.predictions
    for piece in job.source.pieces(max(1, options.IDS_A_PIECE // labels.width)):
        if not preds.typed and not isinstance(piece.predictions[0], Texts) and _has_fractions(piece.predictions[0]):
            raise Retry(as_scores=True)
        pred = ids.read(piece.predictions[0], preds.path)
        one = labels.width == 1
        true = ids.read(piece.labels[0], labels.path) if one else _largest(stack(piece.labels), labels.path)
        yield true, pred, piece.weight, job.groups.encode(piece.groups)


def _has_fractions(values: np.ndarray) -> bool:
    if values.dtype.kind != "f":
        return False
    present = values[np.isfinite(values)]
    return bool((present != np.floor(present)).any())


def _largest(rows: np.ndarray, path: str) -> np.ndarray:
    """The class of each one-hot or soft row."""
    rows = rows.astype(np.float64, copy=False)
    bad = ~((rows >= 0) & (rows <= 1)).all(axis=1) | (np.abs(rows.sum(axis=1) - 1) > 0.01)
    if bad.any():
        raise ValueError(
            f"{path}: {bad.sum():,} rows of labels are no distribution over {rows.shape[1]} classes; "
            "several ones a row ask for --threshold 0.5 and scores"
        )
    return rows.argmax(axis=1)


def _report(job: Job, ids: ClassIds, pairs: PairCounts) -> Report:
    if ids.names is None and not ids.texts:
        _refuse_stray_ids(job, pairs)
    names, classes = ids.names, np.arange(len(pairs.matrix))
    if names is None and ids.texts:
        classes = np.argsort(np.array(ids.texts, object))
        names = tuple(np.array(ids.texts, object)[classes])
    elif names is None and pairs.lowest == 1 and pairs.highest >= 2:
        names, classes = tuple(str(k) for k in range(1, pairs.highest + 1)), classes[1:]
        job.said.append(f"class ids run from 1 to {pairs.highest}; there is no class 0")
    elif names is not None and pairs.highest >= len(names):
        _refuse_ids(job, names, pairs)
    if len(classes) < 2:
        raise ValueError(f"{job.source.labels.path}: class names must be 2 or more, got {', '.join(names or ())}")
    return job.report(pairs.matrix[np.ix_(classes, classes)], names, classes=classes)


def _refuse_stray_ids(job: Job, pairs: PairCounts) -> None:
    """Refuses ids of which nearly none occur: a report of all classes up to the highest would take GB and minutes."""
    highest, occurring = pairs.highest, pairs.num_occurring
    if highest >= _MANY_CLASSES and occurring < _LEAST_SHARE * highest:
        raise ValueError(
            f"{job.source.labels.path}: class ids go up to {highest:,}, but only {occurring:,} of them occur; if "
            "that is no stray value, number the classes from 0, or name all of them by --classes"
        )


def _refuse_ids(job: Job, names: Sequence[str], pairs: PairCounts) -> None:
    """Ids beyond the names: counted from 1, or wrong."""
    if pairs.lowest == 1 and pairs.highest == len(names) and not job.options.first_id:
        raise Retry(first_id=1)
    raise ValueError(
        f"a class id of {pairs.highest} is outside the {len(names)} classes, 0 to {len(names) - 1}; fix the files "
        "or --classes"
    )
