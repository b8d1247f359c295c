"""`top_k` with a threshold asks for both, as in Keras, and one column is refused with the remedy."""

import keras
import numpy as np
import pytest

from fmnist_tf.metrics import F1Score, Precision, Recall
from support.catalogue import fed, stream

Y_TRUE, SCORES = stream(24)


@pytest.mark.parametrize("kind", [Precision, Recall])
@pytest.mark.parametrize("k", [1, 2])
def test_yes_are_the_largest_scores_that_exceed_the_threshold(kind, k):
    theirs = getattr(keras.metrics, kind.__name__)(top_k=k, thresholds=[0.3, 0.6])
    drawn = SCORES + np.linspace(0, 0.01, 72, dtype=np.float32).reshape(24, 3)  # Keras takes both of a tie
    theirs.update_state(np.eye(3)[Y_TRUE], drawn)
    ours = fed(kind(top_k=k, threshold=[0.3, 0.6], average="micro"), Y_TRUE, drawn)
    np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-6)


def test_of_booleans_the_first_are_the_largest():
    columns = np.array([[False, True, True], [True, True, False]])
    metric = fed(Precision(top_k=1, average=None), [1, 1], columns)
    np.testing.assert_array_equal(metric.counts.predicted, [1, 1, 0])


@pytest.mark.parametrize("scores", [[0.2, 0.7], [[0.2], [0.7]]])
def test_one_column_has_nothing_to_choose_from(scores):
    with pytest.raises(ValueError, match="`top_k` chooses among the score columns of a row, got one column"):
        fed(F1Score(top_k=1), [0, 1], scores)
