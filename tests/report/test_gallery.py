"""The images of a page: each mistake under its cell of the matrix, suspects with their margin; the page stays small."""

import base64
import re
import shutil
import subprocess

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.report import Report
from fmnist_tf.report.html import Gallery, gallery, report_page

NAMES = ["cat", "<dog>", "a & b"]
FIELDS = [("id", int), ("label", int), ("predicted", int), ("confidence", float)]
ROWS = np.array([(0, 0, 0, 0.9), (1, 0, 1, 0.6), (2, 1, 0, 0.8), (3, 2, 1, 0.7), (4, 0, 1, 0.95)], FIELDS)
SUSPECTS = np.array(
    [(3, 1, -4.25, 2), (0, 2, -1.0, 0)], [("id", int), ("label", int), ("margin", float), ("predicted", int)]
)
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 1)).astype(np.uint8)


def matrix_of(rows, num_classes=3):
    matrix = np.zeros((num_classes, num_classes))
    np.add.at(matrix, (rows["label"], rows["predicted"]), 1)
    return matrix


def page_of(rows=ROWS, images=IMAGES, suspect=None, names=NAMES):
    return report_page(Report(matrix_of(rows, len(names)), names), wrong=Gallery(rows, images), suspect=suspect)


def cells(page):
    return re.findall(r'<figure data-cell="(\d+ \d+)">', page)


def shown_images(page):
    found = re.findall(r'<img src="data:image/\w+;base64,([^"]+)" alt=""', page)
    return [tf.io.decode_image(base64.b64decode(content)).numpy() for content in found]


def test_each_mistake_stands_with_its_cell_and_its_image():
    page = page_of()
    assert cells(page) == ["0 1", "1 0", "2 1", "0 1"]  # the most confident of each cell come first
    for image, row in zip(shown_images(page), (4, 2, 3, 1), strict=True):
        np.testing.assert_array_equal(image, IMAGES[row])
    assert "<b><bdi>cat</bdi></b><span>predicted <bdi>&lt;dog&gt;</bdi></span><small>95 %, id 4</small>" in page
    assert "4 mistakes</span>" in page


def test_a_page_without_images_has_no_gallery():
    page = report_page(Report(matrix_of(ROWS), NAMES))
    assert "<figure" not in page
    assert 'id="mistakes"' not in page.split("<script>")[0]


def test_suspects_stand_with_label_prediction_and_margin():
    page = report_page(Report(matrix_of(ROWS), NAMES), suspect=Gallery(SUSPECTS, dict(enumerate(IMAGES)), "2 of 40 <"))
    assert (
        "<b><bdi>&lt;dog&gt;</bdi>?</b><span>predicted <bdi>a &amp; b</bdi></span><small>margin -4.2, id 3</small>"
        in page
    )
    assert "<p>2 of 40 &lt;</p>" in page
    np.testing.assert_array_equal(shown_images(page)[0], IMAGES[3])


@pytest.mark.parametrize(("channels", "scale"), [((), 255), ((3,), 255), ((3,), 1), ((1,), 1)])
def test_large_images_become_small_ones(channels, scale):
    images = np.random.default_rng(0).random((5, 300, 200, *channels)) * scale
    image = shown_images(page_of(images=images))[0]
    assert image.shape == (96, 64, channels[0] if channels else 1)
    assert image.mean() == pytest.approx(127.5, abs=5)


def test_of_many_mistakes_each_cell_shows_the_most_confident_and_the_page_stays_small(monkeypatch):
    monkeypatch.setattr(gallery, "_MISTAKE_BYTES", 3000)
    rng = np.random.default_rng(1)
    rows = np.zeros(400, FIELDS)
    rows["id"], rows["label"], rows["confidence"] = np.arange(400) % 40, 1, rng.random(400)
    rows["predicted"] = np.where(np.arange(400) < 390, 0, 2)
    page = page_of(rows)
    count = {cell: cells(page).count(cell) for cell in ("1 0", "1 2")}
    assert abs(count["1 0"] - count["1 2"]) <= 1  # the frequent cell does not push out the rare one
    assert f"400 mistakes, {len(cells(page))} shown" in page
    best = max(rows["confidence"][:390])
    assert f"<small>{100 * best:.0f} %" in page


@pytest.mark.parametrize("shape", [(5,), (5, 8), (5, 8, 8, 2)])
def test_other_shapes_are_no_images(shape):
    with pytest.raises(ValueError, match=r"an image must be \(height, width\)"):
        page_of(images=np.zeros(shape))


def test_classes_that_the_matrix_adds_up_share_a_cell():
    rows = np.zeros(80, FIELDS)
    rows["id"], rows["label"], rows["predicted"] = np.arange(80) % 40, np.arange(80) % 40, 0
    page = page_of(rows, names=[f"class {k}" for k in range(40)])
    assert "24 0" in cells(page)
    assert max(int(part) for cell in cells(page) for part in cell.split()) == 24


def test_a_row_of_several_columns_has_a_card_for_each_wrong_one():
    rows = np.zeros(1, [("id", int), ("label", int, (3,)), ("predicted", int, (3,)), ("confidence", float)])
    rows["label"], rows["predicted"] = [[1, 0, 1]], [[0, 1, 1]]
    counts = [[[0, 0], [1, 0]], [[0, 1], [0, 0]], [[0, 0], [0, 1]]]
    page = report_page(Report(counts, NAMES), wrong=Gallery(rows, IMAGES))
    assert cells(page) == ["0 1", "1 2"]
    assert "<b><bdi>cat, yes</bdi></b><span>predicted <bdi>cat, no</bdi></span>" in page


CLICKS = """<script>
document.querySelectorAll("table.matrix tbody tr")[0].querySelectorAll("td")[1].click();
document.body.append("said: " + document.querySelector("#mistakes [aria-live]").textContent);
</script></body>"""


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs the browser chromium")
def test_a_click_on_a_cell_leaves_its_mistakes(tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page_of().replace("</body>", CLICKS), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", file.as_uri()]
    page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    figures = re.findall(r"<figure data-cell=\"(\d \d)\"( hidden)?", page)
    assert {cell for cell, hidden in figures if not hidden} == {"0 1"}
    assert "said: cat predicted as <dog>: 2 of 3; images: 2".replace("<", "&lt;").replace(">", "&gt;") in page
