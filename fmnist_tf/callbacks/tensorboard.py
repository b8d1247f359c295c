"""TensorBoard events (extra `tensorboard`): scores as scalars, matrix and slices as images, the report as text.

Training, validation and each further data set are sub-runs, so that their lines share the chart of a score. The page
"Custom Scalars" has a chart of the main score with its interval as a band, and one of F1 with a line a class. Where
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

from fmnist_tf.callbacks.keys import safe_key
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.counts import Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.report import Report
from fmnist_tf.rows.recorder import find_mistakes
from fmnist_tf.scores import find_score

_MOST_CLASSES_DRAWN, _MOST_MISTAKES_DRAWN, _MOST_VALUES_DRAWN = 100, 20, 20
_CLASS_SCORE = "f1_score"
_SUB_RUNS = {"val": "validation"}  # as Keras' own callback calls it; a set has its name
_NUM_THRESHOLDS = 101  # the page shows at most 127


class EventWriter:
    """Writes the events of one run into a sub-run for each data set: train, validation, or the name of the set.

    A score has the same tag in each, so that the lines of training and validation share a chart.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._writers: dict[str, Any] = {}
        self._last_epoch = 0

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
        intervals: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds an epoch.

        Args:
            epoch: the epoch, from 0.
            scalars: key of the logs -> value.
            snapshots: data set -> its counts.
            class_names: C names.
            intervals: key -> (low, high), of the score that has a chart with a band.
        """
        self._last_epoch = epoch
        names = list(dict.fromkeys(["train", *snapshots, "val"]))
        parts, bands = _by_set(scalars, names), _by_set(intervals or {}, names)
        for name in names:
            if parts[name] or name in snapshots:
                self._write_set(name, parts[name], bands[name], snapshots.get(name), class_names)

    def _write_set(
        self,
        name: str,
        scalars: Mapping[str, float],
        bands: Mapping[str, Any],
        snapshot: Snapshot | None,
        class_names: Sequence[str] | None,
    ) -> None:
        writer = self._writer(name, list(bands))
        with writer.as_default(step=self._last_epoch):
            for key, value in {**_class_scores(snapshot, class_names), **scalars, **_margins(bands)}.items():
                tf.summary.scalar(key, value)
            image = snapshot and _draw(snapshot, class_names)
            if image is not None:
                tf.summary.image("confusion_matrix", image)
            for curve in _precision_recall(snapshot, class_names):
                tf.summary.experimental.write_raw_pb(curve)
        writer.flush()

    def write_mistakes(self, name: str, rows: np.ndarray, images: Any, class_names: Sequence[str] | None) -> None:
        """Adds a grid of the most confident mistakes to the sub-run of a data set, if matplotlib is there to draw it.

        Args:
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
            with self._writer(name, ()).as_default(step=self._last_epoch):
                tf.summary.image("mistakes", image)

    def write_slices(self, name: str, report: Report) -> None:
        """Adds a picture of each slice to the sub-run of a data set, if matplotlib is there to draw it.

        Args:
            name: the data set.
            report: its report; of a slice of very many values there is no picture.
        """
        if importlib.util.find_spec("matplotlib") is None:
            return
        for feature, parts in report.slices.items():
            few = len(parts) <= _MOST_VALUES_DRAWN
            image = _as_tensor(f"the slice {feature}", report.by(feature).plot) if few else None
            if image is not None:
                with self._writer(name, ()).as_default(step=self._last_epoch):
                    tf.summary.image(safe_key(f"slices/{feature}"), image)

    def _writer(self, name: str, bands: Sequence[str]) -> Any:
        """The writer of a sub-run; a new one begins with the layout of the page Custom Scalars."""
        if name not in self._writers:
            folder = self._folder / _SUB_RUNS.get(name, safe_key(name))
            self._writers[name] = tf.summary.create_file_writer(str(folder))
            with self._writers[name].as_default(step=self._last_epoch):
                tf.summary.experimental.write_raw_pb(_layout(bands))
        return self._writers[name]

    def finish(self, report: Report, dataset: str = "val") -> None:
        """Adds the report to the sub-run of its data set.

        Args:
            report: the report.
            dataset: the data set it is of.
        """
        with self._writer(dataset, ()).as_default(step=self._last_epoch):
            tf.summary.text("report", report.markdown())
        for writer in self._writers.values():
            writer.close()


def _by_set(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Data set -> its values, by their keys without its name; those of training have none."""
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for key, value in values.items():
        own = max((name for name in names if key.startswith(f"{safe_key(name)}_")), key=len, default="train")
        found[own][key if own == "train" else key.removeprefix(f"{safe_key(own)}_")] = value
    return found


def _margins(bands: Mapping[str, Any]) -> dict[str, float]:
    ends = {key: band for key, band in bands.items() if band is not None}
    return {tag: end for key, band in ends.items() for tag, end in zip(_margin_tags(key), band, strict=True)}


def _margin_tags(key: str) -> tuple[str, str]:
    return f"interval/{key}_low", f"interval/{key}_high"


def _class_scores(snapshot: Snapshot | None, class_names: Sequence[str] | None) -> dict[str, float]:
    """F1 of each class under the keys of `per_class`; {} if there are very many classes."""
    if snapshot is None or snapshot.num_classes > _MOST_CLASSES_DRAWN:
        return {}
    values, names = snapshot.class_scores(find_score(_CLASS_SCORE)), class_names or range(snapshot.num_classes)
    return {safe_key(f"{_CLASS_SCORE}/{names[k]}"): float(values[k]) for k in snapshot.reported}


def _layout(bands: Sequence[str]) -> bytes:
    """A chart with a band for each score that has intervals, and one for all classes."""
    from tensorboard.plugins.custom_scalar import layout_pb2, summary

    proto: Any = layout_pb2  # whose names are made when it is imported
    series = {key: dict(zip(("lower", "upper"), _margin_tags(key), strict=True)) for key in bands}
    margins = [
        proto.Chart(
            title=f"{key} with its interval",
            margin=proto.MarginChartContent(series=[proto.MarginChartContent.Series(value=key, **ends)]),
        )
        for key, ends in series.items()
    ]
    lines = proto.MultilineChartContent(tag=[f"^{re.escape(_CLASS_SCORE)}/.*$"])
    classes = proto.Category(title="classes", chart=[proto.Chart(title="F1 of each class", multiline=lines)])
    intervals = [proto.Category(title="intervals", chart=margins)] if margins else []
    return summary.pb(proto.Layout(category=[*intervals, classes])).SerializeToString()


def _precision_recall(snapshot: Snapshot | None, class_names: Sequence[str] | None) -> Iterator[bytes]:
    """One summary a class; none if there are very many classes."""
    if snapshot is None or snapshot.distribution is None or snapshot.num_classes > _MOST_CLASSES_DRAWN:
        return
    from tensorboard.plugins.pr_curve import summary

    counts = _at_even_thresholds(snapshot.distribution)
    names = [*(class_names or range(snapshot.num_classes))][-len(counts.tp[0]) :]  # a binary column is that of yes
    for row, class_name in enumerate(names):
        c = Counts._make(field[:, row] for field in counts)
        precision = np.divide(c.tp, c.predicted, out=np.zeros_like(c.tp), where=c.predicted > 0)
        recall = np.divide(c.tp, c.support, out=np.zeros_like(c.tp), where=c.support > 0)
        rates = (c.tp, c.fp, c.tn, c.fn, precision, recall)
        tag = safe_key(f"precision_recall/{class_name}")
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
