"""Grids of images: mistakes of a model, labels that are probably wrong, what changed between two runs."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.plots.fonts import drawable
from fmnist_tf.plots.style import LONGEST_NAME, finish, make_figure
from fmnist_tf.report import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_DRAWN = 100
_COLUMNS = 5


def plot_mistakes(
    rows: np.ndarray,
    images: Any,
    class_names: Sequence[str] | None = None,
    *,
    columns: int = _COLUMNS,
    title: str | None = None,
) -> "Figure":
    """A grid of mistakes: each image with its label, the predicted class and the confidence of the prediction.

    Args:
        rows: rows of a `ScoreLogger`, such as `logger.mistakes("val")`: a structured array with the fields id, label,
            predicted and confidence. The first 100 are drawn, in their order.
        images: `images[id]` is the image of a row: an array of the whole set, (N, height, width) or (N, height, width,
            1, 3 or 4), from 0 to 255 or from 0 to 1; or a dict of them.
        class_names: C names; "0", "1", ... by default.
        columns: images in a line of the grid.
        title: put above it; the number of mistakes by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: rows of several binary columns, or images that are not images.
        ImportError: matplotlib is missing.

    Example:
        >>> fields = [("id", int), ("label", int), ("predicted", int), ("confidence", float)]
        >>> figure = plot_mistakes(np.array([(1, 0, 1, 0.93)], fields), np.zeros((2, 8, 8)), ["cat", "dog"])
        >>> figure.axes[0].get_title().splitlines()
        ['cat', 'predicted dog, 93 %']
    """
    names = _names_of(class_names, rows["label"], rows["predicted"])
    captions = [
        f"{names[row['label']]}\npredicted {names[row['predicted']]}, {100 * row['confidence']:.0f} %" for row in rows
    ]
    return _grid(rows["id"], images, captions, columns, f"{len(rows)} mistakes" if title is None else title)


def plot_suspects(
    rows: np.ndarray,
    images: Any,
    class_names: Sequence[str] | None = None,
    *,
    predicted: Any = None,
    columns: int = _COLUMNS,
    title: str | None = None,
) -> "Figure":
    """A grid of labels that are probably wrong: each image with its label, its margin, and the predicted class.

    Args:
        rows: rows of `Ledger.table`, such as `ledger.suspects(k=20)`: a structured array with the fields id, label and
            margin. The first 100 are drawn, in their order.
        images: `images[id]` is the image of a row: an array of the whole set, (N, height, width) or (N, height, width,
            1, 3 or 4), from 0 to 255 or from 0 to 1; or a dict of them.
        class_names: C names; "0", "1", ... by default.
        predicted: None, or the class that the model predicts for each row, (len(rows),).
        columns: images in a line of the grid.
        title: put above it; the number of labels by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: images that are not images.
        ImportError: matplotlib is missing.

    Example:
        >>> rows = np.array([(1, 0, -4.2)], [("id", int), ("label", int), ("margin", float)])
        >>> figure = plot_suspects(rows, np.zeros((2, 8, 8)), ["cat", "dog"], predicted=[1])
        >>> figure.axes[0].get_title().splitlines()
        ['cat?', 'predicted dog, -4.2']
    """
    names = _names_of(class_names, rows["label"], np.asarray([] if predicted is None else predicted, int))
    says = [""] * len(rows) if predicted is None else [f"predicted {names[int(k)]}, " for k in predicted]
    captions = [
        f"{names[row['label']]}?\n{said}{'' if said else 'margin '}{row['margin']:.1f}"
        for row, said in zip(rows, says, strict=True)
    ]
    shown = f"the {len(rows)} labels with the lowest margin" if title is None else title
    return _grid(rows["id"], images, captions, columns, shown)


def plot_flips(
    comparison: Comparison,
    images: Any,
    *,
    fixed: bool | None = None,
    columns: int = _COLUMNS,
    title: str | None = None,
) -> "Figure":
    """A grid of the samples that were fixed or broken from run a to run b: the label, and what either predicted.

    Args:
        comparison: the comparison of two arrays of rows, as `compare` makes it. The first 100 of its `flipped` samples
            are drawn, in the order of ids.
        images: `images[id]` is the image of a row: an array of the whole set, (N, height, width) or (N, height, width,
            1, 3 or 4), from 0 to 255 or from 0 to 1; or a dict of them.
        fixed: True for those that were fixed alone, False for those that were broken alone, None for both.
        columns: images in a line of the grid.
        title: put above it; the number of samples by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: predictions that are not paired, or images that are not images.
        ImportError: matplotlib is missing.

    Example:
        >>> from fmnist_tf import compare
        >>> fields = [("id", int), ("label", int), ("predicted", int)]
        >>> before, after = (np.array([(0, 1, 1), (1, 0, k)], fields) for k in (1, 0))
        >>> figure = plot_flips(compare(before, after, ["cat", "dog"]), np.zeros((2, 8, 8)))
        >>> figure.axes[0].get_title().splitlines()
        ['cat: fixed', 'dog, then cat']
    """
    rows = comparison.flipped
    rows = rows if fixed is None else rows[rows["fixed"] == fixed]
    names = _names_of(comparison.a.class_names)
    said = ["no", "yes"] if not comparison.a.multiclass else names
    captions = [
        f"{names[row['class_id']]}: {'fixed' if row['fixed'] else 'broken'}\n{said[row['a']]}, then {said[row['b']]}"
        for row in rows
    ]
    numbers = {True: f"{np.sum(rows['fixed'])} fixed", False: f"{np.sum(~rows['fixed'])} broken"}
    counted = ", ".join(numbers.values()) if fixed is None else numbers[fixed]
    return _grid(rows["id"], images, captions, columns, counted if title is None else title)


def _names_of(class_names: Sequence[str] | None, *ids: np.ndarray) -> list[str]:
    if any(of.ndim > 1 for of in ids):
        raise ValueError("a grid needs one label a row, got rows of several binary columns")
    if class_names is not None:
        return drawable(list(class_names), LONGEST_NAME)
    return [str(k) for k in range(1 + max((int(of.max(initial=0)) for of in ids), default=0))]


def _grid(ids: np.ndarray, images: Any, captions: Sequence[str], columns: int, title: str) -> "Figure":
    if columns < 1:
        raise ValueError(f"`columns` must be at least 1, got {columns}")
    shown = min(len(ids), _MOST_DRAWN)
    columns = max(1, min(columns, shown))
    lines = max(1, math.ceil(shown / columns))
    figure = make_figure(1.75 * columns, 0.5 + 2.0 * lines)
    for place in range(shown):
        axes = figure.add_subplot(lines, columns, place + 1)
        axes.imshow(_as_image(images[int(ids[place])]), cmap="gray", interpolation="nearest")
        axes.set_title(captions[place], fontsize=7.5, linespacing=1.2)
        axes.set_axis_off()
    if shown < len(ids):
        title = f"{title}, the first {shown}"
    figure.suptitle(title, fontsize=10)
    return finish(figure)


def _as_image(image: Any) -> np.ndarray:
    """Grey (height, width) or colours (height, width, 3 or 4) as matplotlib takes them."""
    image = np.asarray(image)
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] not in (3, 4)):
        raise ValueError(f"an image must be (height, width) or (height, width, 1, 3 or 4), got shape {image.shape}")
    if image.dtype == np.uint8 or image.ndim == 2:
        return image
    image = image.astype(np.float64)
    return np.clip(image / 255 if image.max(initial=0) > 1 else image, 0, 1)
