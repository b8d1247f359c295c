"""AUROC of pairs of classes is Hand and Till's M, as scikit-learn has it, and one-vs-rest is read off its state too."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from fmnist_tf import AUROC, CurveSet, ScoreSet
from support import curve_oracles
from support.catalogue import fed, state_of

BINS = {"num_bins": 512, "dtype": "float64"}


def draw(seed, num_classes=4, rows=60):
    """(y_true, probabilities in sixteenths, with ties, weight in eighths)."""
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, num_classes, rows)
    p = rng.multinomial(12, np.full(num_classes, 1 / num_classes), rows) + 4 * np.eye(num_classes)[y_true]
    return y_true, p / 16, rng.integers(1, 9, rows) / 8


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_the_mean_over_pairs_is_that_of_scikit_learn(average):
    for seed in range(5):
        y_true, p, _ = draw(seed)
        ours = fed(AUROC(multi_class="ovo", average=average, **BINS), y_true, p)
        theirs = roc_auc_score(y_true, p, multi_class="ovo", average=average)
        np.testing.assert_allclose(ours.result(), theirs, rtol=1e-12)


def test_the_values_of_classes_are_those_of_the_definition_with_weights_and_without_a_class():
    y_true, p, weight = draw(0)
    y_true[y_true == 2] = 3
    ours = fed(AUROC(multi_class="ovo", average=None, **BINS), y_true, p, weight)
    wanted = curve_oracles.auroc_ovo(y_true.tolist(), p.tolist(), weight)
    np.testing.assert_allclose(ours.result(), wanted, rtol=1e-12)
    assert np.isnan(wanted).tolist() == [False, False, True, False]


def test_a_published_value_of_flowers():
    """Of scikit-learn's example "Multiclass Receiver Operating Characteristic (ROC)", which prints two digits."""
    x, y_true = load_iris(return_X_y=True)
    x = np.concatenate([x, np.random.RandomState(0).randn(len(x), 200 * x.shape[1])], axis=1)
    x_train, x_test, y_train, y_test = train_test_split(x, y_true, test_size=0.5, stratify=y_true, random_state=0)
    p = LogisticRegression().fit(x_train, y_train).predict_proba(x_test)
    assert round(float(fed(AUROC(multi_class="ovo", **BINS), y_test, p).result()), 2) == 0.78


@pytest.mark.parametrize(("average", "wanted"), [("macro", 0.75), ("weighted", 0.71875)])
def test_the_toy_data_of_scikit_learn_s_tests_worked_out_by_hand(average, wanted):
    p = [[0.1, 0.8, 0.1], [0.3, 0.4, 0.3], [0.35, 0.5, 0.15], [0, 0.2, 0.8]]  # A_01 = 1/4, A_02 = A_12 = 1
    assert float(fed(AUROC(multi_class="ovo", average=average, **BINS), [0, 1, 0, 2], p).result()) == wanted


@pytest.mark.parametrize("num_bins", [3, 8])
def test_the_exact_value_lies_within_the_bounds_of_few_bins(num_bins):
    for seed in range(5):
        y_true, p, _ = draw(seed)
        low, high = fed(AUROC(multi_class="ovo", num_bins=num_bins), y_true, p).bounds
        assert low <= roc_auc_score(y_true, p, multi_class="ovo") <= high


def test_one_vs_rest_is_read_off_the_state_of_pairs():
    y_true, p, weight = draw(1)
    names = ["auroc", "average_precision", "micro_auroc", "equal_error_rate"]
    pairs, rest = (fed(CurveSet(scores=s, **BINS), y_true, p, weight) for s in ([*names, "auroc_ovo"], names))
    np.testing.assert_array_equal(pairs.histogram, rest.histogram)
    assert {name: float(pairs.compute([name])[name]) for name in names} == {
        k: float(v) for k, v in rest.result().items()
    }


def test_a_set_has_the_score_by_name_with_an_average_or_a_class():
    y_true, p, weight = draw(2)
    found = fed(CurveSet(scores=["auroc_ovo", "weighted_auroc_ovo", "auroc_ovo/1"], **BINS), y_true, p, weight)
    each = np.array(curve_oracles.auroc_ovo(y_true.tolist(), p.tolist(), weight))
    support = np.bincount(y_true, weight)
    wanted = [each.mean(), np.average(each, weights=support), each[1]]
    np.testing.assert_allclose(list(found.result().values()), wanted, rtol=1e-12)


def test_samples_of_an_ignored_class_are_in_no_pair():
    y_true, p, _ = draw(3)
    ours = fed(AUROC(multi_class="ovo", ignore_class=2, **BINS), y_true, p)
    each = curve_oracles.auroc_ovo(y_true[y_true != 2].tolist(), p[y_true != 2].tolist())
    np.testing.assert_allclose(ours.result(), np.nanmean(each), rtol=1e-12)


def test_xla_counts_and_reads_what_eager_does():
    y_true, p, weight = draw(4)
    eager, compiled = (AUROC(4, multi_class="ovo", **BINS) for _ in range(2))
    eager.update_state(y_true, p, weight)
    tf.function(compiled.update_state, jit_compile=True)(y_true, p, weight)
    np.testing.assert_array_equal(state_of(compiled), state_of(eager))
    np.testing.assert_allclose(tf.function(compiled.result, jit_compile=True)(), eager.result(), rtol=1e-12)


def test_states_of_pairs_and_of_the_rest_are_not_added():
    pairs, rest = (fed(AUROC(multi_class=kind, **BINS), *draw(0)) for kind in ("ovo", "ovr"))
    with pytest.raises(ValueError, match="states of auroc_ovo differ in `multi_class`: 'ovo' here"):
        pairs.merge_state([rest])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"average": "micro"}, r"`average` must be 'auto', 'macro', 'weighted' or None with multi_class='ovo'"),
        ({"max_fpr": 0.5}, r"`max_fpr` must be None with multi_class='ovo', got 0\.5"),
        ({"multi_label": True}, "`multi_label` must be False: pairs of classes need classes that exclude each other"),
        ({"num_classes": 1}, "auroc_ovo got a single column: pairs of classes need classes that exclude each other"),
        (
            {"num_classes": 300},
            r"90,000 histograms of 8,192 bins for auroc_ovo would take 5\.9 GB; pass a smaller num_b",
        ),
    ],
)
def test_what_has_no_pairs_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        AUROC(multi_class="ovo", **arguments)


def test_a_set_of_columns_has_no_pairs():
    with pytest.raises(ValueError, match="`multi_label` must be False"):
        CurveSet(scores=["auroc_ovo"], multi_label=True)


def test_a_set_of_counts_names_the_set_that_has_the_score():
    with pytest.raises(ValueError, match=r'compile CurveSet\(scores=\["auroc_ovo"\]\)'):
        ScoreSet(scores=["roc_auc_ovo"])
