"""The message of rows that could not be counted: their reasons, their numbers, and what to do."""

import numpy as np

from fmnist_tf.labels import INVALID_REASONS

#: The reasons for which the remedy is another argument or another form of the data.
_NOT_INTEGER, _BAD_SCORE, _NOT_ONE_CLASS, _BAD_SUM = (
    "label that is not an integer",
    "score outside 0 to 1 without from_logits=True",
    "row of labels that is not one class",
    "row of probabilities that does not sum to 1",
)
_REMEDIES = {
    _BAD_SCORE: "pass from_logits=True for logits, or threshold= to compare scores as they are",
    _NOT_ONE_CLASS: (
        "rows of labels must be distributions that sum to 1; several ones a row ask for threshold=0.5, "
        "or multi_label=True of curve metrics"
    ),
    _BAD_SUM: "pass from_logits=True for logits, or multi_label=True for binary columns",
}
#: What averaged or smoothed labels of columns need; of one-hot rows they are counted.
_ROUND = "round soft labels of columns, as tf.round(y_true), and smooth them in the loss alone"
_USUAL = "fix the data, name labels to leave out with ignore_class=, or pass on_invalid='skip'"


def explain(invalid: np.ndarray, *, by_row: bool, allowed: str) -> str | None:
    """One line for the numbers of each of `INVALID_REASONS`; None where there is nothing invalid.

    Args:
        invalid: how many samples had each reason.
        by_row: whether they are rows, rather than entries of binary columns.
        allowed: which labels would be valid.
    """
    found = {reason: number for number, reason in zip(invalid, INVALID_REASONS, strict=True) if number}
    if not found:
        return None
    kinds = ", ".join(f"{number:.0f} x {reason}" for reason, number in found.items())
    remedies = [_REMEDIES[reason] for reason in found if reason in _REMEDIES]
    remedies += [_ROUND] if _NOT_INTEGER in found and not by_row else []
    what = "rows" if by_row else "entries"
    total = sum(found.values())
    return f"{total:.0f} {what} could not be counted ({kinds}; {allowed}); {'; '.join([*remedies, _USUAL])}"
