"""The code on the pages of the documentation runs, and the tutorial too."""

import re
from pathlib import Path

import pytest

from fmnist_tf import metrics, plots

DOCS = Path(__file__).parents[2] / ".docs"
PAGES = sorted(DOCS.glob("how-to/*.md"))


def read(page):
    return page.read_text(encoding="utf-8")


@pytest.mark.heavy
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_blocks_of_a_page_run_in_turn(page):
    blocks = re.findall(r"^```python\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)
    assert blocks
    namespace = {"__name__": page.stem}
    for block in blocks:
        exec(compile(block, page.name, "exec"), namespace)


@pytest.mark.heavy
def test_the_tutorial_runs():
    nbformat = pytest.importorskip("nbformat", reason="needs the extra docs")
    nbclient = pytest.importorskip("nbclient", reason="needs the extra docs")
    notebook = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": DOCS.parent}}).execute()
    assert "macro mean" in str(notebook.cells)


@pytest.mark.parametrize("name", sorted(set(metrics.__all__) - {"CountMetric"}))
def test_every_metric_stands_in_the_table_of_scores(name):
    assert f"`{name}" in read(DOCS / "scores.md")


@pytest.mark.parametrize("name", metrics.__all__)
def test_every_metric_has_an_entry_in_the_reference(name):
    assert sum(f"::: fmnist_tf.{name}\n" in read(page) for page in DOCS.glob("reference/*.md")) == 1


def test_no_link_between_pages_is_broken():
    links = [(page, link) for page in DOCS.rglob("*.md") for link in re.findall(r"\]\(([^)#:]+)\)", read(page))]
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_the_gallery_has_a_picture_of_every_plot_and_no_other():
    page = read(DOCS / "pictures.md")
    assert set(re.findall(r"`(plot_\w+)\(", page)) == set(plots.__all__)
    shown = set(re.findall(r"\]\(pictures/(\w+\.png)\)", page))
    files = {path.name: path.stat().st_size for path in DOCS.glob("pictures/*.png")}
    assert shown == files.keys()
    assert max(files.values()) < 60_000
