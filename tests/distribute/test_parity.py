"""Replicas learn and log what one process does, whatever optimizer and loss."""

import keras
import pytest

from fmnist_tf import fit_workers
from support import parity
from support.marks import heavy
from support.replicas import two_replicas


@pytest.fixture(scope="module")
def strategy():
    return two_replicas()


def difference(case, strategy):
    alone = parity.make(case)
    history = alone.fit(parity.batches(case), epochs=2, verbose=0).history
    with strategy.scope():
        model = parity.make(case)
    return parity.greatest_difference(alone, history, model, fit_workers(model, parity.batches(case), epochs=2).history)


@pytest.mark.parametrize("name", ["clipnorm", "mask", *map(heavy, ("global_clipnorm", "ignore_class", "one number"))])
def test_replicas_learn_and_log_what_one_process_does(name, strategy):
    assert difference(parity.CASES[name], strategy) < 1e-6


@pytest.mark.heavy
@pytest.mark.parametrize("name", parity.MORE_CASES)
def test_replicas_learn_and_log_what_one_process_does_in_the_whole_table(name, strategy):
    assert difference(parity.MORE_CASES[name], strategy) < 1e-6


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"gradient_accumulation_steps": 2}, "`gradient_accumulation_steps` works in a single process alone"),
        ({"use_ema": True, "ema_overwrite_frequency": 2}, "`ema_overwrite_frequency` works in a single process alone"),
    ],
)
def test_an_optimizer_that_cannot_be_right_is_refused_by_name(options, told, strategy):
    with strategy.scope():
        model = parity.make(parity.CASES["clipnorm"]._replace(optimizer=parity.sgd(**options)))
    with pytest.raises(ValueError, match=told):
        fit_workers(model, (parity.X, parity.Y))


def test_a_loss_of_one_number_beside_a_regularizer_is_refused(strategy):
    with strategy.scope():
        model = parity.make(parity.CASES["one number"]._replace(make=parity.regularized))
    with pytest.raises(ValueError, match="a loss that is one number a batch cannot be added to"):
        fit_workers(model, (parity.X, parity.Y))


def test_a_loss_without_reduction_is_refused(strategy):
    with strategy.scope():
        model = parity.dense()
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(reduction="none"))
    with pytest.raises(ValueError, match="losses must be means or sums over the rows of a batch"):
        fit_workers(model, (parity.X, parity.Y))
