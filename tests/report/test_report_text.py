"""A report is read in full wherever it is shown: as text, in Markdown, on a terminal of any width."""

import numpy as np
import pytest

from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.report import Report
from fmnist_tf.report.blocks import display_width
from fmnist_tf.report.cells import number
from support.reports import make_matrix, shown

MATRIX = make_matrix()

# Text


def names_of(kind, count):
    return {
        "ids": None,
        "long": [f"{'a very long name of a class ' * 4}{row}" for row in range(count)],
        "wide": [f"{'漢字' * 30}{row}" for row in range(count)],
        "odd": [f"\ta|b*_`[{row}](x)\n<b>" for row in range(count)],
    }[kind]


@pytest.mark.parametrize("kind", ["ids", "long", "wide", "odd"])
@pytest.mark.parametrize("count", [2, 10, 120])
def test_text_fits_100_columns(kind, count):
    matrix = np.random.default_rng(0).integers(0, 1000, (count, count)) * 1000
    lines = Report(matrix, names_of(kind, count), note="x" * 300).text().splitlines()
    assert max(map(display_width, lines)) <= 100
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("count", [10**12, 10**14, 4 * 10**14, 10**15, 2**53])
def test_text_of_huge_counts_fits_100_columns(count):
    lines = Report([[count // 2, count // 4], [0, count // 4]], ["a class with a name", "b"]).text().splitlines()
    assert max(map(display_width, lines)) <= 100


def test_a_huge_count_is_written_short():
    assert [number(count) for count in (1e15 - 1, 1e15, 2.0**53)] == ["999,999,999,999,999", "1.00e15", "9.01e15"]


def test_text_shows_every_class_score_and_pair_with_its_interval():
    text = Report(MATRIX, CLASS_NAMES).text()
    for words in (*CLASS_NAMES, "macro mean", "weighted mean", "accuracy", "Matthews correlation", "Cohen's kappa"):
        assert words in text
    assert text.count("[") == 3 * 12 + 4
    assert "Most confused, 5 of" in text
    assert "95 % confidence intervals" in text


def test_all_of_a_hundred_classes_are_shown():
    lines = Report(np.eye(150)).text().splitlines()
    assert [line.split()[0] for line in lines[1:151]] == [str(row) for row in range(150)]


def test_str_is_the_text():
    report = Report(MATRIX)
    assert str(report) == report.text()


def test_a_note_stands_with_the_intervals():
    note = "optimistic: chosen on these images"
    report = Report(MATRIX, note=note)
    assert f"Note: {note}" in report.text()
    assert note in report.markdown()
    assert note in shown(report, 80)


def test_long_names_are_cut_and_their_counts_are_not():
    text = Report([[5, 84], [0, 9]], names_of("long", 2)).text()
    assert "84 of 89" in text
    assert "…" in text


# Markdown


def test_markdown_has_a_row_a_class():
    lines = Report(MATRIX, CLASS_NAMES).markdown().splitlines()
    assert sum(line.startswith(tuple(f"| {name} |" for name in CLASS_NAMES)) for line in lines) == 10
    assert {line.count("|") for line in lines if line.startswith("| ")} == {6, 3}


def test_names_are_no_markup_in_markdown():
    markdown = Report([[1, 1], [0, 1]], ["a|b", "[x](http://y) <b>*"]).markdown()
    assert r"a\|b" in markdown
    assert r"\[x](http://y) \<b\>\*" in markdown


# The terminal


@pytest.mark.parametrize("width", [70, 80, 100, 140])
@pytest.mark.parametrize("kind", ["ids", "long", "wide"])
def test_a_terminal_gets_whole_numbers_within_its_width(width, kind):
    lines = shown(Report(MATRIX, names_of(kind, 10)), width).splitlines()
    assert max(map(display_width, lines)) <= width
    assert all(line.rstrip().endswith(tuple("0123456789")) for line in lines[1:11])


def test_a_narrow_terminal_keeps_the_interval_of_f1():
    wide, narrow = (shown(Report(MATRIX), width).splitlines()[4] for width in (100, 70))
    assert wide.count("[") == 3
    assert narrow.count("[") == 1


def test_names_are_no_markup_on_the_terminal():
    assert "[red]a[/red]" in shown(Report(np.eye(2), ["[red]a[/red]", "b"]), 100)


def test_the_method_and_the_protocol_of_rich_render_alike():
    report = Report(MATRIX)
    assert shown(report.rich(), 100) == shown(report, 100) == shown(report.__rich__(), 100)
