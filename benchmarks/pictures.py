"""`python -m benchmarks.pictures RUN SHORT`: the pictures of the documentation, from two run folders.

They were made from `fmnist-tf train --label-noise 0.05 --out RUN` and the same with `--epochs 3 --out SHORT`.
"""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from fmnist_tf import CLASS_NAMES, CurveSet, ExpectedCalibrationError, Ledger, load_fashion_mnist
from fmnist_tf.files import read_arrays
from fmnist_tf.intervals import interval
from fmnist_tf.plots import (
    plot_cartography,
    plot_class_scores,
    plot_comparison,
    plot_confusion_matrix,
    plot_curves,
    plot_flips,
    plot_forgetting,
    plot_mistakes,
    plot_precision_recall,
    plot_reliability,
    plot_roc,
    plot_slices,
    plot_suspects,
)
from fmnist_tf.report.run_folder import CHECKPOINT, RunFolder
from fmnist_tf.report.run_folder.pairs import compare_runs
from fmnist_tf.rows.recorder import find_mistakes

EPOCHS = ("3 epochs", "10 epochs")
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
    folder.mkdir(exist_ok=True)
    for name, figure in of_scores(run, short).items():
        write(figure, folder / f"{name}.png", colours=256)
    for name, figure in of_rows(run, short).items():
        write(figure, folder / f"{name}.png", colours=64)  # nearly all are greys


def of_scores(run: Path, short: Path) -> dict[str, Any]:
    """Name -> figure of what counts and histograms tell."""
    folders = RunFolder(short), RunFolder(run)
    other, report = (folder.read_report() for folder in folders)
    paired = compare_runs(*folders, EPOCHS).pairs
    names = report.class_names
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    matrices = read_arrays((run / "matrices.npz").read_bytes())["val"]
    bands = [interval("macro_f1", matrix) for matrix in matrices]
    scores, calibration = score_test_images(run)
    return {
        "confusion_matrix": plot_confusion_matrix(np.asarray(report.matrix), names),
        "curves": plot_curves(history, {"val_macro_f1": bands}),
        "class_scores": plot_class_scores(matrices, names),
        "comparison": plot_comparison(other, report, EPOCHS, paired=paired),
        "slices": plot_slices(report.by("brightness")),
        "roc": plot_roc(scores, names),
        "precision_recall": plot_precision_recall(scores, names),
        "reliability": plot_reliability(calibration),
    }


def of_rows(run: Path, short: Path) -> dict[str, Any]:
    """Name -> figure of what single images tell."""
    (x_train, _), (x_test, _) = load_fashion_mnist()
    mistakes = find_mistakes(RunFolder(run).read_rows()["val"], k=10)
    comparison = compare_runs(RunFolder(short), RunFolder(run), EPOCHS)
    ledger = read_ledger(run, len(x_train))
    return {
        "mistakes": plot_mistakes(mistakes, x_test, CLASS_NAMES),
        "flips": plot_flips(comparison, x_test, fixed=False),
        "suspects": plot_suspects(ledger.suspects(k=10), x_train, CLASS_NAMES),
        "cartography": plot_cartography(ledger.table),
        "forgetting": plot_forgetting(ledger.table),
    }


def read_ledger(run: Path, size: int) -> Ledger:
    """The ledger of a run, from its checkpoint."""
    arrays = read_arrays((run / CHECKPOINT).read_bytes())
    ledger = Ledger(size)
    ledger.load_state_dict({name: arrays[f"ledger/{name}"] for name in ("table", "epochs")})
    return ledger


def write(figure: Any, path: Path, colours: int) -> None:
    """Writes a picture of a few colours, which is half as large and looks the same."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=90, format="png")
    Image.open(buffer).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)


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
