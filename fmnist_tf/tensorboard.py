"""TensorBoard events (extra `tensorboard`): scores as scalars, the confusion matrix as an image, the report as text."""

import importlib.util
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import tensorflow as tf

from fmnist_tf.report import Report
from fmnist_tf.snapshots import Snapshot

_MOST_CLASSES_DRAWN = 100


class EventWriter:
    """Writes the events of one run; training and each data set get scalars of their own name."""

    def __init__(self, folder: Path):
        self._writer = tf.summary.create_file_writer(str(folder))
        self._last_epoch = 0

    @classmethod
    def if_installed(cls, folder: Path) -> Self | None:
        """A writer, or None and a warning that says what to install."""
        if importlib.util.find_spec("tensorboard") is None:
            warnings.warn("no TensorBoard events are written; pip install 'fmnist_tf[tensorboard]'", stacklevel=3)
            return None
        return cls(folder)

    def write(
        self,
        epoch: int,
        scalars: Mapping[str, float],
        snapshots: Mapping[str, Snapshot],
        class_names: Sequence[str] | None,
    ) -> None:
        """Adds an epoch."""
        self._last_epoch = epoch
        with self._writer.as_default(step=epoch):
            for key, value in scalars.items():
                tf.summary.scalar(key, value)
            for name, snapshot in snapshots.items():
                image = _draw(snapshot, class_names)
                if image is not None:
                    tf.summary.image(f"{name}_confusion_matrix", image)
        self._writer.flush()

    def finish(self, report: Report) -> None:
        """Adds the report."""
        with self._writer.as_default(step=self._last_epoch):
            tf.summary.text("report", report.markdown())
        self._writer.close()


def _draw(snapshot: Snapshot, class_names: Sequence[str] | None) -> tf.Tensor | None:
    """The matrix as one image (1, height, width, 4), where there is one to draw and matplotlib to draw it."""
    few = snapshot.matrix is not None and snapshot.num_classes <= _MOST_CLASSES_DRAWN
    if not few or importlib.util.find_spec("matplotlib") is None:
        return None
    from fmnist_tf.plots import plot_confusion_matrix

    buffer = io.BytesIO()
    plot_confusion_matrix(snapshot.matrix, class_names).savefig(buffer, format="png")
    return tf.image.decode_png(buffer.getvalue(), channels=4)[tf.newaxis]
