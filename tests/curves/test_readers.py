"""Compiled readers of histograms are shared by metrics of one configuration, bounded, and keep no metric alive."""

import gc
import weakref

import keras
import numpy as np
import pytest

from fmnist_tf.curves import readers
from fmnist_tf.metrics import AUROC, BrierScore, CurveSet, ExpectedCalibrationError, RecallAtPrecision, RocCurve
from support.catalogue import fed

BATCH = [0, 1, 2, 1], np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]


def compiled():
    """How many readers have been compiled since the start."""
    return readers.compile_reader.cache_info().misses


@pytest.mark.parametrize(
    "make",
    [
        AUROC,
        lambda: RecallAtPrecision(precision=0.25),
        lambda: CurveSet(scores=["auroc", RecallAtPrecision(precision=0.75)]),
    ],
)
def test_a_second_metric_of_one_configuration_compiles_nothing(make):
    first = fed(make(), *BATCH).result()
    before = compiled()
    second = fed(make(), *BATCH)
    assert second.result() == first
    assert compiled() == before


def test_another_configuration_is_compiled_by_itself():
    fed(RecallAtPrecision(precision=0.25), *BATCH).result()
    before = compiled()
    fed(RecallAtPrecision(precision=0.26), *BATCH).result()
    assert compiled() == before + 1


def test_a_metric_that_is_dropped_is_freed():
    metric = fed(AUROC(), *BATCH)
    metric.result()
    ref = weakref.ref(metric)
    del metric
    gc.collect()
    assert ref() is None


def test_the_cache_is_bounded():
    assert readers.compile_reader.cache_info().maxsize == 128


@pytest.mark.parametrize("kind", [AUROC, BrierScore, CurveSet, ExpectedCalibrationError, RecallAtPrecision, RocCurve])
def test_a_metric_of_scores_is_at_most_four_levels_below_keras(kind):
    def levels(cls):
        bases = [base for base in cls.__bases__ if issubclass(base, keras.metrics.Metric)]
        return 0 if cls is keras.metrics.Metric else 1 + max(map(levels, bases))

    assert levels(kind) <= 4
