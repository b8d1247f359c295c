"""The run folder: what training leaves behind, written whole or not at all, and read back without trust.

A `ScoreLogger(log_dir=)` and `fmnist-tf train` write the same files, which `fmnist-tf report` reads.

| file | holds |
|---|---|
| run.json | arguments, class names, versions, number of epochs, the best one, whether training has finished |
| report.npz | the counts of the report, with its options, histograms and slices |
| report.html | the page, once training has ended |
| report.json, report.txt | the report, once training has ended |
| confusion_matrix.csv | the confusion matrix of the report, where there is one (C, C) |
| history.json, history.csv | every score and loss of every epoch, float64 |
| intervals.json | [low, high] of the main score of every epoch, or null |
| matrices.npz | "train", "val", ...: confusion matrices (epochs, C, C), float64, rows true; "epochs" |
| suspects.csv | the training labels with the lowest margins of the ledger, the lowest first |
| gallery.npz | the images of the mistakes and suspects of a finished run, as the pages show them |
| rows.parquet | the same as rows.npz in one table, where pyarrow is installed |
| suspects.png, data_map.png | the first suspects, and the training rows by confidence and variability |
| rows.npz | name of a set -> its rows: id, label, predicted, confidence, slices and scores, where they were kept |
| confusion_matrix.png, curves.png | pictures, where matplotlib is installed |

Some files are of one kind of training alone. A `ScoreLogger` also writes `history.jsonl`, which grows by a line an
epoch, and TensorBoard events; the command also writes `model.keras`, the model of the best epoch or of the announced
one, and `checkpoint.npz`, which `--resume` reads.

Files count epochs from 0, as Keras' CSVLogger does and as indices into history.json; people read them from 1. NaN and
infinity are null in JSON, and so is an epoch without a value. A folder may come from anywhere: only regular files with
these names are opened, none is unpickled, and sizes are checked before memory is taken.
"""

from fmnist_tf.report.run_folder.folder import (
    AT_END,
    CHECKPOINT,
    FILES,
    GALLERY,
    INFO,
    MATRIX,
    MODEL,
    OF_COMMAND,
    PAGE,
    REPORT,
    ROWS,
    SUSPECTS,
    RunFolder,
)
from fmnist_tf.report.run_folder.info import BEST_BY, Info, installed_versions, is_plain_name
from fmnist_tf.report.run_folder.record import ANNOUNCED, Record

__all__ = [
    "ANNOUNCED",
    "AT_END",
    "BEST_BY",
    "CHECKPOINT",
    "FILES",
    "GALLERY",
    "INFO",
    "MATRIX",
    "MODEL",
    "OF_COMMAND",
    "PAGE",
    "REPORT",
    "ROWS",
    "SUSPECTS",
    "Info",
    "Record",
    "RunFolder",
    "installed_versions",
    "is_plain_name",
]
