"""The images of a comparison's page: every fixed and broken sample with its class, and what either model predicted."""

import re

import numpy as np
import pytest

from fmnist_tf.report import Comparison, Report, compare
from fmnist_tf.report.html import flips

NAMES = ["cat", "<dog>", "owl"]
FIELDS = [("id", int), ("label", int), ("predicted", int)]
LABELS = np.arange(12) % 3
A = np.where(np.arange(12) < 4, (LABELS + 1) % 3, LABELS)  # 0 to 3 are wrong
B = np.where(np.isin(np.arange(12), [3, 10, 11]), (LABELS + 2) % 3, LABELS)  # 0 to 2 are fixed, 10 and 11 broken
IMAGES = np.arange(12, dtype=np.uint8)[:, np.newaxis, np.newaxis] * np.ones((6, 5), np.uint8)


def rows(predicted, labels=LABELS):
    return np.array(list(zip(range(len(labels)), labels, predicted, strict=True)), FIELDS)


def page_of(images=IMAGES, a=A, b=B, labels=LABELS, names=NAMES):
    return flips.flips(compare(rows(a, labels), rows(b, labels), names), images)


def cards(page):
    """The cell, the caption and the id of each image."""
    found = re.findall(r'<figure data-cell="(\d+ \w+)"><img [^>]*>(<figcaption>.*?)<small>id (\d+)</small>', page)
    return [(cell, re.sub("<[^>]*>", "|", caption).strip("|"), int(row_id)) for cell, caption, row_id in found]


def test_fixed_and_broken_samples_stand_by_class_with_both_predictions():
    found = cards(page_of())
    assert [(cell, row_id) for cell, _, row_id in found] == [
        ("0 fixed", 0),
        ("1 fixed", 1),
        ("1 broken", 10),
        ("2 fixed", 2),
        ("2 broken", 11),
    ]
    assert re.sub(r"\|+", " ", found[2][1]) == "&lt;dog&gt; broken &lt;dog&gt; , then  cat"


def test_the_numbers_of_the_table_name_their_images():
    page = page_of()
    named = re.findall(r'<td data-value="(\d+)" data-cell="(\d+ \w+)">', page)
    assert {cell: int(count) for count, cell in named if count != "0"} == {
        cell: sum(one == cell for one, *_ in cards(page)) for cell, *_ in cards(page)
    }


def test_samples_without_an_image_are_counted_and_not_shown():
    page = page_of({1: IMAGES[1], 11: IMAGES[11]})
    assert [row_id for *_, row_id in cards(page)] == [1, 11]
    assert "5 fixed and broken samples, 2 shown" in page


@pytest.mark.parametrize("images", [None, {}])
def test_without_images_there_is_a_table_alone(images):
    page = page_of(images)
    assert 'id="flips"' in page
    assert 'id="flipped"' not in page


def test_reports_without_rows_show_no_images():
    assert flips.flips(Comparison(Report([[8, 2], [1, 9]]), Report([[9, 1], [1, 9]])), IMAGES) == ""


def test_of_very_many_flips_every_class_and_kind_shows_some(monkeypatch):
    monkeypatch.setattr(flips, "_IMAGE_BYTES", 6000)
    labels = np.repeat([0, 1], [390, 10])
    before, after = np.where(np.arange(400) % 2, labels, 2), np.where(np.arange(400) % 2, 2, labels)
    found = cards(page_of(np.zeros((400, 4, 4)), before, after, labels))
    count = {cell: sum(one == cell for one, *_ in found) for cell in ("0 fixed", "0 broken", "1 fixed", "1 broken")}
    assert 10 < len(found) < 60
    assert min(count.values()) >= min(5, len(found) // 4)


def test_a_binary_column_says_yes_and_no():
    fields = [("id", int), ("label", int, (2,)), ("predicted", int, (2,))]
    a, b = (np.array([(0, [1, 0], side)], fields) for side in ([0, 0], [1, 1]))
    page = flips.flips(compare(a, b, ["cat", "dog"]), IMAGES)
    assert [re.sub(r"\|+", " ", caption) for _, caption, _ in cards(page)] == [
        "cat fixed no , then  yes",
        "dog broken no , then  yes",
    ]


def test_p_of_groups_is_not_that_of_mcnemar():
    page = flips.flips(compare(rows(A), rows(B), NAMES, groups=np.arange(12) // 2))
    assert "the exact sign test of the groups" in page
    assert "McNemar" not in page


def test_the_page_of_a_comparison_has_the_images_and_under_noise_the_samples_that_would_tell(tmp_path):
    comparison = compare(rows(A), rows(B), NAMES)
    comparison.to_html(tmp_path / "page.html", images=IMAGES)
    page = (tmp_path / "page.html").read_text()
    assert len(cards(page)) == 5
    assert len(comparison.about_noise) == 2
    assert all(f"<p>{line}.</p>" in page for line in comparison.about_noise)
