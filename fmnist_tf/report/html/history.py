"""The learning curves of a page: the main score with its interval, and the loss, side by side."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from fmnist_tf.report.html.drawing import Axes, chart, epoch_ticks, score_ticks, stretched, ticks
from fmnist_tf.report.html.elements import Markup, dot, element, isolate, line
from fmnist_tf.report.names import capitalize, label

Numbers = Sequence[float | None]

_LABELS = {"val_": "validation", "": "training"}
_STYLES = ("first", "second")  # of the lines of a panel
_MOST_DOTS = 100  # epochs up to which each has a dot that tells its value
_MOST_ROWS = 500


class Training(NamedTuple):
    """The facts about a training that a page shows.

    Attributes:
        history: name -> one value an epoch, None or NaN where there is none; fewer values than epochs are those of
            every k-th epoch.
        intervals: name -> (low, high) an epoch, or None.
        best_by: the key of the score that tells the best epoch.
        best_epoch: that epoch, from 0.
        epoch: the epoch that the page speaks of, from 0.
        arguments: what training was started with.
        versions: of the packages.
    """

    history: Mapping[str, Numbers] = {}
    intervals: Mapping[str, Sequence[Any]] = {}
    best_by: str = "val_macro_f1"
    best_epoch: int | None = None
    epoch: int | None = None
    arguments: Mapping[str, Any] = {}
    versions: Mapping[str, str] = {}

    @property
    def num_epochs(self) -> int:
        """How many epochs there are."""
        return max((len(values) for values in self.history.values()), default=0)

    def points(self, key: str) -> dict[int, float]:
        """Epoch, from 1, -> value or NaN."""
        return {epoch: math.nan if value is None else value for epoch, value in self._by_epoch(self.history.get(key))}

    def band(self, key: str) -> dict[int, tuple[float, float]]:
        """Epoch, from 1, -> the interval, of those that have one."""
        ends = self._by_epoch(self.intervals.get(key))
        known = {epoch: pair for epoch, pair in ends if pair is not None and all(map(math.isfinite, pair))}
        return {epoch: (float(low), float(high)) for epoch, (low, high) in known.items()}

    def _by_epoch(self, values: Sequence[Any] | None) -> list[tuple[int, Any]]:
        every = self.num_epochs // len(values) if values else 1
        return [((index + 1) * every, value) for index, value in enumerate(values or ())]


def key_label(key: str) -> str:
    """A key of the logs in words: "val_macro_f1" is "validation macro F1"."""
    prefix = "val_" if key.startswith("val_") else ""
    return f"{_LABELS[prefix]} {label(key.removeprefix(prefix))}"


def curve(training: Training) -> Markup:
    """A panel of the main score and one of the loss; nothing without either."""
    main = training.best_by.removeprefix("val_")
    panels = [panel for name in (main, "loss") if (panel := _panel(training, name))]
    if not panels:
        return Markup("")
    return element(
        "section", element("h2", "Learning curves"), element("div", *panels, class_="panels"), _table(training)
    )


def shared_curve(trainings: Mapping[str, Training]) -> Markup:
    """The validation curves of two trainings in one panel a score; nothing where they share none."""
    a, b = trainings.values()
    panels = []
    for name in (a.best_by.removeprefix("val_"), "loss"):
        key = next((k for k in (f"val_{name}", name) if all(k in t.history for t in (a, b))), None)
        lines = {said: Line.of(t, key) for said, t in trainings.items()} if key else {}
        if key and all(_known(found.points) for found in lines.values()):
            panels.append(_figure(capitalize(key_label(key)), lines, is_score=name != "loss"))
    if not panels:
        return Markup("")
    return element("section", element("h2", "Learning curves"), element("div", *panels, class_="panels"))


class Line(NamedTuple):
    """One line of a panel.

    Attributes:
        points: epoch, from 1, -> value or NaN.
        band: epoch -> interval.
    """

    points: Mapping[int, float]
    band: Mapping[int, tuple[float, float]]

    @classmethod
    def of(cls, training: Training, key: str) -> "Line":
        """That of a key of a training."""
        return cls(training.points(key), training.band(key))


def _panel(training: Training, name: str) -> Markup | None:
    lines = {said: Line.of(training, prefix + name) for prefix, said in _LABELS.items()}
    lines = {said: found for said, found in lines.items() if _known(found.points)}
    if not lines:
        return None
    title = capitalize(label(name))
    best = _best_line(training, name, lines)
    return _figure(title, lines, *best, is_score=name != "loss", now=training.epoch)


def _figure(title: str, lines: Mapping[str, Line], *more: Markup, is_score: bool, now: int | None = None) -> Markup:
    keys = [
        element("span", element("span", class_=f"key {kind}"), isolate(said), " ")
        for said, kind in zip(lines, _STYLES, strict=False)
    ]
    if any(found.band for found in lines.values()):
        keys.append(element("span", element("span", class_="key band"), "95\N{NO-BREAK SPACE}% interval"))
    caption = element("figcaption", element("strong", title), element("div", *keys), *more)
    return element("figure", caption, _draw(lines, now, is_score=is_score, title=title), class_="curve")


def _best_line(training: Training, name: str, lines: Mapping[str, Line]) -> list[Markup]:
    said, (points, _) = next(iter(lines.items()))
    known = _known(points)
    best = (min if "loss" in name else max)(known, key=lambda epoch: points[epoch])
    if name == training.best_by.removeprefix("val_") and training.best_epoch is not None:
        best = training.best_epoch + 1 if training.best_epoch + 1 in known else best
    word = "Least" if "loss" in name else "Best"
    return [element("p", f"{word} in {said}: {points[best]:.3f} in epoch {best} of {training.num_epochs}.")]


def _known(points: Mapping[int, float]) -> dict[int, float]:
    return {epoch: float(value) for epoch, value in points.items() if math.isfinite(value)}


def _draw(lines: Mapping[str, Line], now: int | None, *, is_score: bool, title: str) -> Markup:
    values = [value for points, _ in lines.values() for value in _known(points).values()]
    values += [end for _, band in lines.values() for pair in band.values() for end in pair]
    epochs = [epoch for points, _ in lines.values() for epoch in points]
    heights = score_ticks(min(values), max(values)) if is_score else ticks(min(values), max(values), 0.01)
    axes = Axes(epoch_ticks(min(epochs), max(epochs)), heights, "epoch")
    paths, marks = [], []
    for (said, (points, band)), kind in reversed(list(zip(lines.items(), _STYLES, strict=False))):
        paths += _areas(axes, band, kind)
        paths += [axes.curve(run, kind) for run in _runs(points)]
        marks += _dots(axes, points, said, kind)
    shown = [] if now is None else _this_epoch(axes, now + 1, max(epochs))
    return chart(_describe(title, lines), *axes.marks(), *shown, stretched(*paths), *marks)


def _describe(title: str, lines: Mapping[str, Line]) -> str:
    parts = []
    for said, (points, _) in lines.items():
        known = list(_known(points).items())
        (first, start), (last, end) = known[0], known[-1]
        parts.append(f"{said} from {start:.3f} in epoch {first} to {end:.3f} in epoch {last}")
    return f"{title}: {'; '.join(parts)}"


def _this_epoch(axes: Axes, epoch: int, last: int) -> list[Markup]:
    """A line at the epoch that the page speaks of."""
    if not axes.x[0] <= epoch <= last:
        return []
    x = axes.place(epoch, axes.y[0])[0]
    return [line(x, 0, x, 1, "now")]


def _areas(axes: Axes, band: Mapping[int, tuple[float, float]], kind: str) -> list[Markup]:
    runs = [run for run in _runs({epoch: ends[0] for epoch, ends in band.items()}) if len(run) > 1]
    tops = ([(epoch, band[int(epoch)][1]) for epoch, _ in reversed(run)] for run in runs)
    return [axes.area([*run, *top], f"band {kind}") for run, top in zip(runs, tops, strict=True)]


def _runs(points: Mapping[int, float]) -> list[list[tuple[float, float]]]:
    """The known points in pieces without a gap: neighbours are as near as any two of them are."""
    known = _known(points)
    least = min((b - a for a, b in pairwise(known)), default=1)
    runs: list[list[tuple[float, float]]] = []
    for epoch, value in known.items():
        if runs and epoch - runs[-1][-1][0] <= least:
            runs[-1].append((epoch, value))
        else:
            runs.append([(epoch, value)])
    return runs


def _dots(axes: Axes, points: Mapping[int, float], said: str, kind: str) -> list[Markup]:
    known = _known(points)
    shown = known if len(known) <= _MOST_DOTS else {}
    return [
        dot(*axes.place(epoch, value), kind, f"{said}, epoch {epoch}: {value:.4f}") for epoch, value in shown.items()
    ]


def _table(training: Training) -> Markup:
    """The same numbers as a table, closed at first."""
    main = training.best_by.removeprefix("val_")
    names = [key for name in (main, "loss") for key in (name, f"val_{name}") if _known(training.points(key))]
    if training.num_epochs > _MOST_ROWS:
        return Markup("")
    head = element("tr", *(element("th", text, scope="col") for text in ("epoch", *map(key_label, names))))
    columns = [training.points(key) for key in names]
    rows = (
        element("tr", element("th", epoch, scope="row"), *(element("td", _written(c.get(epoch))) for c in columns))
        for epoch in range(1, training.num_epochs + 1)
    )
    table = element("table", element("thead", head), element("tbody", *rows), class_="plain")
    return element("details", element("summary", "The numbers of every epoch"), element("div", table, class_="scroll"))


def _written(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.4f}"
