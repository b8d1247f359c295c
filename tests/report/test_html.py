"""The page of a report: whole in one file, with the numbers of the report, whatever its classes are called."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from fmnist_tf import cli
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.html import comparison_page, report_page
from fmnist_tf.report.pairs import compare
from fmnist_tf.report.run_folder import Info, Record, RunFolder

NAMES = ["T-shirt/top", '</script><img src=x onerror="alert(1)">', "a & b"]
MATRIX = [[80, 15, 5], [9, 70, 21], [0, 3, 97]]
HISTORY = {"macro_f1": [0.5, None, float("nan"), 0.75], "val_macro_f1": [0.625, 0.6875], "loss": [3, 2, 1, 0]}
VOID = {"meta", "input"}


class Page(HTMLParser):
    """The elements of a page as a browser reads it, as (tag, attributes, text), each closed once."""

    def __init__(self, page):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, text in self._open:
            text.append(data)

    def find(self, tag, **wanted):
        """The (attributes, text) of the elements that have these attributes."""
        found = [(named, "".join(text)) for name, named, text in self.elements if name == tag]
        return [(named, text) for named, text in found if wanted.items() <= named.items()]


@pytest.fixture
def report():
    return Report(MATRIX, NAMES, note="a <note>")


@pytest.fixture
def page(report):
    return Page(report_page(report, HISTORY, "Run <1>"))


def random_report(num_classes):
    return Report(np.random.default_rng(0).poisson(3.0, (num_classes, num_classes)))


@pytest.mark.parametrize(
    "source",
    [MATRIX, np.zeros((3, 3)), np.multiply(MATRIX, 0.25), [[[5, 1], [0, 4]]] * 3, Report(MATRIX).counts],
    ids=["matrix", "nothing", "weights", "columns", "counts"],
)
@pytest.mark.parametrize("history", [None, {}, {"macro_f1": [None]}, {"macro_f1": [0.5]}, HISTORY])
def test_every_tag_is_closed(source, history):
    assert Page(report_page(Report(source, NAMES), history)).find("h1")


def test_nothing_is_loaded_from_elsewhere(report):
    text = report_page(Report(MATRIX), HISTORY)
    assert not re.search(r"https?:|//[a-z]|@import|url\(|\b(src|href|srcset|action)\s*=", text)
    assert {tag for tag, _, _ in Page(text).elements}.isdisjoint({"link", "img", "iframe", "base", "object"})


def test_names_title_and_note_are_text_and_never_markup(page):
    assert len(page.find("script")) == 1
    assert not page.find("img")
    assert [text for _, text in page.find("h1")] == ["Run <1>"]
    assert [text for _, text in page.find("p", **{"class": "note"})] == ["a <note>"]
    assert [text for _, text in page.find("th", scope="row") if not text.isdigit()][:3] == NAMES


def test_the_table_of_classes_holds_the_numbers_of_the_report(report, page):
    scores = report.to_dict()
    rows = [*scores["classes"].values(), scores["macro"] | {"support": 300}, scores["weighted"] | {"support": 300}]
    expected = [row[name]["value"] for row in rows for name in ("precision", "recall", "f1_score")]
    values = [float(named["data-value"]) for named, _ in page.find("td") if "data-value" in named]
    assert [value for index, value in enumerate(values) if index % 4 < 3] == expected
    assert values[3::4] == [row["support"] for row in rows]


def test_headline_scores_stand_with_their_intervals(report, page):
    scores = report.to_dict()
    cells = [scores["macro"]["f1_score"], *scores["overall"].values()]
    expected = [f"{cell['value']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" for cell in cells]
    assert [text for _, text in page.find("dd")] == expected


def test_a_score_that_is_no_number_is_a_dash_that_sorts_last():
    report = Report(MATRIX, NAMES)
    report.classes[NAMES[0]]["recall"] = report.cell("recall")._replace(value=float("nan"))
    cells = Page(report_page(report)).find("td", **{"data-value": ""})
    assert [text.split()[0] for _, text in cells] == ["–"]


def test_every_cell_of_the_matrix_tells_its_pair_and_count(page):
    cells = [(named["title"], text) for named, text in page.find("td") if "title" in named]
    assert len(cells) == 9
    assert cells[0] == ("T-shirt/top recognised: 80 of 100", "80")
    assert cells[2] == ("T-shirt/top predicted as a & b: 5 of 100", "5")
    assert [float(text) for _, text in cells] == list(np.ravel(MATRIX))


def test_confused_pairs_are_those_of_the_report(report, page):
    assert [text for _, text in page.find("li")] == [str(pair) for pair in report.confused()]


COLUMNS = [[[188, 12], [20, 80]], [[150, 0], [0, 150]]]


@pytest.mark.parametrize("source", [COLUMNS, Report(COLUMNS).counts], ids=["columns", "counts"])
def test_every_column_has_its_four_answers(source):
    page = Page(report_page(Report(source, ["toxic", "insult"], multiclass=None)))
    cells = [(named["title"], text) for named, text in page.find("td") if "title" in named]
    assert [text for _, text in cells] == ["80", "20", "12", "188", "150", "0", "0", "150"]
    assert [title for title, _ in cells[:4]] == [
        "toxic, yes recognised: 80 of 100",
        "toxic, yes predicted as no: 20 of 100",
        "toxic, no predicted as yes: 12 of 200",
        "toxic, no recognised: 188 of 200",
    ]


def test_wrong_answers_are_listed_the_most_frequent_first():
    page = Page(report_page(Report(COLUMNS, ["toxic", "insult"])))
    assert [text for _, text in page.find("li")] == [
        "toxic, yes predicted as no: 20 of 100",
        "toxic, no predicted as yes: 12 of 200",
    ]


def test_headers_are_buttons_that_say_how_the_table_is_sorted(page):
    assert len(page.find("th", **{"aria-sort": "none"})) == len(page.find("button", type="button")) == 5


def test_many_classes_are_searched_and_those_that_err_least_taken_together():
    report = random_report(120)
    page = Page(report_page(report))
    cells = [float(text.replace(",", "")) for named, text in page.find("td") if "title" in named]
    assert len(cells) == 25**2
    assert sum(cells) == report.total
    assert [text for _, text in page.find("th", title="96 others")] == ["96 others"] * 2
    assert len(page.find("input", type="search")) == 1


def test_a_page_grows_with_the_classes_and_not_with_their_pairs():
    assert len(report_page(random_report(400))) < 2.5 * len(report_page(random_report(200)))


def test_the_curve_has_a_point_an_epoch_that_has_a_value(page):
    points = [text for _, text in page.find("title")][1:]
    assert points[:4] == [
        "training, epoch 1: 0.5000",
        "training, epoch 4: 0.7500",
        "validation, epoch 2: 0.6250",
        "validation, epoch 4: 0.6875",
    ]
    assert points[4:] == [f"training, epoch {epoch}: {4 - epoch}.0000" for epoch in (1, 2, 3, 4)]


def test_without_a_history_there_is_no_curve(report):
    assert not Page(report_page(report)).find("figure")


# On the command line


@pytest.fixture
def run(tmp_path, report):
    path = tmp_path / "run"
    path.mkdir()
    folder = RunFolder(path)
    folder.write_info(Info({}, NAMES, {}, "a <note>", 1, 0, True))
    folder.write_record(Record().extended({"val_macro_f1": 0.75}, {"val": np.array(MATRIX)}))
    folder.write_report(report)
    return path


def test_the_page_of_a_run_is_that_of_its_report(run, tmp_path, report, capsys):
    file = tmp_path / "report.html"
    assert cli.main(["report", str(run), "--html", str(file)]) == 0
    page = Page(file.read_text(encoding="utf-8"))
    assert [text for _, text in page.find("h1")] == ["run"]
    assert [text for _, text in page.find("p", **{"class": "note"})] == ["a <note>"]
    assert "validation, epoch 1: 0.7500" in [text for _, text in page.find("title")]
    assert str(file) in capsys.readouterr().out


def test_a_page_that_cannot_be_made_leaves_the_old_one(run, tmp_path, monkeypatch):
    file = tmp_path / "report.html"
    file.write_text("old")
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(OSError("disk")))
    assert cli.main(["report", str(run), "--html", str(file)]) != 0
    assert file.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "run"]


def test_a_page_in_a_folder_that_is_not_there_is_status_2(run, tmp_path, capsys):
    assert cli.main(["report", str(run), "--html", str(tmp_path / "nowhere" / "report.html")]) == 2
    assert capsys.readouterr().err == f"fmnist-tf: No such file or directory: {tmp_path / 'nowhere'}\n"


@pytest.mark.parametrize("history", [None, "[1]", '{"val_macro_f1": 1}', '{"val_macro_f1": ["a"]}', "{"])
def test_a_history_that_no_run_has_written_is_status_2(history, run, tmp_path, capsys):
    (run / "history.json").unlink()
    if history is not None:
        (run / "history.json").write_text(history)
    assert cli.main(["report", str(run), "--html", str(tmp_path / "report.html")]) == 2
    assert "history.json" in capsys.readouterr().err


# A comparison


def test_the_page_of_two_runs_holds_their_differences_and_both_curves(run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    folder = RunFolder(other)
    folder.write_info(Info({}, NAMES, num_epochs=2, best_epoch=1))
    folder.write_record(Record().at(1, {"val_macro_f1": 0.5}, {"val_macro_f1": (0.4, 0.6)}))
    folder.write_report(Report(np.array(MATRIX)[::-1].T, NAMES))
    assert cli.main(["report", str(run), str(other), "--html", str(tmp_path / "report.html")]) == 0
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    comparison = Comparison(Report(MATRIX, NAMES), folder.read_report())
    written = [float(named["data-value"]) for named, _ in page.find("td") if "data-value" in named]
    assert comparison.scores["accuracy"].difference.value in written
    assert [text for _, text in page.find("title")][1:] == ["other, epoch 2: 0.5000", "run, epoch 1: 0.7500"]


def test_flips_are_a_table_of_paired_classes():
    fields = [("id", int), ("label", int), ("predicted", int)]
    a, b = (np.array([(k, k % 2, k % 2 if k % 10 > wrong else 0) for k in range(100)], fields) for wrong in (5, 3))
    page = Page(comparison_page(compare(a, b, ["cat", "dog"])))
    assert "Flips" in [text for _, text in page.find("h2")]
    assert [text for _, text in page.find("td", **{"data-value": "10"})] == ["10"]
