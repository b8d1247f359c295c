"""A report as a table of pandas, as a page, and in a notebook, where its style touches nothing else."""

import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from fmnist_tf.report import Comparison, Report
from support.reports import make_matrix

NAMES = ["cat", "<b>dog</b>", "שלום"]
REPORT = Report(make_matrix(3), NAMES)


def fragments():
    return {"report": REPORT._repr_html_(), "comparison": Comparison(REPORT, REPORT)._repr_html_()}


class Balanced(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", ["report", "comparison"])
def test_a_fragment_is_balanced_and_its_style_is_scoped(kind):
    fragment = fragments()[kind]
    Balanced(fragment)
    style = re.search(r"<style>(.*?)</style>", fragment, re.DOTALL)[1]
    selectors = [part for rule in re.findall(r"([^{}]+)\{", style) for part in rule.split(",")]
    assert all(selector.strip().startswith(".fmnist-tf ") for selector in selectors)
    assert not re.search(r"https?:|<script|url\(", fragment)


def test_a_notebook_shows_tiles_table_and_matrix_with_names_as_text():
    fragment = fragments()["report"]
    assert "<bdi>&lt;b&gt;dog&lt;/b&gt;</bdi>" in fragment
    assert f"<b>{REPORT.macro['f1_score'].value:.3f}</b>" in fragment
    assert str(int(REPORT.matrix[1, 1])) in fragment
    assert "<b>dog" not in fragment


def test_the_markdown_of_a_notebook_is_that_of_the_report():
    assert REPORT._repr_markdown_() == REPORT.markdown()


def test_names_are_no_mathematics_in_markdown():
    assert r"\$\$" in Report(np.eye(2), ["$$", "b"]).markdown()


def test_a_frame_holds_the_cells():
    pytest.importorskip("pandas")
    frame = REPORT.to_frame()
    assert frame.loc["cat", "recall_low"] == REPORT.classes["cat"]["recall"].low
    assert frame.loc["macro mean", "f1_score"] == REPORT.macro["f1_score"].value
    assert frame.loc["weighted mean", "support"] == REPORT.total
    assert np.isnan(Report(REPORT.counts).to_frame().loc["macro mean", "f1_score_low"])


def test_without_pandas_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        REPORT.to_frame()


def test_a_page_is_written_to_a_path(tmp_path):
    REPORT.to_html(str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<bdi>שלום</bdi>" in page
