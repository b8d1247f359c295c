"""Grids of images and maps of training rows show the rows they are given, and say what they leave out."""

import numpy as np
import pytest

from fmnist_tf.plots import images, plot_cartography, plot_flips, plot_forgetting, plot_mistakes, plot_suspects
from fmnist_tf.report import compare
from fmnist_tf.rows.table import FIELDS
from support.drawing import drawn

MISTAKES = np.array(
    [(3, 0, 1, 0.97), (1, 1, 0, 0.6)], [("id", int), ("label", int), ("predicted", int), ("confidence", float)]
)
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 8, 8, 1)).astype(np.uint8)


def table(number=300, epochs=6):
    rows = np.zeros(number, FIELDS)
    rows["id"], rows["seen"] = np.arange(number), epochs
    rows["correct"] = RNG.integers(0, epochs + 1, number)
    rows["first_learned"] = np.where(rows["correct"] > 0, RNG.integers(0, epochs, number), -1)
    rows["forgotten"] = np.minimum(rows["correct"], RNG.integers(0, 3, number))
    rows["confidence"], rows["variability"] = RNG.random(number), RNG.random(number) / 2
    rows["margin"] = np.sort(RNG.normal(size=number))
    return rows


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def test_a_mistake_stands_with_its_label_its_prediction_and_its_confidence():
    figure = plot_mistakes(MISTAKES, IMAGES, ["cat", "$dog$"])
    assert titles(figure) == ["cat\npredicted $dog$, 97 %", "$dog$\npredicted cat, 60 %"]
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), IMAGES[3, ..., 0])
    assert drawn(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
@pytest.mark.parametrize("scale", [1, 255])
def test_images_of_any_kind_are_drawn(channels, scale):
    by_id = {3: RNG.random((6, 7, *channels)) * scale, 1: np.zeros((6, 7, *channels), np.uint8)}
    assert drawn(plot_mistakes(MISTAKES, by_id)).startswith(b"\x89PNG")


@pytest.mark.parametrize("shape", [(5,), (5, 8), (5, 8, 8, 2)])
def test_other_shapes_are_no_images(shape):
    with pytest.raises(ValueError, match=r"an image must be \(height, width\)"):
        plot_mistakes(MISTAKES, np.zeros(shape))


def test_rows_of_several_columns_have_no_grid():
    rows = np.zeros(2, [("id", int), ("label", int, (3,)), ("predicted", int, (3,)), ("confidence", float)])
    with pytest.raises(ValueError, match="one label a row"):
        plot_mistakes(rows, IMAGES)


def test_of_many_mistakes_the_first_are_drawn_and_it_says_so(monkeypatch):
    monkeypatch.setattr(images, "_MOST_DRAWN", 3)
    figure = plot_mistakes(np.repeat(MISTAKES, 2), IMAGES)
    assert (len(figure.axes), figure.get_suptitle()) == (3, "4 mistakes, the first 3")


def test_no_mistakes_are_a_picture_too():
    assert drawn(plot_mistakes(MISTAKES[:0], IMAGES)).startswith(b"\x89PNG")


@pytest.mark.parametrize(("fixed", "shown"), [(None, [0, 1, 2]), (True, [0, 2]), (False, [1])])
def test_what_changed_between_two_runs_stands_with_both_predictions(fixed, shown):
    before, after = (
        np.array([(k, 1, of) for k, of in enumerate(found)], [("id", int), ("label", int), ("predicted", int)])
        for found in ((0, 1, 0, 1), (1, 0, 1, 1))
    )
    figure = plot_flips(compare(before, after, ["cat", "dog"]), IMAGES, fixed=fixed)
    expected = ["dog: fixed\ncat, then dog", "dog: broken\ndog, then cat", "dog: fixed\ncat, then dog"]
    assert titles(figure) == [expected[k] for k in shown]
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), IMAGES[shown[0], ..., 0])
    assert figure.get_suptitle() == {None: "2 fixed, 1 broken", True: "2 fixed", False: "1 broken"}[fixed]


def test_a_suspect_stands_with_its_label_and_its_margin():
    rows = table(5)[:2]
    rows["margin"] = [-4.25, -1]
    assert titles(plot_suspects(rows, IMAGES, ["cat"])) == ["cat?\nmargin -4.2", "cat?\nmargin -1.0"]
    assert titles(plot_suspects(rows, IMAGES, predicted=[1, 0]))[0] == "0?\npredicted 1, -4.2"


def test_a_data_map_leaves_out_rows_that_were_never_seen():
    rows = table()
    rows["seen"][:100] = 0
    figure = plot_cartography(rows, title="rows")
    points = figure.axes[0].collections[0]
    np.testing.assert_array_equal(points.get_offsets()[:, 1], rows["confidence"][100:])
    assert drawn(figure).startswith(b"\x89PNG")


def test_a_data_map_of_very_many_rows_shows_a_part_and_says_so():
    figure = plot_cartography(table(50_001))
    assert figure.axes[0].get_title() == "Data map: 16,667 of 50,001 rows"


def test_rows_that_were_never_right_have_a_separate_bar():
    rows = table(4)
    rows["first_learned"], rows["forgotten"] = [-1, -1, 0, 2], [0, 0, 1, 0]
    left, right = plot_forgetting(rows).axes
    assert [bar.get_height() for bar in left.patches] == [1, 1, 2]
    assert [bar.get_height() for bar in right.patches] == [1, 0, 1, 2]
    assert right.get_xticklabels()[0].get_text() == "1"


@pytest.mark.parametrize("draw", [plot_cartography, plot_forgetting])
def test_a_ledger_that_has_seen_nothing_is_drawn(draw):
    assert drawn(draw(table(0))).startswith(b"\x89PNG")
