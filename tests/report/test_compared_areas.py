"""Rows with the scores of all classes are compared by AUROC and average precision, one class against the rest."""

import numpy as np
import pytest

from fmnist_tf.intervals import Rules
from fmnist_tf.report import compare
from fmnist_tf.report.run_folder import RunFolder
from fmnist_tf.rows.pairs import pair_rows

N = 600


def scored(gain, seed, size=N, num_classes=5):
    """Rows of a model; those of one size share labels and a part of the noise."""
    shared = np.random.default_rng(0)
    label = shared.choice(
        num_classes, size, p=np.geomspace(1, 0.2, num_classes) / np.geomspace(1, 0.2, num_classes).sum()
    )
    logits = gain * np.eye(num_classes)[label] + shared.normal(size=(size, num_classes))
    logits += 0.7 * np.random.default_rng(seed).normal(size=(size, num_classes))
    return as_rows(label, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


def as_rows(label, p, **more):
    columns = label.shape[1:]
    fields = [("id", int), ("label", int, columns), ("predicted", int, columns), ("scores", np.float32, p.shape[1:])]
    rows = np.zeros(len(label), [*fields, *((name, of.dtype) for name, of in more.items())])
    rows["id"], rows["label"], rows["scores"] = np.arange(len(label)), label, p
    rows["predicted"] = p > 0.5 if columns else p.argmax(axis=1)
    for name, of in more.items():
        rows[name] = of
    return rows


A, B = scored(1.5, 1), scored(1.8, 2)
NAMES = {"macro_auroc": "roc_auc_score", "macro_average_precision": "average_precision_score"}


def oracle_of(name):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of areas")
    return getattr(metrics, NAMES[name])


@pytest.fixture(scope="module")
def comparison():
    return compare(A, B)


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_over_classes_is_that_of_scikit_learn(name, comparison):
    options = {"multi_class": "ovr"} if name == "macro_auroc" else {"average": "macro"}
    change = comparison.scores[name]
    for cell, rows in zip(change[:2], (A, B), strict=True):
        expected = oracle_of(name)(rows["label"], rows["scores"], **options)
        assert cell.value == pytest.approx(expected, abs=1e-12)
        assert cell.low < cell.value < cell.high
    assert change.difference.value == pytest.approx(change.b.value - change.a.value, abs=1e-12)


def aurocs(label, scores):
    """AUROC of each class without ties, by ranks."""
    ranks = scores.argsort(axis=0).argsort(axis=0) + 1.0
    is_class = label[:, np.newaxis] == np.arange(scores.shape[1])
    positives = is_class.sum(axis=0)
    return ((ranks * is_class).sum(axis=0) - positives * (positives + 1) / 2) / (positives * (len(label) - positives))


def test_the_interval_is_that_of_rows_drawn_again(comparison):
    rng = np.random.default_rng(3)
    jitter = rng.random((N, 5)) * 1e-9  # a row that is drawn twice is tied with itself
    draws = []
    for _ in range(500):
        rows = rng.integers(0, N, N)
        a, b = (side["scores"][rows] + jitter for side in (A, B))
        draws.append(np.mean(aurocs(A["label"][rows], b)) - np.mean(aurocs(A["label"][rows], a)))
    cell = comparison.difference("macro_auroc")
    assert (cell.high - cell.low) / 2 / 1.96 == pytest.approx(np.std(draws), rel=0.1)


def test_one_class_has_an_area_of_its_own(comparison):
    change = comparison.difference("auroc/3")
    assert change.value == pytest.approx(aurocs(B["label"], B["scores"])[3] - aurocs(A["label"], A["scores"])[3])
    with pytest.raises(ValueError, match="'auroc/5': the class must be from 0 to 4"):
        comparison.difference("auroc/5")


@pytest.mark.parametrize("name", ["weighted_auroc", "worst_average_precision"])
def test_other_means_of_areas_are_refused(name, comparison):
    with pytest.raises(ValueError, match="has the mean 'macro_"):
        comparison.difference(name)


def test_without_scores_the_refusal_says_how_to_keep_them():
    without = [rows[["id", "label", "predicted"]] for rows in (A, B)]
    with pytest.raises(ValueError, match=r'keep them with ScoreLogger\(rows="scores"\)'):
        compare(*without).difference("macro_auroc")


@pytest.mark.parametrize("name", NAMES)
def test_samples_that_are_given_twice_do_not_count_twice_in_groups(name, comparison):
    twice = [np.repeat(rows, 2) for rows in (A, B)]
    for rows in twice:
        rows["id"] = np.arange(2 * N)
    found, alone = compare(*twice, groups=np.arange(2 * N) // 2).pairs, comparison.pairs
    pairs = [(of.difference(name), of.interval("a", name), of.interval("b", name)) for of in (found, alone)]
    for interval, expected in zip(*pairs, strict=True):
        assert interval == pytest.approx(expected, abs=0.05 * (expected.high - expected.low))


def test_weights_of_one_size_change_nothing_and_weights_move_the_area(comparison):
    weighed = [as_rows(rows["label"], rows["scores"], weight=np.full(N, 3.0)) for rows in (A, B)]
    assert compare(*weighed).difference("macro_auroc") == pytest.approx(comparison.difference("macro_auroc"))
    weight = np.random.default_rng(5).lognormal(size=N)
    weighed = [as_rows(rows["label"], rows["scores"], weight=weight) for rows in (A, B)]
    expected = np.mean(
        [oracle_of("macro_auroc")(A["label"] == k, A["scores"][:, k], sample_weight=weight) for k in range(5)]
    )
    assert compare(*weighed).pairs.values("macro_auroc")[0] == pytest.approx(expected, abs=1e-6)


def test_binary_columns_are_compared_by_the_mean_of_their_areas():
    label = np.random.default_rng(6).integers(0, 2, (200, 3))
    a, b = (np.random.default_rng(k).random((200, 3)) + skill * label for k, skill in ((7, 0.3), (8, 0.5)))
    found = compare(as_rows(label, a), as_rows(label, b))
    assert found.pairs.values("macro_auroc")[1] == pytest.approx(oracle_of("macro_auroc")(label, b), abs=1e-6)
    change = found.difference("macro_auroc")
    assert change.low < change.value < change.high


def test_perfect_rankings_may_differ_on_another_set():
    label = np.arange(90) % 3
    rows = as_rows(label, np.eye(3)[label] + np.random.default_rng(0).random((90, 3)) / 4)
    other = as_rows(label, np.eye(3)[label] + np.random.default_rng(1).random((90, 3)) / 4)
    pairs = compare(rows, other).pairs
    assert pairs.values("macro_auroc") == (1, 1)
    assert pairs.interval("a", "macro_auroc").low < 1
    low, high = pairs.difference("macro_auroc")
    assert low < 0 < high


@pytest.mark.parametrize(
    ("scores", "message"),
    [(np.zeros((N, 4)), r"must be those of 5 classes, got shape \(600, 4\)"), (np.full((N, 5), np.nan), "finite")],
)
def test_scores_that_are_none_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        compare(as_rows(A["label"], scores), as_rows(A["label"], scores))


def test_a_class_that_no_row_has_is_counted_by_its_scores():
    label, p = A["label"] % 3, A["scores"]
    assert compare(as_rows(label, p), as_rows(label, p)).a.num_classes == 5


def test_rows_come_back_from_a_run_folder_with_their_scores(tmp_path):
    RunFolder(tmp_path).write_rows({"val": A})
    np.testing.assert_array_equal(RunFolder(tmp_path).read_rows()["val"], A)
    parquet = pytest.importorskip("pyarrow.parquet", reason="an extra")
    table = parquet.read_table(tmp_path / "rows.parquet").to_pydict()
    np.testing.assert_array_equal(np.array(table["scores"], np.float32), A["scores"])


def test_a_mean_leaves_out_the_classes_that_averages_leave_out():
    pairs = pair_rows(A, B, 5, Rules(multiclass=True, classes=(0, 2)))
    assert pairs.values("macro_auroc")[0] == pytest.approx(aurocs(A["label"], A["scores"])[[0, 2]].mean())
