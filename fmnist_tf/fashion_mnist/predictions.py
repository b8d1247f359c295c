"""The predictions of a run for the images of its report, as rows, so that two runs can be paired."""

import numpy as np


def rows_of(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """Rows as `ScoreLogger(rows="scores")` keeps them: id (the position of the image), label, predicted, confidence.

    The scores of all classes stand beside, so that two runs can be compared by AUROC.

    Args:
        y_true: class ids (N,).
        y_pred: probabilities (N, C).
    """
    fields = [("id", np.int64), ("label", np.int64), ("predicted", np.int64), ("confidence", np.float64)]
    rows = np.zeros(len(y_true), [*fields, ("scores", np.float32, y_pred.shape[1:])])
    rows["id"], rows["label"], rows["predicted"] = np.arange(len(y_true)), y_true, y_pred.argmax(axis=-1)
    rows["confidence"], rows["scores"] = y_pred.max(axis=-1), y_pred
    return rows
