"""The words of a page that a decision needs: the epoch it speaks of, whether it is the best, and how it was trained."""

import math
from typing import Any

from fmnist_tf.report import Report
from fmnist_tf.report.html.elements import Markup, element
from fmnist_tf.report.html.history import Training, key_label
from fmnist_tf.report.names import label
from fmnist_tf.report.run_folder import Info, Record


def training_of(report: Report, record: Record, info: Info) -> Training:
    """The facts about the training of a run that its page shows."""
    return Training(
        record.history, record.intervals, info.best_by, info.best_epoch, report.epoch, info.arguments, info.versions
    )


def epoch_line(training: Training) -> list[Markup]:
    """Which epoch the page speaks of, and whether it is the best; nothing where that is not known."""
    values = training.points(training.best_by)
    now, best = training.epoch, training.best_epoch
    if now is None or best is None or not math.isfinite(values.get(best + 1, math.nan)):
        return []
    of, score = f"Epoch {now + 1} of {training.num_epochs}", key_label(training.best_by)
    if now == best:
        text = f"{of}, the best by {score} ({values[best + 1]:.3f})."
        return [element("p", text, class_="verdict good")]
    text = f"{of}, not the best: by {score} that is epoch {best + 1}, {values[best + 1]:.3f} against "
    text += f"{values.get(now + 1, math.nan):.3f} here{_within(training, now, values[best + 1])}."
    return [element("p", text, class_="verdict")]


def _within(training: Training, now: int, best: float) -> str:
    """Whether the best value lies within the interval of the epoch that the page speaks of."""
    ends = training.band(training.best_by).get(now + 1)
    if ends is None:
        return ""
    inside = ends[0] <= best <= ends[1]
    return f", {'within' if inside else 'outside'} its interval [{ends[0]:.3f}, {ends[1]:.3f}]"


def about(training: Training) -> Markup:
    """The arguments of the training, and the versions of the packages; nothing where neither is known."""
    facts = {label(name): value for name, value in training.arguments.items() if value is not None}
    facts |= {f"{name} version": found for name, found in training.versions.items()}
    if not facts:
        return Markup("")
    rows = (element("div", element("dt", name), element("dd", _written(value))) for name, value in facts.items())
    return element("section", element("h2", "How it was made"), element("dl", *rows, class_="facts"))


def _written(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
