"""ScoreLogger refuses at once, in one line with the remedy, and takes what is empty."""

import pytest

from fmnist_tf import AUROC, CurveSet, ExactMatch, F1Score, MacroF1, ScoreLogger, ScoreSet, TopKAccuracy
from support.fitting import fit, quiet


@pytest.mark.parametrize(
    "metric", [F1Score(top_k=2), F1Score(threshold=[0.3, 0.5]), TopKAccuracy(k=2), ExactMatch(), AUROC(), CurveSet()]
)
def test_metrics_that_cannot_be_read_alone_are_named(metric):
    message = rf"cannot read {type(metric).__name__} alone; .*metrics=\[\.\.\., ScoreSet\(live=\(\)\)\]"
    with pytest.raises(ValueError, match=message):
        fit(quiet(), metric)


def test_a_batch_interval_is_an_integer():
    with pytest.raises(TypeError, match="`batch_interval` must be an integer"):
        quiet(batch_interval=1.5)


@pytest.mark.parametrize("options", [{}, {"batch_interval": 1}])
@pytest.mark.parametrize("num_classes", [3, None])
def test_a_class_that_there_is_not_is_refused(num_classes, options):
    logger = quiet(scores=("f1_score[7]",), **options)
    with pytest.raises(ValueError, match=r"score 'f1_score/7' asks for a class that 3 classes do not have"):
        fit(logger, MacroF1(num_classes))
    assert logger.seconds["epoch"] == []


def test_per_class_scores_need_no_others(capsys):
    logger = fit(ScoreLogger(scores=(), per_class=("f1_score",)))
    assert capsys.readouterr().out.startswith("epoch 1: train; worst class")
    assert logger.best_epoch is None


def test_scores_that_are_nan_in_every_epoch_have_no_best():
    ignored = ScoreSet(scores=("recall[2]",), zero_division=float("nan"), ignore_class=2)
    logger = fit(quiet(scores=("recall[2]",)), ignored)
    assert logger.best_epoch is None
    with pytest.raises(ValueError, match="there is no best epoch"):
        logger.report("train", epoch="best")


def test_one_output_needs_no_name():
    with pytest.raises(ValueError, match="this has one; leave out output='nope'"):
        fit(quiet(output="nope"))
