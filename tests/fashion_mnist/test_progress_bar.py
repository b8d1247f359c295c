"""The progress bar of the worked example shows the values that fit the terminal."""

import os
import shutil
import sys

import keras
import numpy as np
import pytest

from fmnist_tf.fashion_mnist import training
from fmnist_tf.report.run_folder import RunFolder

LOGS = {"loss": 0.5, "macro_f1": 0.25, "val_loss": 0.75, "val_macro_f1": 0.125, "val_accuracy": 0.0625}


class _Stop(Exception):
    """Ends a training where it would begin."""


def bar_of_training(folder, monkeypatch):
    """The progress bar that a training makes for itself."""
    found = []

    def take_callbacks(model, images, options, first, callbacks, **others):
        found.extend(each for each in callbacks if isinstance(each, keras.callbacks.ProgbarLogger))
        raise _Stop

    monkeypatch.setattr(training, "fit", take_callbacks)
    images = training.Images((np.zeros((2, 28, 28, 1)), np.zeros(2)), None, None)
    with pytest.raises(_Stop):
        training.train(training.Options(epochs=1), images, RunFolder(folder))
    return found[0]


def shown_after_an_epoch(bar, capsys):
    """The names of LOGS in what the bar writes."""
    bar.set_params({"epochs": 1, "steps": 1, "verbose": 1})
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar.on_epoch_end(0, LOGS)
    out = capsys.readouterr().out
    return {name for name in LOGS if f" {name}: " in out}


@pytest.mark.parametrize(
    ("columns", "names"),
    [(200, {"loss", "macro_f1", "val_loss", "val_macro_f1"}), (80, {"loss", "macro_f1"})],
)
def test_the_bar_shows_the_values_that_fit(columns, names, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    assert shown_after_an_epoch(bar_of_training(tmp_path, monkeypatch), capsys) == names
