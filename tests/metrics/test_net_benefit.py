"""Net benefit against the values of dcurves, decision curves, intervals, refusals."""

import numpy as np
import pytest

from fmnist_tf.metrics import NetBenefit
from support.catalogue import fed

#: Threshold -> net benefit of the family history and of treating all, as dcurves' net_benefit.csv prints them.
DCURVES = {
    0.05: (0.025614035087719297, 0.09473684210526317),
    0.15: (0.010588235294117641, -0.011764705882352927),
    0.2: (0.001666666666666667, -0.07499999999999998),
    0.5: (-0.08933333333333333, -0.72),
    0.9: (-1.0600000000000003, -7.600000000000002),
}
#: Family history and cancer of 750 people: 24 with both, 91 with a history alone, 81 with cancer alone.
Y_TRUE, Y_PRED = np.repeat([1, 0, 1, 0], [24, 91, 81, 554]), np.repeat([1.0, 1.0, 0.0, 0.0], [24, 91, 81, 554])


def test_the_decision_curve_of_dcurves():
    """Source: dcurves, the tests' resources, univ_canc_famhist/net_benefit.csv, made with the R package."""
    curve = fed(NetBenefit(threshold=list(DCURVES)), Y_TRUE, Y_PRED).curve()
    model, treat_all = zip(*DCURVES.values(), strict=True)
    np.testing.assert_allclose(curve.net_benefit, model, rtol=1e-12)
    np.testing.assert_allclose(curve.treat_all, treat_all, rtol=1e-12)
    assert not curve.treat_none.any()


def test_classes_are_binary_questions_each():
    y_true, y_pred = [0, 1, 2, 2], [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2]]
    by_class = fed(NetBenefit(threshold=0.25, average=None, dtype="float64"), y_true, y_pred).result()
    np.testing.assert_allclose(by_class, [(1 - 2 / 3) / 4, (1 - 1 / 3) / 4, 1 / 4], rtol=1e-12)
    assert fed(NetBenefit(threshold=0.25, class_id=2, dtype="float64"), y_true, y_pred).result() == 0.25
    macro = fed(NetBenefit(threshold=0.25, dtype="float64"), y_true, y_pred).result()
    np.testing.assert_allclose(macro, np.mean(by_class), rtol=1e-12)


def test_logits_are_compared_with_the_logit_of_the_threshold():
    logits = np.array([-3.0, -1.0, 0.5, 4.0])
    ours = fed(NetBenefit(threshold=0.2, from_logits=True), [0, 1, 0, 1], logits).result()
    assert ours == fed(NetBenefit(threshold=0.2), [0, 1, 0, 1], 1 / (1 + np.exp(-logits))).result()


def test_the_interval_is_that_of_a_mean():
    metric = fed(NetBenefit(threshold=[0.05, 0.2]), Y_TRUE, Y_PRED)
    low, high = metric.interval()
    odds = 0.2 / 0.8
    gain = np.where(Y_PRED > 0, np.where(Y_TRUE == 1, 1, -odds), 0)
    assert low.shape == (2, 1)
    np.testing.assert_allclose((high - low)[1, 0], 2 * 1.96 * gain.std(ddof=1) / np.sqrt(750), rtol=0.05)
    assert low[1, 0] < gain.mean() < high[1, 0]


@pytest.mark.parametrize(("options", "error"), [
    ({"threshold": 1.0}, "at least 0 and below 1, got 1.0"),
    ({"threshold": [0.2, -0.1]}, "at least 0 and below 1, got -0.1"),
    ({"threshold": 0.5, "num_classes": 1, "class_id": 0}, "`class_id` must be 1, yes, for one column"),
])  # fmt: skip
def test_what_is_no_threshold_probability_is_refused(options, error):
    with pytest.raises(ValueError, match=error):
        NetBenefit(**options)
