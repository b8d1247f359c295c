"""The printed line of an epoch stands on a line of its own, and tells what `show` asks for."""

import keras
import pytest

from fmnist_tf import AUROC, ScoreLogger, ScoreSet
from fmnist_tf.callbacks.record import Record
from support.fitting import X, Y, compiled, fit, quiet


def lines_of(text):
    return [line for line in text.replace("\r", "\n").splitlines() if "epoch " in line]


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_every_epoch_has_a_line_of_its_own(capsys, verbose):
    fit(ScoreLogger(), verbose=verbose)
    lines = lines_of(capsys.readouterr().out)
    assert [line.split(" [")[0].rsplit(" ", 1)[0] for line in lines] == [
        "epoch 1: train macro_f1",
        "epoch 2: train macro_f1",
    ]


def test_finish_prints_the_line_that_the_bar_has_kept_back(capsys):
    def stop(epoch, logs):
        raise KeyboardInterrupt

    logger = ScoreLogger()
    with pytest.raises(KeyboardInterrupt):
        fit(logger, callbacks=[logger, keras.callbacks.LambdaCallback(on_epoch_end=stop)], verbose=1)
    assert lines_of(capsys.readouterr().out) == []
    logger.finish()
    assert len(lines_of(capsys.readouterr().out)) == 1


def test_show_chooses_the_scores_of_the_line(capsys):
    fit(ScoreLogger(show=("accuracy", "auroc")), ScoreSet(live=()), AUROC(), epochs=1)
    (line,) = lines_of(capsys.readouterr().out)
    assert " accuracy 0." in line
    assert " auroc 0." in line
    assert "macro_f1" not in line


def test_wide_bounds_of_curves_are_told(capsys):
    fit(ScoreLogger(), ScoreSet(live=()), AUROC(num_bins=4), epochs=1)
    (line,) = lines_of(capsys.readouterr().out)
    assert "bounds of AUROC and average precision are up to 0." in line
    assert "num_bins=" in line


def test_show_refuses_a_score_that_is_not_logged_before_the_first_batch():
    with pytest.raises(ValueError, match=r"`show` must name scores that are logged, .*got 'macro_recal'"):
        fit(quiet(show="macro_recal"))


def test_evaluate_records_and_prints_under_its_name(capsys):
    model, logger = compiled(ScoreSet()), ScoreLogger(per_class=("recall",))
    model.evaluate(X, Y, verbose=0, callbacks=[logger])
    assert capsys.readouterr().out.startswith("evaluate macro_f1 0.")
    assert logger.counts["evaluate"][0].total[0] == 30
    assert "evaluate_recall/0" in logger.history
    assert logger.report("evaluate").to_dict()


def test_evaluate_in_a_hook_with_the_logger_disturbs_no_count():
    logger = quiet()
    evaluates = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logger.model.evaluate(X[:7], Y[:7], verbose=0, callbacks=[logger]),
        on_train_batch_end=lambda batch, logs: logger.model.evaluate(X[:7], Y[:7], verbose=0, callbacks=[logger]),
    )
    fit(logger, callbacks=[logger, evaluates])
    assert [counts.total[0] for counts in logger.counts["train"]] == [30, 30]
    assert {counts.total[0] for counts in logger.counts["evaluate"]} == {7}


def test_evaluate_without_a_metric_to_read_says_so():
    with pytest.raises(ValueError, match="found no metric of fmnist_tf to read"):
        compiled().evaluate(X, Y, verbose=0, callbacks=[quiet()])


@pytest.mark.parametrize(("scores", "best"), [(("accuracy", "macro_f1"), 1), (("hamming_loss", "macro_recall"), 2)])
def test_the_best_epoch_is_that_of_the_first_score_that_is_logged(scores, best):
    record = Record()
    values = {"macro_f1": [0.1, 0.5, 0.5], "accuracy": [0.9, 0.8, 0.7], "hamming_loss": [0.5, 0.5, 0.1]}
    record.history.update(values)
    record.epochs["train"] = [0, 1, 2]
    assert record.best_epoch("train", quiet(scores=scores).keys.scores) == best
