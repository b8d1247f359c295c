"""TensorBoard events (extra `tensorboard`): scores as scalars, the confusion matrix as an image, the report as text.

F1 of the classes has one chart for each data set, with a line a class, on the page "Custom Scalars". Where
scores were counted, the page "PR Curves" has one of every class, with a slider for the epochs.
"""

import importlib.util
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.keys import key_of
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.counts import Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.report import Report
from fmnist_tf.rows.recorder import find_mistakes
from fmnist_tf.scores import find_score

_MOST_CLASSES_DRAWN, _MOST_MISTAKES_DRAWN = 100, 20
_CLASS_SCORE = "f1_score"
_NUM_THRESHOLDS = 101  # the page shows at most 127


class EventWriter:
    """Writes the events of one run; training and each data set get scalars of their own name."""

    def __init__(self, folder: Path):
        self._writer = tf.summary.create_file_writer(str(folder))
        self._last_epoch = 0
        self._charted: set[str] = set()

    @classmethod
    def if_installed(cls, folder: Path) -> Self | None:
        """A writer, or None and a warning that names the package to install."""
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
            for key, value in (_class_scores(snapshots, class_names) | dict(scalars)).items():
                tf.summary.scalar(key, value)
            if not snapshots.keys() <= self._charted:
                self._charted |= snapshots.keys()
                tf.summary.experimental.write_raw_pb(_layout(sorted(self._charted)))
            for name, snapshot in snapshots.items():
                image = _draw(snapshot, class_names)
                if image is not None:
                    tf.summary.image(f"{name}_confusion_matrix", image)
                for curve in _precision_recall(name, snapshot, class_names):
                    tf.summary.experimental.write_raw_pb(curve)
        self._writer.flush()

    def write_mistakes(
        self, epoch: int, name: str, rows: np.ndarray, images: Any, class_names: Sequence[str] | None
    ) -> None:
        """Adds a grid of the most confident mistakes of a data set, if matplotlib is there to draw it.

        Args:
            epoch: the epoch, from 0.
            name: the data set.
            rows: structured array of its rows.
            images: `images[id]` is the image of a row.
            class_names: C names, or None.
        """
        mistakes = find_mistakes(rows, k=_MOST_MISTAKES_DRAWN)
        if not len(mistakes) or importlib.util.find_spec("matplotlib") is None:
            return
        from fmnist_tf.plots import plot_mistakes

        image = _as_tensor("the mistakes", lambda: plot_mistakes(mistakes, images, class_names))
        if image is not None:
            with self._writer.as_default(step=epoch):
                tf.summary.image(f"{name}_mistakes", image)

    def finish(self, report: Report) -> None:
        """Adds the report."""
        with self._writer.as_default(step=self._last_epoch):
            tf.summary.text("report", report.markdown())
        self._writer.close()


def _class_scores(snapshots: Mapping[str, Snapshot], class_names: Sequence[str] | None) -> dict[str, float]:
    """F1 of each class under the keys of `per_class`; {} if there are very many classes."""
    scores = {}
    for name, snapshot in snapshots.items():
        if snapshot.num_classes <= _MOST_CLASSES_DRAWN:
            values = snapshot.class_scores(find_score(_CLASS_SCORE))
            names = class_names or range(snapshot.num_classes)
            scores |= {key_of(name, f"{_CLASS_SCORE}/{names[k]}"): float(values[k]) for k in snapshot.reported}
    return scores


def _layout(names: Sequence[str]) -> bytes:
    """One chart a data set for all classes; without it each class has a separate chart."""
    from tensorboard.plugins.custom_scalar import layout_pb2, summary

    proto: Any = layout_pb2  # whose names are made when it is imported
    charts = [
        proto.Chart(
            title=f"F1 of each class, {name}",
            multiline=proto.MultilineChartContent(tag=[f"^{re.escape(key_of(name, _CLASS_SCORE))}/.*$"]),
        )
        for name in names
    ]
    category = proto.Category(title="classes", chart=charts)
    return summary.pb(proto.Layout(category=[category])).SerializeToString()


def _precision_recall(name: str, snapshot: Snapshot, class_names: Sequence[str] | None) -> Iterator[bytes]:
    """One summary a class; none if there are very many classes."""
    if snapshot.distribution is None or snapshot.num_classes > _MOST_CLASSES_DRAWN:
        return
    from tensorboard.plugins.pr_curve import summary

    counts = _at_even_thresholds(snapshot.distribution)
    names = [*(class_names or range(snapshot.num_classes))][-len(counts.tp[0]) :]  # a binary column is that of yes
    for row, class_name in enumerate(names):
        c = Counts._make(field[:, row] for field in counts)
        precision = np.divide(c.tp, c.predicted, out=np.zeros_like(c.tp), where=c.predicted > 0)
        recall = np.divide(c.tp, c.support, out=np.zeros_like(c.tp), where=c.support > 0)
        rates = (c.tp, c.fp, c.tn, c.fn, precision, recall)
        tag = key_of(name, f"precision_recall/{class_name}")
        yield summary.raw_data_pb(tag, *rates, num_thresholds=_NUM_THRESHOLDS).SerializeToString()


def _at_even_thresholds(d: Distribution) -> Counts:
    """Counts (thresholds, C) at the edges next to thresholds evenly spread from 0 to 1, as the page takes them."""
    wanted = np.linspace(0, 1, _NUM_THRESHOLDS)
    right = np.clip(np.searchsorted(d.thresholds, wanted), 1, len(d.edges) - 1)
    nearer_left = wanted - d.thresholds[right - 1] < d.thresholds[right] - wanted
    return Counts._make(field.numpy()[right - nearer_left] for field in d.histogram.counts())


def _draw(snapshot: Snapshot, class_names: Sequence[str] | None) -> tf.Tensor | None:
    """The matrix as one image (1, height, width, 4), where there is one to draw and matplotlib to draw it."""
    few = snapshot.matrix is not None and snapshot.num_classes <= _MOST_CLASSES_DRAWN
    if not few or importlib.util.find_spec("matplotlib") is None:
        return None
    from fmnist_tf.plots import plot_confusion_matrix

    return _as_tensor("the confusion matrix", lambda: plot_confusion_matrix(snapshot.matrix, class_names))


def _as_tensor(title: str, draw: Callable[[], Any]) -> tf.Tensor | None:
    """A figure as one image (1, height, width, 4); None with a warning where it cannot be drawn."""
    buffer = io.BytesIO()
    try:
        draw().savefig(buffer, format="png")
    except Exception as error:  # of matplotlib, a font or a name: training should go on
        warnings.warn(f"{title} could not be drawn: {error}", stacklevel=2)
        return None
    return tf.image.decode_png(buffer.getvalue(), channels=4)[tf.newaxis]
