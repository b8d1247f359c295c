"""True and false positives and negatives are numbers of samples: they add up over classes, columns and weights."""

import keras
import numpy as np
import pytest

from fmnist_tf.intervals import interval
from fmnist_tf.metrics import FalseNegatives, FalsePositives, ScoreSet, TrueNegatives, TruePositives
from support.catalogue import fed

CELLS = (TruePositives, FalsePositives, TrueNegatives, FalseNegatives)
COLUMNS = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.9, 0.2], [0.7, 0.8], [0.1, 0.6]], np.float32)


@pytest.mark.parametrize("kind", CELLS)
def test_several_columns_are_summed_as_in_keras(kind):
    theirs = getattr(keras.metrics, kind.__name__)()
    theirs.update_state(*COLUMNS, sample_weight=[1.0, 2.0, 4.0])
    assert fed(kind(threshold=0.5), *COLUMNS, [1.0, 2.0, 4.0]).result() == float(theirs.result())


def test_classes_are_summed_and_none_gives_each():
    y_true, y_pred = [0, 1, 2, 1], [0, 1, 1, 1]
    assert fed(FalsePositives(3), y_true, y_pred).result() == 1
    np.testing.assert_array_equal(fed(FalsePositives(3, average=None), y_true, y_pred).result(), [0, 1, 0])
    assert fed(FalsePositives(3, class_id=1), y_true, y_pred).result() == 1
    assert fed(FalsePositives(3, target_class_ids=[0, 2]), y_true, y_pred).result() == 0


def test_a_set_has_them_by_name():
    metric = fed(ScoreSet(scores=["true_positives", "false_negatives/0"]), [0, 1, 1], [0.2, 0.7, 0.4])
    assert {name: float(value) for name, value in metric.result().items()} == {
        "true_positives": 1.0,
        "false_negatives/0": 0.0,
    }


def test_a_count_beyond_the_integers_of_float32_is_logged_exactly():
    metric = TruePositives(2)
    metric.load_state_dict({**metric.state_dict(), "counts": np.array([0, 0, 0, 0, 0, 0, 2.0**24 + 1, 0])})
    assert metric.result() == 2**24 + 1


def test_a_sum_of_weights_has_no_interval_and_a_number_of_samples_has():
    low, high = interval("true_positives[1]", [[50, 0], [10, 40]])
    assert low < 40 < high
    assert interval("true_positives[1]", [[50, 0], [10, 40]], effective_total=20) is None
