"""The line of an epoch says whether it is better than the best so far, or noise, where rows are kept."""

import contextlib
import io
import re
import shutil

import numpy as np
import pytest

from fmnist_tf import LadderStopping, ScoreLogger, ScoreSet
from fmnist_tf.callbacks.curve_metrics import CurveReading
from fmnist_tf.callbacks.keys import LogKeys
from fmnist_tf.callbacks.line import describe, fold
from fmnist_tf.callbacks.paired_changes import PairedChanges
from fmnist_tf.callbacks.snapshots import take_snapshot
from support.scripted import play, scripted_model

LABELS = np.random.default_rng(0).integers(0, 3, 600)


def wrong_at(*rows):
    predicted = LABELS.copy()
    predicted[list(rows)] = (predicted[list(rows)] + 1) % 3
    return predicted


#: Epochs: 200 wrong; 100 of them right; one more right; 120 wrong again.
SCRIPT = wrong_at(*range(200)), wrong_at(*range(100)), wrong_at(*range(99)), wrong_at(*range(220))


@pytest.fixture(scope="module")
def played():
    """The lines of one fit, its ladder and its logger."""
    logger = ScoreLogger(rows=True)
    ladder = LadderStopping("val_macro_f1", logger, patience=9)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        play(scripted_model(600, 3, ScoreSet(live=())), LABELS, SCRIPT, logger, ladder)
    return re.split(r"\n(?=epoch)", out.getvalue()), ladder, logger


def test_the_first_epoch_is_compared_with_nothing(played):
    assert "(" not in played[0][0]


def test_a_better_epoch_names_the_one_it_beats(played):
    entry = played[1].history[1]
    ends = f"[{entry['low']:+.4f}, {entry['high']:+.4f}]"
    assert f"({entry['difference']:+.4f} {ends} over epoch 1: better)" in " ".join(played[0][1].split())


def test_a_difference_within_noise_is_called_noise(played):
    entry = played[1].history[2]
    assert f"({entry['difference']:+.4f}: noise)" in played[0][2]


def test_a_worse_epoch_is_compared_with_the_announced_best(played):
    assert "over epoch 2: worse)" in played[0][3]
    assert [entry["announced"] for entry in played[1].history] == [True, True, False, False]


def test_a_summary_gives_the_same_comparison_again(played):
    assert "over epoch 2: worse)" in played[2].summary()


def test_no_line_is_wider_than_the_terminal(played):
    assert max(map(len, "\n".join(played[0]).splitlines())) <= shutil.get_terminal_size().columns


def test_without_a_ladder_the_line_says_the_same(played):
    changes = PairedChanges()
    for epoch, predicted in enumerate(SCRIPT):
        rows = played[2].rows["val"].copy()
        rows["predicted"] = predicted
        value = played[2].history["val_macro_f1"][epoch]
        options = {"selections": played[2].keys.scores, "scoring": played[2].scoring("val")}
        changes.step(epoch, "val", rows, {"macro_f1": value}, **options)
        text = changes.texts("val").get("macro_f1", "")
        assert text in " ".join(played[0][epoch].split())
        assert bool(text) == (epoch > 0)


def test_rows_with_other_ids_are_compared_with_nothing(played):
    changes = PairedChanges()
    for epoch in range(2):
        rows = played[2].rows["val"].copy()
        rows["id"] += epoch
        options = {"selections": played[2].keys.scores, "scoring": played[2].scoring("val")}
        changes.step(epoch, "val", rows, {"macro_f1": 0.5 + epoch / 4}, **options)
    assert changes.texts("val") == {}


def test_a_score_of_a_curve_keeps_its_value():
    metric = ScoreSet(2, live=())
    metric.update_state([0, 1], [0, 1])
    now = take_snapshot(metric)._replace(curves=CurveReading({"auroc": 0.75}, None))
    keys = LogKeys.of(("accuracy",), (), None)
    for before in (None, now):
        line = describe("val", now, before, ("auroc",), keys, paired={"auroc": "(+0.1000: noise)"})
        assert line.startswith("val auroc 0.7500 (+0.1000: noise);")


@pytest.mark.parametrize("width", [40, 80])
def test_a_long_line_is_broken_where_it_reads_well(width):
    line = (
        "epoch 12: val macro_f1 0.9102 [0.9043, 0.9158] (+0.0102 [+0.0050, +0.0155] over epoch 5: better); "
        "worst class Shirt, F1 0.7312"
    )
    folded = fold(line, width)
    assert max(map(len, folded.splitlines())) <= width
    assert " ".join(folded.split()) == line
    if width == 80:
        assert folded.splitlines()[1].startswith("  (+0.0102 [+0.0050, +0.0155] over epoch 5: better);")


def test_a_short_line_stays_as_it_is():
    assert (
        fold("epoch 1: val macro_f1 0.9 (+0.1: noise); worst", 80) == "epoch 1: val macro_f1 0.9 (+0.1: noise); worst"
    )
