"""Measurements as a table, as JSON and as a chart."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.timing import Measurement


def show(measurements: Sequence[Measurement], machine: dict) -> None:
    """Prints the table, a section for each case."""
    console = Console(width=max(Console().width, 150))
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False)
    table = Table("benchmark", "case", "contender", "time", "x reference", "added / peer's", "note")
    for _, group in _cases(measurements):
        rows = list(group)
        for row in rows:
            first = row is rows[0]
            table.add_row(
                row.benchmark if first else "",
                row.case if first else "",
                row.contender,
                "" if row.seconds is None else format_seconds(row.seconds),
                str(row.ratio or ""),
                str(row.added or ""),
                row.note,
            )
        table.add_section()
    console.print(table)


def format_seconds(seconds: float) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def write_json(path: Path, measurements: Iterable[Measurement], machine: dict, command: str) -> None:
    """Everything that was measured, with the command and the machine."""
    content = {"command": command, "machine": machine, "measurements": [asdict(row) for row in measurements]}
    path.write_text(json.dumps(content, indent=1) + "\n")


def draw(path: Path, measurements: Sequence[Measurement]) -> None:
    """A panel a benchmark: times along the axis where there is one, else ratios with their quartiles."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels = [list(group) for _, group in groupby(measurements, key=lambda row: (row.benchmark, row.axis))]
    panels = [panel for panel in panels if any(row.seconds is not None for row in panel)]
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(6 * columns, 4.5 * rows), squeeze=False, layout="constrained")
    for panel, axis in zip(panels, axes.flat, strict=False):
        (_draw_lines if panel[0].axis else _draw_ratios)(axis, panel)
    for axis in list(axes.flat)[len(panels) :]:
        axis.set_axis_off()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_lines(axis, panel: list[Measurement]) -> None:
    for name in dict.fromkeys(row.contender for row in panel):
        rows = [row for row in panel if row.contender == name]
        label = ", ".join(filter(None, [name, rows[-1].note]))
        axis.plot([row.x for row in rows], [row.seconds for row in rows], marker="o", label=label)
    axis.set(xscale="log", yscale="log", xlabel=panel[0].axis, ylabel="seconds", title=panel[0].benchmark)
    low, high = axis.get_ylim()
    axis.set_ylim(low / 2, high * 2)  # or a rise of a tenth would look like a cliff
    axis.legend(fontsize=8)


def _draw_ratios(axis, panel: list[Measurement]) -> None:
    rows = [row for row in panel if row.ratio and row.contender != row.reference][::-1]
    for place, row in enumerate(rows):
        axis.plot([row.ratio.low, row.ratio.high], [place, place], color="grey")
        axis.plot(
            [row.ratio.median], [place], marker="o", color="tab:orange" if "fmnist" in row.contender else "tab:blue"
        )
    axis.set_yticks(range(len(rows)), [f"{row.contender}\n{row.case}" for row in rows], fontsize=6)
    axis.axvline(1, color="black", linewidth=0.5)
    axis.set(xscale="log", xlabel=f"time / time of {panel[0].reference}", title=panel[0].benchmark)


def _cases(measurements: Sequence[Measurement]):
    return groupby(measurements, key=lambda row: (row.benchmark, row.case))
