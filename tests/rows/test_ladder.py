"""The Ladder announces what is better, and takes noise for noise."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from numpy.lib.recfunctions import append_fields

from fmnist_tf.intervals import Rules
from fmnist_tf.rows import LadderStopping
from fmnist_tf.rows.steps import Scoring

LABELS = np.random.default_rng(0).integers(0, 3, 600)


class Logger:
    """The part of a ScoreLogger that the Ladder reads."""

    def __init__(self, num_classes=3):
        self.rows, self.history, self.datasets = (
            {},
            {"val_accuracy": [], "val_macro_f1": [], "val_hamming_loss": []},
            {},
        )
        self.epochs = {"train": [], "val": []}
        self.num_classes, self.followed = num_classes, []

    def scoring(self, name):
        binary = self.num_classes == 1
        columns = self.rows[name]["label"].ndim == 2
        return Scoring(2 if binary else self.num_classes, Rules(not (binary or columns), binary=binary))

    def follow(self, name, ladder):
        self.followed.append((name, ladder))

    def add(self, predicted, labels=LABELS, ids=None):
        rows = np.zeros(
            len(labels), [("id", int), ("label", int, labels.shape[1:]), ("predicted", int, labels.shape[1:])]
        )
        rows["id"] = np.arange(len(labels)) if ids is None else ids
        rows["label"], rows["predicted"] = labels, predicted
        self.rows["val"] = rows
        for epochs in self.epochs.values():
            epochs.append(len(epochs))
        right = float((rows["label"] == rows["predicted"]).mean())
        for key, values in self.history.items():
            values.append(1 - right if "loss" in key else right)


def accuracy_of(share, seed):
    """Predictions that are right with this probability, each row by itself."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(LABELS)) < share, LABELS, (LABELS + 1) % 3)


def ladder(shares, monitor="val_accuracy", patience=3, **options):
    logger = Logger()
    stop = LadderStopping(monitor, logger, patience=patience, **options)
    stop.set_model(SimpleNamespace(stop_training=False))
    stop.on_train_begin()
    for epoch, share in enumerate(shares):
        logger.add(accuracy_of(share, epoch))
        stop.on_epoch_end(epoch, {})
    return stop


def announced(stop):
    return [entry["announced"] for entry in stop.history]


@pytest.mark.parametrize("monitor", ["val_accuracy", "val_macro_f1", "val_hamming_loss"])
def test_clear_steps_up_are_announced(monitor):
    assert announced(ladder([0.3, 0.5, 0.7, 0.4, 0.9], monitor)) == [True, True, True, False, True]


def test_the_first_epoch_is_announced_without_an_interval():
    first = ladder([0.5]).history[0]
    assert first["announced"]
    assert np.isnan([first["difference"], first["low"], first["high"]]).all()


def test_the_interval_holds_the_difference_from_the_last_announced_epoch():
    stop = ladder([0.5, 0.3, 0.9])
    entry = stop.history[-1]
    assert entry["difference"] == pytest.approx(entry["value"] - stop.history[0]["value"])
    assert entry["low"] < entry["difference"] < entry["high"]


def test_of_equal_epochs_few_are_announced():
    """At 95 % on one side one step in 20 errs; the better of two equal epochs is the later one every second time."""
    wrong = 0
    for seed in range(100):
        logger = Logger()
        stop = LadderStopping("val_accuracy", logger, patience=3)
        stop.set_model(SimpleNamespace(stop_training=False))
        for epoch in range(2):
            logger.add(accuracy_of(0.6, 1000 * (epoch + 1) + seed))
            stop.on_epoch_end(epoch, {})
        wrong += stop.history[-1]["announced"]
    assert wrong <= 11  # of 100 at 5 %: more than that happens once in 100 times


def test_training_stops_after_patience_epochs_without_an_announcement():
    stop = ladder([0.9, 0.5, 0.5, 0.5], patience=3)
    assert stop.model.stop_training
    assert not ladder([0.9, 0.5, 0.5], patience=3).model.stop_training


def test_a_new_fit_begins_anew():
    stop = ladder([0.9, 0.5])
    stop.on_train_begin()
    assert (stop.history, stop.best_epoch) == ([], None)


def test_epochs_without_validation_are_passed_over():
    stop = ladder([0.5])
    stop.logger.epochs["train"].append(1)
    stop.on_epoch_end(1, {})
    assert len(stop.history) == 1


def test_a_logger_that_comes_later_is_refused():
    with pytest.raises(ValueError, match="must stand after its logger"):
        ladder([0.5]).on_epoch_end(1, {})


def test_the_weights_of_the_announced_best_come_back():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    logger = Logger()
    stop = LadderStopping("val_accuracy", logger, patience=9, restore_best_weights=True)
    stop.set_model(model)
    for epoch, share in enumerate([0.5, 0.9, 0.4]):
        model.set_weights([np.full((1, 1), epoch), np.zeros(1)])
        logger.add(accuracy_of(share, epoch))
        stop.on_epoch_end(epoch, {})
    stop.on_train_end()
    assert model.get_weights()[0].item() == 1


@pytest.mark.parametrize("name", ["best.keras", "best.weights.h5"])
def test_the_announced_best_is_saved(tmp_path, name):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    logger = Logger()
    stop = LadderStopping("val_accuracy", logger, patience=9, filepath=tmp_path / name)
    stop.set_model(model)
    for epoch, share in enumerate([0.5, 0.9, 0.4]):
        model.set_weights([np.full((1, 1), epoch), np.zeros(1)])
        logger.add(accuracy_of(share, epoch))
        stop.on_epoch_end(epoch, {})
    if name.endswith(".keras"):
        model = keras.models.load_model(tmp_path / name)
    else:
        model.load_weights(tmp_path / name)
    assert model.get_weights()[0].item() == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_score_that_is_not_logged_is_computed_from_the_rows():
    stop = ladder([0.3, 0.9], "val_matthews_correlation")
    assert announced(stop) == [True, True]
    assert stop.history[1]["value"] > 0.8


def test_a_class_can_be_named():
    logger = Logger()
    logger.class_names = ["cat", "dog", "T-shirt/top"]
    stop = LadderStopping("val_recall/T-shirt/top", logger, patience=3)
    for epoch, share in enumerate([0.3, 0.9]):
        logger.add(np.where(LABELS == 2, accuracy_of(share, epoch), LABELS))
        stop.on_epoch_end(epoch, {})
    assert stop.history[1]["value"] == pytest.approx(0.9, abs=0.05)
    assert announced(stop) == [True, True]


@pytest.mark.parametrize(("groups", "second"), [(None, True), (np.arange(600) // 60, False), ("user", False)])
def test_rows_of_one_group_count_as_one(groups, second):
    logger = Logger()
    stop = LadderStopping("val_accuracy", logger, patience=3, groups=groups)
    for epoch in range(2):
        fixed = (np.arange(600) < 60) & (epoch == 1)  # all of one group, and nothing else
        logger.add(np.where(fixed | (np.arange(600) % 3 > 0), LABELS, (LABELS + 1) % 3))
        logger.rows["val"] = append_fields(logger.rows["val"], "user", np.arange(600) // 60, usemask=False)
        stop.on_epoch_end(epoch, {})
    assert announced(stop) == [True, second]


def test_the_line_of_the_logger_follows_the_ladder():
    stop = ladder([0.5, 0.9])
    assert [(name, of.best_epoch) for name, of in stop.logger.followed] == [("val", 1)]


def test_one_column_is_scored_by_yes():
    logger = Logger(num_classes=1)
    logger.history["val_recall"] = logger.history["val_accuracy"]
    stop = LadderStopping("val_recall", logger, patience=3)
    labels = np.array([0, 1] * 100)
    for epoch, predicted in enumerate([np.zeros(200, int), labels]):
        logger.add(predicted, labels)
        stop.on_epoch_end(epoch, {})
    assert stop.history[1]["low"] > 0.9  # 1 less 0; the mean of no and yes would be 1 less 0.5


def test_several_columns_are_paired_too():
    labels = np.random.default_rng(0).integers(0, 2, (300, 3))
    logger = Logger()
    stop = LadderStopping("val_macro_f1", logger, patience=3)
    for epoch, share in enumerate([0.6, 0.6, 0.9]):
        flip = np.random.default_rng(epoch).random(labels.shape) > share
        logger.add(labels ^ flip, labels)
        stop.on_epoch_end(epoch, {})
    assert announced(stop) == [True, False, True]


@pytest.mark.parametrize("change", ["ids", "labels"])
def test_other_rows_are_refused(change):
    logger = Logger()
    stop = LadderStopping("val_accuracy", logger, patience=3)
    logger.add(accuracy_of(0.5, 0))
    stop.on_epoch_end(0, {})
    ids = np.arange(len(LABELS)) + 1 if change == "ids" else None
    logger.add(accuracy_of(0.5, 0), LABELS if change == "ids" else (LABELS + 1) % 3, ids=ids)
    with pytest.raises(ValueError, match=r"LadderStopping pairs rows by id, .*; give tag\(ids=\) the same ids"):
        stop.on_epoch_end(1, {})


def test_a_logger_without_rows_is_refused():
    logger = Logger()
    logger.add(accuracy_of(0.5, 0))
    logger.rows = {}
    with pytest.raises(ValueError, match=r"the logger keeps none: pass rows=True"):
        LadderStopping("val_accuracy", logger, patience=3).on_epoch_end(0, {})


@pytest.mark.parametrize(
    ("monitor", "options", "words"),
    [
        ("loss", {}, "`monitor` must be a set and a score"),
        ("val_macro_g1", {}, "`monitor` must be a set and a score"),
        ("val_prevalence", {}, "more of 'val_prevalence' is neither better nor worse"),
        ("val_accuracy", {"filepath": "best.txt"}, "`filepath` must end in .keras or .weights.h5, got 'best.txt'"),
        ("val_accuracy", {"patience": 0}, "`patience` must be an integer of at least 1"),
        ("val_accuracy", {"level": 95}, "`level` must lie between 0.5 and 1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(monitor, options, words):
    with pytest.raises(ValueError, match=words):
        LadderStopping(monitor, Logger(), **{"patience": 3} | options)
