"""Random streams beside scikit-learn: every score, counted eagerly, in a graph, under XLA and on two replicas.

    python -m benchmarks.random_comparisons --number 1000000

A comparison is one score of one stream in one mode. Weights, classes that do not occur and skewed classes are among the
streams. Exits with 1 and the seed of the stream where a value differs by more than 1e-12.
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from fmnist_tf import ScoreSet

ROWS = 48  # few shapes, since each is traced for each mode
CLASSES = (2, 3, 5, 9)
AVERAGES = ("macro", "micro", "weighted")
KINDS = ("precision", "recall", "f1", "jaccard")
OVERALL = ("accuracy", "balanced_accuracy", "matthews_correlation", "cohen_kappa")
NAMES = (*OVERALL, *(f"{average}_{kind}" for average in AVERAGES for kind in KINDS))
Step = Callable[[np.ndarray, np.ndarray, np.ndarray], dict[str, Any]]


def draw(seed: int, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(y_true, y_pred, weight), with skewed classes, and weights that are 1 for every other stream."""
    rng = np.random.default_rng([seed, classes])
    shares = rng.dirichlet(np.full(classes, rng.choice([0.2, 1.0, 5.0])))
    y_true = rng.choice(classes, ROWS, p=shares)
    y_pred = np.where(rng.random(ROWS) < rng.random(), y_true, rng.integers(0, classes, ROWS))
    return y_true, y_pred, rng.integers(0, 9, ROWS) / 4 + 0.25 if seed % 2 else np.ones(ROWS)


def expected(y_true: np.ndarray, y_pred: np.ndarray, weight: np.ndarray, classes: int) -> np.ndarray:
    """The values of scikit-learn in the order of `NAMES`; 0/0 is 0."""
    from sklearn import metrics

    given: dict[str, Any] = {"sample_weight": weight}
    values = [
        metrics.accuracy_score(y_true, y_pred, **given),
        metrics.balanced_accuracy_score(y_true, y_pred, **given),
        metrics.matthews_corrcoef(y_true, y_pred, **given),
        np.nan_to_num(metrics.cohen_kappa_score(y_true, y_pred, **given)),
    ]
    for average in AVERAGES:
        options = {"labels": range(classes), "average": average, "zero_division": 0.0, **given}
        values += metrics.precision_recall_fscore_support(y_true, y_pred, **options)[:3]
        values.append(metrics.jaccard_score(y_true, y_pred, **options))
    return np.array(values)


def make_steps(classes: int) -> dict[str, Step]:
    """Mode -> a function from a stream to the scores of a set that has counted it in two batches."""

    def make() -> ScoreSet:
        return ScoreSet(classes, scores=NAMES, dtype="float64")

    steps: dict[str, Step] = {"eager": _step(make())}
    for mode, jit_compile in (("graph", False), ("xla", True)):
        steps[mode] = tf.function(_step(make()), jit_compile=jit_compile)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        replicated = make()

    @tf.function
    def on_replicas(y_true, y_pred, weight):
        def count():
            at = tf.distribute.get_replica_context().replica_id_in_sync_group * (ROWS // 2)
            replicated.update_state(*(part[at : at + ROWS // 2] for part in (y_true, y_pred, weight)))

        strategy.run(count)

    def replicas(y_true, y_pred, weight):
        replicated.reset_state()
        on_replicas(y_true, y_pred, weight)
        return replicated.result()

    return {**steps, "replicas": replicas}


def _step(metric: ScoreSet) -> Step:
    def step(y_true, y_pred, weight):
        metric.reset_state()
        for part in (slice(0, ROWS // 3), slice(ROWS // 3, ROWS)):
            metric.update_state(y_true[part], y_pred[part], weight[part])
        return metric.result()

    return step


def compare(number: int, seed: int, modes: list[str]) -> tuple[int, list[str]]:
    """How many comparisons were made, and the first streams on which a score differs."""
    steps = {classes: make_steps(classes) for classes in CLASSES}
    done, differing, told = 0, [], time.monotonic()
    while done < number and len(differing) < 10:
        seed += 1
        for classes, of_classes in steps.items():
            stream = draw(seed, classes)
            theirs = expected(*stream, classes)
            tensors = tuple(map(tf.constant, stream))
            for mode in modes:
                values = of_classes[mode](*tensors)
                ours = np.array([float(value) for value in values.values()])
                wrong = ~np.isclose(ours, theirs, rtol=1e-12, atol=1e-12)
                differing += [f"seed {seed}, {classes} classes, {mode}: {NAMES[k]}" for k in np.flatnonzero(wrong)]
                done += len(NAMES)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{done:,} comparisons, {len(differing)} differ", flush=True)
    return done, differing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modes", default="eager,graph,xla,replicas")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    done, differing = compare(options.number, options.seed, options.modes.split(","))
    print("\n".join(differing) or f"{done:,} comparisons without a difference")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
