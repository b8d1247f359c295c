"""The picture of a slice has a point a value, the worst first, with a star where it differs from the rest."""

import numpy as np
import pytest

from fmnist_tf.plots import plot_slices, slices
from fmnist_tf.report import Report
from support.drawing import drawn


def sliced(parts, name="site"):
    """The slice report of matrices by value."""
    whole = Report(np.sum(list(parts.values()), axis=0))
    whole.slices = {name: {value: Report(matrix) for value, matrix in parts.items()}}
    return whole.by(name)


TWO = {"$north$": [[450, 0], [50, 400]], "south": [[300, 150], [150, 300]]}


def labels(figure):
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def test_the_worst_value_stands_first_and_those_that_differ_have_a_star():
    figure = plot_slices(sliced({**TWO, "west": [[387, 63], [63, 387]]}))
    assert labels(figure) == ["south *", "west *", "$north$ *"]
    assert labels(plot_slices(sliced({"a": [[40, 5], [5, 40]], "b": [[40, 4], [5, 40]]}))) == ["a  ", "b  "]


def test_points_and_ends_are_those_of_the_report():
    report = sliced(TWO)
    (points,) = plot_slices(report, "accuracy").axes[0].containers
    cells = [row.scores["accuracy"] for row in report.rows_by("accuracy")]
    np.testing.assert_allclose(points.lines[0].get_xdata(), [cell.value for cell in cells])
    ends = [path[:, 0] for path in points.lines[2][0].get_segments()]
    np.testing.assert_allclose(ends, [cell[1:] for cell in cells])


def test_all_rows_are_a_line():
    line = plot_slices(sliced(TWO), "accuracy").axes[0].lines[0]
    assert set(line.get_xdata()) == {1450 / 1800}
    assert line.get_label() == "dashed: all rows, 0.806"


def test_of_many_values_the_worst_are_shown_and_it_says_so(monkeypatch):
    monkeypatch.setattr(slices, "_SHOWN", 1)
    figure = plot_slices(sliced(TWO))
    assert labels(figure) == ["south *"]
    assert figure.get_supxlabel().startswith("the 1 worst of 2 values; dashed: all rows, 0.80")


def test_a_slice_of_one_value_is_drawn():
    assert drawn(sliced({"a": [[5, 1], [2, 6]]}).plot())


def test_the_report_draws_itself_with_a_title():
    assert sliced(TWO, "a$b$").plot("accuracy").axes[0].get_title() == "Accuracy by a$b$"
    assert sliced(TWO).plot(title="mine").axes[0].get_title() == "mine"


def test_an_unknown_score_is_refused():
    with pytest.raises(ValueError, match=r"`score` must be one of macro_f1, .*'acuracy'; did you mean 'accuracy'\?"):
        plot_slices(sliced(TWO), "acuracy")
