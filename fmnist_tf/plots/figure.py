"""A figure that a notebook shows by itself, without pyplot and without a magic command."""

import io

from matplotlib.figure import Figure


class NotebookFigure(Figure):
    """A `Figure` of matplotlib that a notebook shows if it is the last value of a cell."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()
