"""What all pictures share: a figure without pyplot, colours, bare axes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY, PALE = "#0072B2", "#D55E00", "#767676", "#c4c4c4"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LONGEST_NAME = 24


def make_figure(width: float, height: float) -> "Figure":
    """An empty figure, in inches.

    Raises:
        ImportError: matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib; pip install 'fmnist-tf[plot]'") from error
    return Figure(figsize=(width, height), dpi=120, layout="compressed")


def strip(axes: "Axes") -> None:
    """Without the frame's upper and right side."""
    axes.spines[["top", "right"]].set_visible(False)
