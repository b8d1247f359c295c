"""Pages in a headless Chromium: they fit, they sort, search and slide, with mouse and keyboard, light and dark."""

import numpy as np
import pytest

from fmnist_tf.report import Report
from fmnist_tf.report.html import comparison_page, report_page, write_page
from fmnist_tf.report.html.history import Training
from fmnist_tf.report.pairs import compare
from support import chromium

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(chromium.COMMAND is None, reason="chromium is not installed; apt-get install chromium"),
]
RNG = np.random.default_rng(0)
HISTORY = {"macro_f1": [0.5, 0.7, 0.8], "val_macro_f1": [0.5, 0.7, 0.6], "loss": [3.0, 2.0, 1.0], "val_loss": [3, 2, 2]}
TRAINING = Training(HISTORY, {"val_macro_f1": [(0.4, 0.6), (0.6, 0.8), (0.5, 0.7)]}, best_epoch=1, epoch=2)
NAMES = [
    "サンダル（革製・婦人用・夏物）",
    "حقيبة يد جلدية",
    "Malignant neoplasm of bronchus, unspecified side",
    "a & <b>",
]
Y = (RNG.random(800) < 0.2).astype(int)
SCORES = 1 / (1 + np.exp(-(RNG.normal(size=800) + 2.0 * Y - 1.0)))


def of_classes(num_classes, size, names=None):
    y_true, logits = RNG.integers(0, num_classes, size), RNG.normal(size=(size, num_classes))
    logits[np.arange(size), y_true] += 3
    p = np.exp(logits)
    return Report.from_predictions(y_true, p / p.sum(axis=1, keepdims=True), names)


def compared(images=None):
    fields = [("id", int), ("label", int), ("predicted", int)]
    a, b = (np.array([(k, k % 2, k % 2 if k % 10 > wrong else 0) for k in range(100)], fields) for wrong in (5, 3))
    names = ("a run whose name is long, as that of a folder may be", "b")
    return comparison_page(compare(a, b, NAMES[:2], names=names), trainings=(TRAINING, TRAINING), images=images)


PAGES = {
    "binary": lambda: report_page(Report.from_predictions(Y, SCORES, ["healthy", "ill"]), cost_ratio=5),
    "four": lambda: report_page(of_classes(4, 200, NAMES), training=TRAINING),
    "ten": lambda: report_page(of_classes(10, 300), training=TRAINING),
    "hundred": lambda: report_page(of_classes(100, 2000)),
    "thousand": lambda: report_page(of_classes(1000, 4000)),
    "columns": lambda: report_page(Report.from_predictions(np.eye(4)[Y], RNG.random((800, 4)), threshold=0.5)),
    "comparison": compared,
    "flips": lambda: compared(RNG.random((100, 30, 40, 3))),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, make in PAGES.items():
        write_page(folder / f"{name}.html", make())
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium.Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def text(browser, selector):
    return browser.run(f"document.querySelector(`{selector}`).textContent")


def column(browser, number):
    """The cells of a column of the first table."""
    rows = "[...document.querySelector('.scores').querySelectorAll('tbody tr')]"
    return browser.run(f"{rows}.filter(row => row.cells.length > {number}).map(row => row.cells[{number}].textContent)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small(name, pages):
    assert (pages / f"{name}.html").stat().st_size < 2e6


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_loads_nothing_and_says_no_error(name, width, dark, pages, browser):
    browser.open(pages / f"{name}.html", width, dark=dark)
    assert browser.run("document.documentElement.scrollWidth") <= width
    requests = [event for event in browser.events if event.get("method") == "Network.requestWillBeSent"]
    assert len([one for one in requests if not one["params"]["request"]["url"].startswith("data:")]) == 1
    assert not [event for event in browser.events if "exception" in str(event.get("method"))]


CONTRAST = """(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  function behind(element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, [r, g, b, a = 1]) => [r, g, b].map((v, i) => a * v + (1 - a) * below[i]),
      [255, 255, 255]);
  }
  const texts = [...document.querySelectorAll("h1, h2, p, dt, dd, small, th, td, label, button, li, summary, text")];
  return Math.min(...texts.filter(e => e.getClientRects().length).map(e => {
    const style = getComputedStyle(e), front = light(parse(e.tagName === "text" ? style.fill : style.color));
    const back = light(behind(e)), [low, high] = [front, back].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  }));
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["binary", "four", "columns", "comparison", "flips"])
def test_every_text_stands_out_from_what_is_behind_it(name, dark, pages, browser):
    browser.open(pages / f"{name}.html", dark=dark)
    assert browser.run(CONTRAST) >= 4.5


def test_a_click_on_a_header_sorts_and_the_keyboard_does_too(pages, browser):
    browser.open(pages / "ten.html")
    before = column(browser, 3)
    browser.click(".scores thead th:nth-child(4) button")
    assert column(browser, 3)[:10] == sorted(before[:10])
    browser.press("Enter")  # the button has the focus
    assert column(browser, 3)[:10] == sorted(before[:10], reverse=True)
    assert browser.run("document.querySelector('.scores th:nth-child(4)').ariaSort") == "descending"
    browser.press("Enter")
    assert column(browser, 3) == before


def test_the_search_field_leaves_the_classes_that_are_looked_for(pages, browser):
    browser.open(pages / "hundred.html")
    browser.click(".find input")
    browser.write("99")
    shown = "[...document.querySelectorAll('.scores tbody')][0].querySelectorAll('tr:not([hidden])').length"
    assert browser.run(shown) == 1


@pytest.mark.parametrize("key", ["ArrowLeft", "ArrowRight"])
def test_the_slider_shows_the_scores_at_its_threshold(key, pages, browser):
    browser.open(pages / "binary.html")
    browser.run("document.querySelector('[name=threshold]').focus()")
    browser.press(key, 20)
    place = int(browser.run("document.querySelector('[name=threshold]').value"))
    threshold = browser.run(f"JSON.parse(document.querySelector('.thresholds').dataset.thresholds)[{place}]")
    expected = Report.from_predictions(Y, SCORES, threshold=threshold)
    cells = expected.classes["1"]
    for name, score in {"precision": "precision", "recall": "recall", "F1": "f1_score"}.items():
        assert text(browser, f'[data-name="{name}"]') == f"{cells[score].value:.3f}"
    (_, fp), (fn, tp) = expected.matrix
    counts = [int(text(browser, f'[data-name="{name}"]')) for name in ("true positives", "false positives")]
    assert counts == [tp, fp]
    assert text(browser, '[data-name="cost"]') == f"{5 * fn + fp:,.0f}"


def test_the_slider_begins_at_the_report_and_finds_the_least_cost(pages, browser):
    browser.open(pages / "binary.html")
    assert text(browser, "output").startswith("0.500: ")
    cost = "Number(document.querySelector('[data-name=cost]').textContent.replace(',', ''))"
    before = browser.run(cost)
    browser.click('[name="least cost"]')
    assert browser.run(cost) <= before
    assert "cost" in text(browser, "output")


def test_another_column_has_other_counts(pages, browser):
    browser.open(pages / "columns.html")
    before = text(browser, "output")
    browser.run("document.querySelector('[name=column]').focus()")
    browser.press("ArrowDown")
    assert text(browser, "output") != before


def test_a_chosen_class_stands_alone(pages, browser):
    browser.open(pages / "ten.html")
    shown = "document.querySelectorAll('.classes-at-thresholds figure g[data-class]:not([hidden])').length"
    assert browser.run(shown) == 21  # ten lines in two charts, and the reliability of all
    browser.run("document.querySelector('[name=class]').focus()")
    browser.press("ArrowDown", 3)
    assert browser.run(shown) == 3


def test_arrows_move_in_the_matrix_and_tell_the_pair(pages, browser):
    browser.open(pages / "four.html")
    browser.run("document.querySelector('.matrix tbody td').focus()")
    browser.press("ArrowDown")
    assert text(browser, "#bubble").startswith("\u2068" + NAMES[1] + "\u2069 predicted as " + NAMES[0])
    assert browser.run("document.activeElement.ariaLabel") == text(browser, "#bubble")


def test_a_number_of_the_flips_leaves_its_images_and_all_come_back(pages, browser):
    browser.open(pages / "flips.html")
    shown = "[...document.querySelectorAll('#flipped figure:not([hidden])')].map(figure => figure.dataset.cell)"
    every = browser.run(shown)
    assert browser.run("document.querySelector('#flips td button').ariaLabel").endswith(": 10 fixed, show images")
    browser.click("#flips td button")
    assert browser.run(shown) == ["1 fixed"] * 10
    assert text(browser, "#flipped [aria-live]").endswith(": 10 fixed; images: 10")
    assert browser.run("document.activeElement.ariaPressed") == "true"
    browser.press("Enter")  # once more the same
    browser.click("#flipped button")
    assert browser.run(shown) == every
    assert browser.run("document.querySelector('#flips td button').ariaPressed") == "false"


def test_paper_has_no_arrows_and_no_controls(pages, browser, tmp_path):
    browser.open(pages / "binary.html", media="print")
    arrow = "getComputedStyle(document.querySelector('th button'), '::after').content"
    assert browser.run(arrow) == "none"
    assert browser.run("getComputedStyle(document.querySelector('.buttons')).display") == "none"
    browser.print_to(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
