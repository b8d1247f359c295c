"""Names that differ stay different however short they become, in any script, and numbers are never cut."""

import numpy as np
import pytest

from fmnist_tf.report import Report
from fmnist_tf.report.names import display_width, shorten, shorten_all, shorten_start
from support.reports import shown

ALIKE = {
    "ends": [f"Malignant neoplasm of the bronchus, part {k}" for k in range(12)],
    "beginnings": [f"part {k} of a malignant neoplasm of the bronchus" for k in range(12)],
    "middles": [f"Malignant neoplasm of the {k} bronchus or of the lung, unspecified" for k in range(12)],
    "wide": [f"長い名前のクラス長い名前のクラス{k}番" for k in range(12)],
}


@pytest.mark.parametrize("kind", ALIKE)
@pytest.mark.parametrize("width", [12, 13, 24])
def test_names_that_differ_stay_different_and_fit(kind, width):
    short = shorten_all(ALIKE[kind], width)
    assert len(set(short)) == 12
    assert max(map(display_width, short)) <= width


@pytest.mark.parametrize("kind", ALIKE)
@pytest.mark.parametrize("width", [60, 100])
def test_rows_of_a_report_stay_different(kind, width):
    rows = Report(np.diag(range(1, 13)), ALIKE[kind]).text(width).splitlines()[1:13]
    assert len({row.split("  ")[0] for row in rows}) == 12
    assert max(map(display_width, rows)) <= width


def test_names_are_shortened_in_the_middle_and_paths_at_the_start():
    assert shorten("Malignant neoplasm, part 3", 16) == "Malignan… part 3"
    assert shorten("short", 16) == "short"
    assert shorten_start("a/folder/of/runs/2026", 10) == "…runs/2026"


def test_no_shortened_name_begins_with_a_combining_character():
    assert "…\u0301" not in shorten("aaaaaaaaaae\u0301aaaa", 11)


@pytest.mark.parametrize("width", [28, 40, 50, 60, 80, 100])
def test_a_narrow_terminal_drops_columns_and_says_so_but_cuts_no_number(width):
    report = Report(np.random.default_rng(0).integers(0, 5000, (4, 4)), [f"a class with a name {k}" for k in range(4)])
    for text in (report.text(width), shown(report, width)):
        lines = text.splitlines()
        assert max(map(display_width, lines)) <= width
        ends = [f"{count:,.0f}" for count in report.support.values()]
        assert all(line.endswith(end) for line, end in zip(lines[1:5], ends, strict=True))
        assert ("Too narrow" in text) == (width < 90)
