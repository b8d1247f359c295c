"""A report as a DataFrame of pandas, which nothing else needs."""

from typing import TYPE_CHECKING

from fmnist_tf.report.cells import Cell, finite
from fmnist_tf.report.layout import averaged_support, mean_rows

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_tf.report.report import Report


def report_frame(report: "Report") -> "pd.DataFrame":
    """A row a class and a mean: "precision", "precision_low", "precision_high", ..., "support".

    Raises:
        ImportError: pandas is missing.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("a table of a report needs pandas; pip install pandas") from error
    total = averaged_support(report)
    rows = {name: _columns(cells, report.support[name]) for name, cells in report.classes.items()}
    rows |= {name: _columns(cells, total) for name, cells in mean_rows(report).items()}
    return pd.DataFrame.from_dict(rows, orient="index").astype("float64")


def _columns(cells: dict[str, Cell], support: float) -> dict[str, float | None]:
    ends = {
        f"{score}{suffix}": number
        for score, cell in cells.items()
        for suffix, number in (("", cell.value), ("_low", finite(cell.low)), ("_high", finite(cell.high)))
    }
    return {**ends, "support": support}
