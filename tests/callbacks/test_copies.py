"""A ScoreLogger can be copied and pickled, with what it recorded."""

import copy
import pickle

import pytest

from fmnist_tf import AUROC, ScoreLogger, ScoreSet
from support.fitting import X, Y, compiled, fit, quiet


@pytest.fixture(scope="module")
def trained():
    metrics = ScoreSet(live=()), AUROC()
    return fit(quiet({"more": (X, Y)}, per_class=("recall",), class_names=["a", "b", "c"]), *metrics)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda logger: pickle.loads(pickle.dumps(logger))])
def test_a_copy_has_the_record_and_trains_again(trained, copied):
    other = copied(trained)
    assert other.history == trained.history
    assert other.report("more").text() == trained.report("more").text()
    compiled(ScoreSet()).fit(X, Y, epochs=1, verbose=0, callbacks=[other])
    assert len(other.history["recall/a"]) == 1
    assert len(trained.history["recall/a"]) == 2


def test_a_logger_that_has_not_trained_can_be_pickled():
    assert pickle.loads(pickle.dumps(ScoreLogger(scores="macro_f1"))).keys.scores.keys() == {"macro_f1"}
