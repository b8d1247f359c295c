"""The labels of a run that are probably wrong: `suspects.csv`, and the sentence about them.

The file lists a number of lowest margins, not an estimate of how many labels are wrong. An estimate was tried (the
confident joint of Northcutt et al., 2021, over the probabilities of the run): of the bundled images with 1,000 planted
errors it gave about 1,400, and nothing tells the 400 from labels that were wrong before.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.recfunctions import append_fields

from fmnist_tf.files import to_csv
from fmnist_tf.report.run_folder import SUSPECTS, RunFolder
from fmnist_tf.rows import Ledger

#: The share of the training labels that is listed where nothing was planted.
SHARE = 0.05
_COLUMNS = ("margin", "confidence", "variability", "seen", "correct", "forgotten", "first_learned")


def list_suspects(ledger: Ledger, images: np.ndarray, ids: np.ndarray, model: Any, share: float) -> np.ndarray:
    """The rows with the lowest margins, with the field predicted.

    Args:
        ledger: of the run.
        images: the images that were trained on (N, 28, 28, 1).
        ids: the index in the training set of each of them (N,), which becomes the id of its row.
        model: the model that predicts.
        share: how many of the rows seen.
    """
    rows = ledger.suspects(share)
    predicted = model.predict(images[rows["id"]], verbose=0).argmax(axis=-1) if len(rows) else np.zeros(0, int)
    rows["id"] = ids[rows["id"]]
    return append_fields(rows, "predicted", predicted, usemask=False)


def write_suspects(folder: RunFolder, rows: np.ndarray, class_names: Sequence[str], planted: np.ndarray | None) -> None:
    """Writes `suspects.csv`, the lowest margin first.

    Args:
        folder: the run folder.
        rows: those of `list_suspects`.
        class_names: C names.
        planted: the ids with a planted error; None adds no column.
    """
    lines: list[list[Any]] = [["id", "label", "predicted", *_COLUMNS, *([] if planted is None else ["planted"])]]
    wrong = np.isin(rows["id"], [] if planted is None else planted)
    for row, is_planted in zip(rows, wrong, strict=True):
        names = [class_names[row["label"]], class_names[row["predicted"]]]
        end = [] if planted is None else [int(is_planted)]
        lines.append([row["id"], *names, *(row[name].item() for name in _COLUMNS), *end])
    with folder.atomic_write(SUSPECTS) as draft:
        draft.write_text(to_csv(lines), encoding="utf-8", newline="")


def describe_suspects(
    ledger: Ledger, rows: np.ndarray, class_names: Sequence[str], planted: np.ndarray | None = None
) -> str:
    """A sentence: how many of the planted errors were found; or how many labels were predicted right in no epoch."""
    if planted is not None:
        found = np.isin(planted, rows["id"]).mean()
        return (
            f"Of {len(planted):,} planted label errors {found:.1%} are among the {len(rows):,} labels with the lowest "
            f"margin, which {SUSPECTS} lists"
        )
    table = ledger.table
    table = table[table["seen"] > 0]
    never = table[table["first_learned"] < 0]
    most = Counter(never["label"].tolist()).most_common(1)
    of_class = f", {most[0][1]:,} of them {class_names[most[0][0]]}" if most else ""
    return (
        f"{len(never):,} of {len(table):,} training labels were predicted right in no epoch{of_class}; {SUSPECTS} "
        f"lists the {len(rows):,} labels with the lowest margin"
    )
