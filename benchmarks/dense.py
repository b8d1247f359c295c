"""Dense and large batches, as of segmentation and language models: one update inside a compiled step."""

from benchmarks import streams
from benchmarks.timing import Measurement, contest

SHAPES = ((262_144, 2), (262_144, 10), (262_144, 21), (65_536, 100), (4_096, 1_000), (512, 32_000))
#: Beyond, the peer counts through a matrix of classes x classes: seconds for a batch.
MOST_CLASSES_OF_TORCHMETRICS = 10_000


def measure(quick: bool) -> list[Measurement]:
    return [row for rows, classes in SHAPES for row in _measure(rows, classes, 5 if quick else 21)]


def _measure(rows: int, classes: int, rounds: int) -> list[Measurement]:
    y_true, y_pred = streams.batch(rows, classes)
    contenders = [streams.in_graph(y_true, y_pred), streams.built_in(y_true, y_pred), streams.reduce_sum(y_pred)]
    contenders += streams.metrax(y_true, y_pred, classes)
    if classes <= MOST_CLASSES_OF_TORCHMETRICS:
        contenders += streams.torchmetrics(y_true, y_pred, classes)
    return contest("dense", f"{rows:,} x {classes:,}", contenders, rounds=rounds)
