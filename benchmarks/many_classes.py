"""Very many classes: bytes of state a class, an update by its rows, and the time for the score."""

import numpy as np

from benchmarks import streams
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import ConfusionMatrix, MacroF1

CLASSES = (100_000, 1_000_000)
ROWS = (32, 1_024, 32_768, 1_048_576)


def measure(quick: bool) -> list[Measurement]:
    rounds = 3 if quick else 11
    return [row for classes in CLASSES for row in _measure(classes, ROWS[:3] if quick else ROWS, rounds)]


def _measure(classes: int, sizes: tuple[int, ...], rounds: int) -> list[Measurement]:
    measurements = []
    for rows in sizes:
        y_true, y_pred = ids(rows, classes)
        case = f"{classes:,} classes, {rows:,} rows"
        contenders = [streams.class_ids(y_true, y_pred, classes)]
        measurements += contest(
            "many_classes", case, contenders, rounds=rounds, x=rows, axis=f"rows ({classes:,} classes)"
        )
    return [*measurements, *_score(classes, rounds), _refused_matrix(classes)]


def ids(rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """(labels, predictions), of which about half are right."""
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, classes, (2, rows))
    return y_true, np.where(rng.random(rows) < 0.5, y_true, y_pred)


def _score(classes: int, rounds: int) -> list[Measurement]:
    metric = MacroF1(classes)
    metric.update_state(*ids(1_000, classes))
    state = sum(variable.value.shape[0] * 8 for variable in metric.variables)
    (row,) = contest(
        "many_classes", f"{classes:,} classes", [Contender("MacroF1.result()", metric.result)], rounds=rounds
    )
    note = Measurement("many_classes", row.case, "state", note=f"{state / classes:.2f} bytes a class")
    return [row, note]


def _refused_matrix(classes: int) -> Measurement:
    try:
        ConfusionMatrix(classes)
    except ValueError as error:
        return Measurement("many_classes", f"{classes:,} classes", "ConfusionMatrix", note=str(error))
    raise AssertionError(f"a matrix of {classes:,} classes was made")
