"""`CurveSet(by=)`: each value of a slice has the histogram, and the scores, of its rows alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import average_precision_score, roc_auc_score

from fmnist_tf.metrics import BestThreshold, CurveSet
from fmnist_tf.rows import Slice
from fmnist_tf.rows.shown import Tags, show_tags
from support.curve_oracles import auroc_ovo
from support.replicas import two_replicas
from support.tagged import SITE, SITES, N, Y

BAND = Slice("band", 2)
BANDS = np.random.default_rng(4).integers(0, 3, N)  # 2 is "other"
EIGHTHS = np.random.default_rng(3).integers(0, 9, (N, 3)) / 8  # no two of them share a bin
COLUMNS = np.random.default_rng(5).integers(0, 2, (N, 3))
WEIGHT = np.random.default_rng(6).choice([0.5, 1.0, 3.25], N)
ROWS = {"north": SITES == "north", "south": SITES == "south", "other": SITES == "west"}
KINDS = {
    "classes": (Y, EIGHTHS, np.eye(3)[Y]),
    "columns": (COLUMNS, EIGHTHS, COLUMNS),
    "one column": (COLUMNS[:, 0], EIGHTHS[:, 0], COLUMNS[:, :1]),
}
SKLEARN = {"auroc": roc_auc_score, "average_precision": average_precision_score}


def fed(kind="classes", weight=None, mode="eager", order=None, **options):
    """A set that has counted two batches."""
    y_true, y_pred, _ = KINDS[kind]
    metric = CurveSet(by=(SITE, BAND), multi_label=kind == "columns", num_bins=64, **options)
    metric.build(y_pred.shape[1] if y_pred.ndim > 1 else 1)
    parts = y_true, y_pred, SITE.encode(SITES), BAND.encode(BANDS), weight

    def update(y_true, y_pred, site, band, weight):
        with show_tags(Tags(None, {SITE.tag_key: site, BAND.tag_key: band})):
            metric.update_state(y_true, y_pred, weight)

    step = update if mode == "eager" else tf.function(update, jit_compile=mode == "xla")
    for batch in np.split(np.arange(N) if order is None else order, 2):
        step(*(None if part is None else tf.constant(part[batch]) for part in parts))
    return metric


def expected(kind, score, rows, weight=None):
    """The mean over the classes that have a value."""
    _, y_pred, truth = KINDS[kind]
    columns = zip(truth[rows].T, y_pred[rows].reshape(rows.sum(), -1).T, strict=True)
    weight = None if weight is None else weight[rows]
    return np.mean([SKLEARN[score](*column, sample_weight=weight) for column in columns if len(set(column[0])) > 1])


def test_pairs_of_classes_are_those_of_the_rows_of_a_value():
    for value, part in fed(scores=["auroc_ovo"]).parts_by("site").items():
        each = auroc_ovo(Y[ROWS[value]].tolist(), EIGHTHS[ROWS[value]].tolist())
        np.testing.assert_allclose(part.scores["auroc_ovo"], np.nanmean(each), rtol=1e-12)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["rows", "weights"])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_of_a_value_are_those_of_its_rows(kind, weight):
    for value, part in fed(kind, weight).parts_by("site").items():
        for score, found in part.scores.items():
            assert float(found) == pytest.approx(expected(kind, score, ROWS[value], weight), rel=1e-12)


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("kind", ["classes", "columns"])
def test_the_values_of_a_slice_add_up_to_the_whole(kind, mode):
    metric = fed(kind, mode=mode)
    for name in ("site", "band"):
        whole = sum(part.distribution.weights for part in metric.parts_by(name).values())
        np.testing.assert_array_equal(whole, metric.histogram)


def test_replicas_count_the_values_of_all():
    with two_replicas().scope():
        metric = CurveSet(3, by=SITE, num_bins=64)
    batches = tf.data.Dataset.from_tensor_slices((Y, EIGHTHS, SITE.encode(SITES))).batch(8)

    @tf.function
    def step(batch):
        def update(y_true, y_pred, site):
            with show_tags(Tags(None, {SITE.tag_key: site})):
                metric.update_state(y_true, y_pred)

        two_replicas().run(update, batch)

    for batch in two_replicas().experimental_distribute_dataset(batches):
        step(batch)
    for value, part in metric.parts_by("site").items():
        np.testing.assert_array_equal(part.distribution.weights, fed().parts_by("site")[value].distribution.weights)


def test_a_batch_that_lacks_a_group_shifts_no_other():
    whole, in_order = (fed(order=order).parts_by("site") for order in (None, np.argsort(SITES, kind="stable")))
    for value, part in whole.items():
        np.testing.assert_array_equal(part.distribution.weights, in_order[value].distribution.weights)


def test_the_effective_number_of_rows_is_that_of_each_value():
    found = [part.effective_total for part in fed(weight=WEIGHT).parts_by("site").values()]
    wanted = [WEIGHT[rows].sum() ** 2 / (WEIGHT[rows] ** 2).sum() for rows in ROWS.values()]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_value_without_rows_has_no_score():
    metric = CurveSet(3, by=SITE, scores=["auroc", BestThreshold(class_id=1)], num_bins=64)
    assert all(np.isnan(float(score)) for score in metric.parts_by("site")["north"].scores.values())


def test_a_copy_by_config_and_state_keeps_the_values():
    metric = fed()
    other = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    other.load_state_dict(metric.state_dict())
    for value, part in metric.parts_by("band").items():
        np.testing.assert_array_equal(part.distribution.weights, other.parts_by("band")[value].distribution.weights)


def test_histograms_that_would_fill_the_memory_are_refused():
    with pytest.raises(ValueError, match=r"3,003 histograms of 262,144 bins .* would take 12\.6 GB; pass a smaller"):
        CurveSet(3, by=Slice("person", 999), num_bins=2**18)


def test_a_set_without_slices_says_so():
    with pytest.raises(ValueError, match=r"counts by no slice, got 'site'; give CurveSet\(by=\) its Slice"):
        CurveSet(3).parts_by("site")
