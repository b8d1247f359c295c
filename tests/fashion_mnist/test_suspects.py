"""Planted errors are wrong labels; suspects are listed and described; their images are read without trust."""

import csv

import numpy as np
import pytest

from fmnist_tf.fashion_mnist.images import load_images, planted_errors, training_ids
from fmnist_tf.fashion_mnist.label_noise import choose_wrong, plant_errors
from fmnist_tf.fashion_mnist.options import Options
from fmnist_tf.fashion_mnist.suspects import describe_suspects, list_suspects, write_suspects
from fmnist_tf.report.run_folder import SUSPECTS, RunFolder
from fmnist_tf.rows import Ledger

NAMES = ["cat", "dog, large", "owl"]
LABELS = np.random.default_rng(0).integers(0, 3, 200).astype(np.uint8)


class Says:
    """A model that predicts class 2."""

    def predict(self, x, verbose):
        return np.tile([0.1, 0.2, 0.7], (len(x), 1))


def filled(margins, labels, first_learned):
    """A ledger of rows that were seen once."""
    ledger = Ledger(len(margins))
    state = ledger.state_dict()
    state["table"][:, 0] = 1
    state["table"][:, 3], state["table"][:, 4], state["table"][:, 7] = first_learned, margins, 2 * np.array(labels)
    ledger.load_state_dict(state)
    return ledger


def test_a_share_of_the_labels_becomes_another_class():
    noisy, wrong = plant_errors(LABELS, 0.1, 3, seed=4)
    assert np.flatnonzero(noisy != LABELS).tolist() == wrong.tolist() == choose_wrong(200, 0.1, 4).tolist()
    assert (len(wrong), noisy.dtype, noisy.max()) == (20, np.uint8, 2)
    assert not np.array_equal(plant_errors(LABELS, 0.1, 3, seed=5)[1], wrong)


def test_errors_of_a_class_can_have_one_target():
    noisy, wrong = plant_errors(LABELS, 0.5, 3, seed=4, confused={0: 1, 1: 2, 2: 0})
    assert noisy[wrong].tolist() == [(label + 1) % 3 for label in LABELS[wrong]]


@pytest.mark.parametrize("val_split", [None, 0.2])
def test_only_labels_to_train_on_are_made_wrong(val_split):
    options = Options(train_size=100, test_size=50, val_split=val_split, seed=3, label_noise=0.1)
    clean, noisy = load_images(Options(train_size=100, test_size=50, val_split=val_split, seed=3)), load_images(options)
    wrong = np.flatnonzero(clean.train[1] != noisy.train[1])
    assert wrong.tolist() == planted_errors(options, noisy).tolist()
    assert len(wrong) == (10 if val_split is None else 8)
    np.testing.assert_array_equal(clean.val[1], noisy.val[1])
    whole = load_images(Options(train_size=100)).train
    np.testing.assert_array_equal(whole[0][training_ids(options, noisy)], noisy.train[0])


@pytest.mark.parametrize("share", [0, 1, 1.0, -0.1, "0.1", float("nan")])
def test_a_share_of_errors_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="`label_noise` must be between 0 and 1"):
        Options(label_noise=share)


def suspects_of(tmp_path, planted=None):
    ledger = filled([0.5, -3.0, 2.0, -1.5], [0, 1, 2, 1], [0, -1, 0, -1])
    ids = np.array([10, 20, 30, 40])
    rows = list_suspects(ledger, np.zeros((4, 28, 28, 1)), ids, Says(), share=0.5)
    write_suspects(RunFolder(tmp_path), rows, NAMES, planted)
    with (tmp_path / SUSPECTS).open(newline="") as file:
        return ledger, rows, list(csv.DictReader(file))


def test_suspects_are_listed_with_the_lowest_margin_first(tmp_path):
    ledger, rows, listed = suspects_of(tmp_path)
    assert [(row["id"], row["label"], row["predicted"], row["margin"]) for row in listed] == [
        ("20", "dog, large", "owl", "-3.0"),
        ("40", "dog, large", "owl", "-1.5"),
    ]
    assert describe_suspects(ledger, rows, NAMES) == (
        "2 of 4 training labels were predicted right in no epoch, 2 of them dog, large; suspects.csv lists the 2 "
        "labels with the lowest margin"
    )


def test_planted_errors_that_were_found_are_counted(tmp_path):
    ledger, rows, listed = suspects_of(tmp_path, np.array([20, 30]))
    assert [row["planted"] for row in listed] == ["1", "0"]
    assert describe_suspects(ledger, rows, NAMES, np.array([20, 30])).startswith("Of 2 planted label errors 50.0% are")


def test_where_every_label_was_right_once_the_sentence_says_0():
    ledger = filled([1.0, 2.0], [0, 1], [0, 0])
    assert describe_suspects(ledger, ledger.suspects(), NAMES).startswith("0 of 2 training labels were predicted")
