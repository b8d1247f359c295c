"""`report.by("site")`: every score of every value, the worst first, and what differs beyond chance."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fmnist_tf import ConfusionMatrix, CurveSet
from fmnist_tf.report import Report
from fmnist_tf.report.slices import SCORES, SliceReport, holm
from support.catalogue import fed

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 200)
P = RNG.dirichlet(np.ones(3), 200) / 2 + np.eye(3)[Y] * RNG.random((200, 1)) / 2
P /= P.sum(1, keepdims=True)
HALVES = {"north": slice(100), "south": slice(100, 200)}


def matrix(rng, accuracy, size, classes=3):
    """A matrix of rows that are right with this probability."""
    true = rng.integers(0, classes, size)
    wrong = (true + rng.integers(1, classes, size)) % classes
    pred = np.where(rng.random(size) < accuracy, true, wrong)
    return np.bincount(true * classes + pred, minlength=classes**2).reshape(classes, classes)


def sliced(accuracies, sizes=(300, 300, 300), seed=0):
    rng = np.random.default_rng(seed)
    parts = {f"v{place}": matrix(rng, *pair) for place, pair in enumerate(zip(accuracies, sizes, strict=True))}
    return SliceReport("site", Report(sum(parts.values())), {value: Report(part) for value, part in parts.items()})


def test_the_worst_value_stands_first():
    assert [row.value for row in sliced([0.9, 0.5, 0.7]).rows] == ["v1", "v2", "v0"]


def test_a_planted_difference_is_found():
    rows = {row.value: row for row in sliced([0.9, 0.9, 0.6]).rows}
    assert set(rows["v2"].differs) == set(SCORES)


@pytest.mark.heavy
def test_without_a_difference_hardly_anything_is_flagged():
    flagged = sum(any(row.differs for row in sliced([0.8] * 3, (120,) * 3, seed).rows) for seed in range(40))
    assert flagged <= 5  # of 40 at 5 %: more happens once in 70 times


def test_holm_flags_anything_in_at_most_5_percent_of_null_data():
    """Ten comparisons in each of 4,000 data sets without a difference: 5 % of them are 200, 233 at 2.4 deviations."""
    p_values = np.random.default_rng(0).random((4000, 10))
    flagged = sum(bool(holm(dict(enumerate(row)), 0.05)) for row in p_values.tolist())
    assert 150 < flagged < 233


def test_holm_finds_a_planted_difference_among_many():
    p_values = np.random.default_rng(0).random((500, 50))
    p_values[:, 7] = 1e-4  # below 0.05 / 50
    assert all(7 in holm(dict(enumerate(row)), 0.05) for row in p_values.tolist())


def test_another_level_of_the_intervals_leaves_the_flags_alone():
    parts = {"a": [[45, 0], [5, 40]], "b": [[30, 15], [15, 30]]}
    whole = np.sum(list(parts.values()), axis=0)
    flags = [
        {row.value: row.differs for row in SliceReport("s", Report(whole), found).rows}
        for found in ({v: Report(m, level=level) for v, m in parts.items()} for level in (0.95, 0.5))
    ]
    assert flags[0] == flags[1]


def test_to_dict_is_json_of_values():
    found = json.loads(json.dumps(sliced([0.9, 0.5, 0.7]).to_dict()))["values"]
    assert list(found) == ["v1", "v2", "v0"]
    assert found["v1"]["support"] == 300
    assert set(found["v1"]["scores"]["macro_f1"]) == {"value", "low", "high"}
    assert found["v1"]["differs"]


def test_text_and_markdown_name_every_value():
    report = sliced([0.9, 0.5, 0.7])
    for text in (str(report), report.markdown()):
        assert all(value in text for value in ("v0", "v1", "v2", "Holm"))


def report_of(rows):
    matrix = fed(ConfusionMatrix(), Y[rows], P[rows]).matrix
    return Report(matrix, curves=fed(CurveSet(num_bins=4096), Y[rows], P[rows]))


def test_values_with_histograms_have_auroc_and_average_precision_with_intervals():
    found = SliceReport("site", report_of(slice(None)), {value: report_of(rows) for value, rows in HALVES.items()})
    for value, rows in HALVES.items():
        scores = found.to_dict()["values"][value]["scores"]
        wanted = roc_auc_score(Y[rows], P[rows], multi_class="ovr")
        assert scores["auroc"]["value"] == pytest.approx(wanted, abs=1e-3)  # two rows may share a bin
        assert scores["average_precision"]["low"] < scores["average_precision"]["value"]
    assert found.overall["auroc"].value == pytest.approx(roc_auc_score(Y, P, multi_class="ovr"), abs=1e-3)
    assert all(said in str(found) for said in ("AUROC", "average precision are means over the classes"))


def test_where_a_value_has_no_histogram_none_has_auroc():
    parts = {"north": report_of(slice(100)), "south": Report(np.diag([30, 30, 40]))}
    found = SliceReport("site", report_of(slice(None)), parts)
    assert found.scores == SCORES
    assert "AUROC" not in str(found)


def test_one_binary_column_is_compared_too():
    parts = {"a": Report([[[40, 10], [12, 38]]]), "b": Report([[[49, 1], [1, 49]]])}
    rows = SliceReport("site", Report([[[89, 11], [13, 87]]]), parts).rows
    assert [row.value for row in rows] == ["a", "b"]
    assert "accuracy" in rows[0].differs


def test_weighted_rows_are_compared_by_their_effective_number():
    strong = {v: Report(m, effective_total=90.0) for v, m in (("a", [[45, 0], [5, 40]]), ("b", [[30, 15], [15, 30]]))}
    weak = {v: Report(r.matrix, effective_total=6.0) for v, r in strong.items()}
    whole = [[75, 15], [20, 70]]
    assert SliceReport("s", Report(whole, effective_total=180.0), strong).rows[0].differs
    assert not SliceReport("s", Report(whole, effective_total=12.0), weak).rows[0].differs


def test_a_value_that_all_rows_have_has_no_rest():
    whole = Report([[5, 1], [2, 6]])
    assert SliceReport("site", whole, {"a": whole}).rows[0].differs == ()


def test_an_unknown_slice_is_refused():
    with pytest.raises(ValueError, match=r"must be a slice of the report, none; compile .* got 'site'"):
        Report([[5, 1], [2, 6]]).by("site")


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [([0.01, 0.02, 0.04], {0, 1, 2}), ([0.01, 0.03, 0.04], {0}), ([0.03, 0.03, 0.03], set()), ([], set())],
)
def test_holm_rejects_step_by_step(p_values, rejected):
    assert holm(dict(enumerate(p_values)), 0.05) == rejected


def test_a_value_without_rows_is_left_out_of_a_report_made_by_hand():
    report = Report([[75, 15], [20, 70]])
    report.slices = {"site": {"north": Report([[45, 0], [5, 40]]), "east": Report(np.zeros((2, 2)))}}
    assert list(report.by("site").to_dict()["values"]) == ["north"]
    assert "east" not in report.text()
