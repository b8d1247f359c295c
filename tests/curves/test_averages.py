"""Averages run over the classes of interest: neither over ignored ones nor over those that are not targets."""

from functools import partial

import numpy as np
import pytest

from fmnist_tf.metrics import AUROC, AveragePrecision, BrierScore, CurveSet, RecallAtPrecision, RocCurve
from support.catalogue import fed

#: Few bins, so that XLA compiles nothing.
KINDS = [
    partial(AUROC, num_bins=512),
    partial(AveragePrecision, num_bins=512),
    partial(RecallAtPrecision, precision=0.4, num_bins=512),
]


def draw(num_classes=4, rows=80):
    """(y_true, probabilities)."""
    rng = np.random.default_rng(1)
    y_true = rng.integers(0, num_classes, rows)
    p = rng.random((rows, num_classes)) + np.eye(num_classes)[y_true] / 2
    return y_true, p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("make", KINDS)
def test_a_mean_runs_over_the_target_classes_alone(make):
    each = np.array(fed(make(average=None, dtype="float64"), *draw()).result())
    ours = fed(make(target_class_ids=(1, 3), dtype="float64"), *draw())
    np.testing.assert_allclose(ours.result(), each[[1, 3]].mean(), rtol=1e-12)
    support = np.bincount(draw()[0])[[1, 3]]
    weighted = fed(make(target_class_ids=(1, 3), average="weighted", dtype="float64"), *draw())
    np.testing.assert_allclose(weighted.result(), np.average(each[[1, 3]], weights=support), rtol=1e-12)


def test_without_an_average_the_others_are_nan():
    values = fed(AUROC(average=None, target_class_ids=(1, 3)), *draw()).result()
    np.testing.assert_array_equal(np.isnan(values), [True, False, True, False])


def test_a_micro_average_pools_the_target_classes():
    y_true, p = draw()
    columns = fed(AUROC(1, dtype="float64"), np.eye(4)[y_true][:, [1, 3]].ravel(), p[:, [1, 3]].ravel())
    ours = fed(AUROC(average="micro", target_class_ids=(1, 3), dtype="float64"), y_true, p)
    np.testing.assert_allclose(ours.result(), columns.result(), rtol=1e-12)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_an_ignored_class_is_in_no_average(average):
    y_true, p = draw()
    rows = y_true != 2
    kept = fed(AUROC(average=average, target_class_ids=(0, 1, 3), dtype="float64"), y_true[rows], p[rows])
    ignoring = fed(AUROC(average=average, ignore_class=2, dtype="float64"), y_true, p)
    np.testing.assert_allclose(ignoring.result(), kept.result(), rtol=1e-12)


def test_a_set_averages_over_what_it_does_not_ignore():
    named = fed(CurveSet(scores=["micro_auroc"], ignore_class=2), *draw()).result()["micro_auroc"]
    np.testing.assert_allclose(named, fed(AUROC(average="micro", ignore_class=2), *draw()).result(), rtol=1e-6)


def test_losses_of_columns_average_over_the_target_columns():
    y_true, p = np.eye(4)[draw()[0]], draw()[1]
    each = fed(BrierScore(multi_label=True, average=None, dtype="float64"), y_true, p).result()
    for average in ("auto", "micro"):
        ours = fed(BrierScore(multi_label=True, average=average, target_class_ids=(0, 2), dtype="float64"), y_true, p)
        np.testing.assert_allclose(ours.result(), np.mean(np.array(each)[[0, 2]]), rtol=1e-12)


def test_a_class_is_part_of_the_default_name():
    assert [AUROC(class_id=2).name, AUROC(class_id=2, name="mine").name, AUROC().name] == ["auroc/2", "mine", "auroc"]


@pytest.mark.parametrize("ids", [(), (-1,), (4,)])
def test_target_classes_that_do_not_exist_are_refused(ids):
    with pytest.raises(ValueError, match="`target_class_ids` must"):
        AUROC(4, target_class_ids=ids)


@pytest.mark.parametrize("option", [{"average": "macro"}, {"target_class_ids": (1,)}])
@pytest.mark.parametrize("kind", [RocCurve, CurveSet])
def test_what_has_no_average_takes_none(kind, option):
    with pytest.raises(TypeError, match=f"{kind.__name__} got an unexpected argument '{next(iter(option))}'"):
        kind(**option)


def test_averages_survive_a_round_trip():
    metric = AUROC(average="weighted", target_class_ids=(1, 3), class_id=None)
    assert type(metric).from_config(metric.get_config()).get_config() == metric.get_config()
