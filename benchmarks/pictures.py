"""`python -m benchmarks.pictures RUN SHORT`: the pictures of the documentation, from two run folders.

They were made from `fmnist-tf train --out RUN` and `fmnist-tf train --epochs 3 --out SHORT`.
"""

import argparse
import json
import sys
from pathlib import Path

import keras
import numpy as np

from fmnist_tf import CurveSet, ExpectedCalibrationError, load_fashion_mnist
from fmnist_tf.files import read_arrays
from fmnist_tf.intervals import interval
from fmnist_tf.plots import (
    plot_class_scores,
    plot_comparison,
    plot_confusion_matrix,
    plot_curves,
    plot_precision_recall,
    plot_reliability,
    plot_roc,
)
from fmnist_tf.report.run_folder import RunFolder
from fmnist_tf.report.run_folder.pairs import compare_runs

FOLDER = Path(__file__).parents[1] / ".docs" / "pictures"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.pictures", description="Draws the pictures of the documentation."
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder of ten epochs")
    parser.add_argument("short", type=Path, metavar="SHORT", help="run folder of three epochs")
    given = parser.parse_args(arguments)
    draw(given.run, given.short, FOLDER)
    return 0


def draw(run: Path, short: Path, folder: Path) -> None:
    """One picture of each kind."""
    folders = RunFolder(short), RunFolder(run)
    other, report = (folder.read_report() for folder in folders)
    paired = compare_runs(*folders, ("3 epochs", "10 epochs")).pairs
    names = report.class_names
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    matrices = read_arrays((run / "matrices.npz").read_bytes())["val"]
    bands = [interval("macro_f1", matrix) for matrix in matrices]
    scores, calibration = score_test_images(run)
    figures = {
        "confusion_matrix": plot_confusion_matrix(np.asarray(report.matrix), names),
        "curves": plot_curves(history, {"val_macro_f1": bands}),
        "class_scores": plot_class_scores(matrices, names),
        "comparison": plot_comparison(other, report, ("3 epochs", "10 epochs"), paired=paired),
        "roc": plot_roc(scores, names),
        "precision_recall": plot_precision_recall(scores, names),
        "reliability": plot_reliability(calibration),
    }
    folder.mkdir(exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=100)


def score_test_images(run: Path) -> tuple[CurveSet, ExpectedCalibrationError]:
    """Scores and calibration of the run's model on the bundled test images."""
    _, (x, y) = load_fashion_mnist()
    metrics = CurveSet(), ExpectedCalibrationError()
    predicted = keras.saving.load_model(run / "model.keras").predict(x, verbose=0)
    for metric in metrics:
        metric.update_state(y, predicted)
    return metrics


if __name__ == "__main__":
    sys.exit(main())
