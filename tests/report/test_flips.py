"""Rows of every form are compared: weighted, in groups, of one sigmoid, of binary columns; flips by hand."""

import json

import numpy as np
import pytest

from fmnist_tf.intervals.significance import mcnemar
from fmnist_tf.report import Report, compare, samples_needed

FIELDS = [("id", "i8"), ("label", "i4"), ("predicted", "i4")]
#: id, label, what a and what b predicted: by hand.
SIX = ((10, 0, 0, 0), (11, 0, 1, 0), (12, 0, 1, 0), (13, 1, 1, 0), (14, 1, 2, 0), (15, 2, 0, 2))


def by_hand():
    a, b = ([(row[0], row[1], row[side]) for row in SIX] for side in (2, 3))
    return compare(np.array(a, FIELDS), np.array(b, FIELDS), ["cat", "dog", "emu"])


def test_flips_by_hand():
    assert by_hand().flips[["class", "fixed", "broken"]].tolist() == [("cat", 2, 0), ("dog", 0, 1), ("emu", 1, 0)]


def test_the_samples_that_changed_are_told():
    found = by_hand().flipped
    assert found["id"].tolist() == [11, 12, 13, 15]  # 14 was wrong and stays wrong
    assert found["fixed"].tolist() == [True, True, False, True]
    assert found[["class_id", "a", "b"]].tolist() == [(0, 1, 0), (0, 1, 0), (1, 1, 0), (2, 0, 2)]


def test_text_and_markdown_tell_fixed_and_broken_by_class():
    comparison = by_hand()
    assert "Samples fixed, such as 11, 12, 15; broken, such as 13" in comparison.text()
    assert "| flips of | fixed | broken | p (Holm) |" in comparison.markdown()
    assert "another seed" in comparison.markdown()


def test_no_class_fixed_is_not_told():
    same = np.array([row[:3] for row in SIX], FIELDS)
    assert "such as" not in compare(same, same).text()


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (3, 9), (25, 11), (480, 521)])
def test_the_exact_test_is_that_of_statsmodels(fixed, broken):
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="statsmodels is an optional oracle")
    expected = tables.mcnemar([[7, fixed], [broken, 8]], exact=True).pvalue
    assert mcnemar(fixed, broken) == pytest.approx(expected, abs=1e-12)


# Rows of every form

SIZE = 900
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, SIZE)


def rows(predicted, labels=LABELS, **others):
    fields = [("id", "i8"), ("label", "i8", labels.shape[1:]), ("predicted", "i8", labels.shape[1:])]
    found = np.zeros(len(labels), fields + [(name, np.asarray(of).dtype) for name, of in others.items()])
    found["id"], found["label"], found["predicted"] = np.arange(len(labels)), labels, predicted
    for name, values in others.items():
        found[name] = values
    return found


def flipped(share, seed, labels=LABELS):
    return labels ^ (np.random.default_rng(seed).random(labels.shape) < share)


def test_weighted_rows_have_weighted_scores():
    weight = RNG.lognormal(0, 1, SIZE)
    a, b = flipped(0.3, 1), flipped(0.2, 2)
    comparison = compare(rows(a, weight=weight), rows(b, weight=weight))
    change = comparison.scores["accuracy"]
    assert change.a.value == pytest.approx(np.average(a == LABELS, weights=weight), abs=1e-12)
    assert change.difference.low < change.difference.value < change.difference.high
    plain = compare(rows(a), rows(b)).scores["accuracy"].difference
    assert change.difference.high - change.difference.low > 1.2 * (plain.high - plain.low)


def test_one_sigmoid_is_scored_by_yes():
    a, b = rows(flipped(0.3, 1)), rows(flipped(0.2, 2))
    of_yes = compare(a, b, multiclass=False).difference("recall")
    assert of_yes == compare(a, b).difference("recall/1")
    assert of_yes != compare(a, b).difference("recall")


def test_rows_with_confidence_of_two_classes_are_compared_by_areas():
    p = np.clip(0.5 + (LABELS - 0.5) * 0.2 + RNG.normal(0, 0.2, (2, SIZE)), 0.001, 0.999)
    sides = [rows(of > 0.5, confidence=np.maximum(of, 1 - of)) for of in p]
    change = compare(*sides, multiclass=False).scores["auroc"]
    area = np.mean(p[1][LABELS == 1][:, np.newaxis] > p[1][LABELS == 0])
    assert change.b.value == pytest.approx(area, abs=1e-12)
    assert change.b.low < change.b.value < change.b.high
    assert not change.beyond_chance
    assert compare(*sides).equivalent(0.2, "average_precision")


def test_binary_columns_are_compared_by_column():
    labels = RNG.integers(0, 2, (SIZE, 3))
    a = flipped(0.2, 1, labels)
    b = np.where(np.arange(3) == 1, labels, a)  # the second column becomes right
    comparison = compare(rows(a, labels), rows(b, labels), ["x", "y", "z"])
    wrong = int(np.sum(a[:, 1] != labels[:, 1]))
    assert comparison.flips[["fixed", "broken"]].tolist() == [(0, 0), (wrong, 0), (0, 0)]
    assert comparison.changed == ["y"]
    assert comparison.scores["macro_f1_score"].beyond_chance
    assert json.loads(json.dumps(comparison.to_dict(), allow_nan=False)) == comparison.to_dict()


def test_groups_are_the_unit_of_intervals_and_of_tests():
    group = np.arange(SIZE) // 45  # twenty groups
    a, b = LABELS ^ (group < 8), LABELS ^ (group < 5)  # three groups fixed: 135 rows
    alone, grouped = compare(rows(a), rows(b)), compare(rows(a), rows(b), groups=group)
    assert alone.scores["accuracy"].beyond_chance
    assert grouped.flips["fixed"].sum() == 135
    assert grouped.flips["p"].tolist() == [mcnemar(3, 0)] * 2
    assert grouped.difference("accuracy").low < 0.02
    assert alone.difference("accuracy").low > 0.1


def test_groups_follow_the_order_of_a():
    a, b = rows(flipped(0.3, 1), user=np.arange(SIZE) // 9), rows(flipped(0.2, 2))
    order = RNG.permutation(SIZE)
    found = compare(a[order], b, groups=a["user"][order]).difference("accuracy")
    assert found == compare(a, b, groups="user").difference("accuracy")


@pytest.mark.parametrize(
    ("groups", "message"), [("usr", "must be a field of the rows, id, label, predicted"), ([1], "each of 900 rows")]
)
def test_groups_that_do_not_fit_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        compare(rows(LABELS), rows(LABELS), groups=groups)


def test_groups_of_reports_are_refused():
    with pytest.raises(ValueError, match="`groups` need the rows"):
        compare(Report(np.eye(2)), Report(np.eye(2)), groups=[0])


def test_noise_is_told_with_the_samples_that_would_be_enough():
    noise = compare(rows(flipped(0.20, 1)), rows(flipped(0.21, 2)))
    needed = samples_needed(noise, 0.01, score="macro_f1")
    text = " ".join(noise.text().split())
    assert f"About {needed:,} paired samples show a difference of 0.01 in 4 of 5 test sets; here are 900" in text
    margin = float(text.split("macro F1: noise; the two differ by less than ")[1].split()[0])
    assert noise.equivalent(margin + 0.001)
    assert not noise.equivalent(margin - 0.001)
    better = compare(rows(flipped(0.4, 1)), rows(flipped(0.1, 2)))
    assert "noise" not in better.text()
