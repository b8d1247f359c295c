"""A custom loop: an eager `update_state`, by batch size, and how often it is traced."""

from benchmarks import streams
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import MacroF1
from fmnist_tf.metrics import update

SIZES = (32, 256, 1_024, 4_096, 16_384, 65_536)
CLASSES = 10


def measure(quick: bool) -> list[Measurement]:
    rounds = 7 if quick else 21
    return [row for rows in SIZES for row in _measure(rows, rounds)] + [traces()]


def _measure(rows: int, rounds: int) -> list[Measurement]:
    y_true, y_pred = streams.batch(rows, CLASSES)
    built_in: Contender = streams.built_in(y_true, y_pred, in_loop=True)
    contenders = [streams.eager(y_true, y_pred), built_in, *streams.torchmetrics(y_true, y_pred, CLASSES)]
    return contest(
        "own_loop", f"{rows:,} x {CLASSES}, eager", contenders, rounds=rounds, x=rows, axis="rows of a batch"
    )


def traces() -> Measurement:
    """How often batches of ten sizes are traced."""
    update.compiled.cache_clear()
    update._traced.cache_clear()
    metric, made = MacroF1(CLASSES), []
    original = update.compiled
    update.compiled = lambda *key, **options: made.append(original(*key, **options)) or made[-1]
    try:
        for rows in range(23, 33):
            metric.update_state(*streams.batch(rows, CLASSES))
    finally:
        update.compiled = original
    count = sum(function.experimental_get_tracing_count() for function in set(made))
    return Measurement("own_loop", "batches of ten sizes", streams.OURS, note=f"{count} traces")
