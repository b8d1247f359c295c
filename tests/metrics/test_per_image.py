"""`PerImage`: scores of images against an oracle and MONAI's values, the worst of them, intervals, refusals."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import (
    Accuracy,
    Dice,
    F1Score,
    HammingLoss,
    MacroF1,
    MeanIoU,
    PerImage,
    Precision,
    Prevalence,
    TopKAccuracy,
)
from support import oracles
from support.catalogue import fed

#: MONAI's TEST_CASE_2 of tests/test_compute_meandice.py as class ids: background 0, classes 1 and 2.
MONAI_TRUE, MONAI_PRED = [[[1, 2], [1, 0]], [[1, 1], [2, 0]]], [[[2, 0], [1, 1]], [[1, 2], [2, 0]]]


def images(seed=0, count=6, num_classes=3):
    """Ids (count, 4, 4) of two sides that often agree; the first class is most of every image."""
    rng = np.random.default_rng(seed)
    y_true = np.minimum(rng.geometric(0.5, (count, 4, 4)) - 1, num_classes - 1)
    return y_true, np.where(rng.random(y_true.shape) < 0.7, y_true, rng.integers(0, num_classes, y_true.shape))


def oracle(score, y_true, y_pred, **options):
    """The score of each image, in plain Python."""
    pairs = zip(y_true, y_pred, strict=True)
    return [oracles.score_classes(score, a.ravel().tolist(), b.ravel().tolist(), 3, **options) for a, b in pairs]


# Values


def test_the_mean_dice_of_images_is_that_of_monai():
    """Source: MONAI 1.3, tests/test_compute_meandice.py: [[0.5, 0], [2/3, 2/3]] without the background, and 0.8."""
    metric = PerImage(Dice(3, target_class_ids=(1, 2)), dtype="float64")
    metric.update_state(np.array(MONAI_TRUE), np.array(MONAI_PRED))
    np.testing.assert_allclose(metric.result(), (0.25 + 2 / 3) / 2, rtol=1e-15)
    column = PerImage(Dice(1), dtype="float64")
    column.update_state([[[1, 0], [1, 1]]], [[[1.0, 0.0], [0.0, 1.0]]])
    assert column.result() == 0.8


@pytest.mark.parametrize(("empty", "value"), [(1.0, 1.0), (0.0, 0.5), (np.nan, 1.0)])
def test_an_empty_image_scores_zero_division(empty, value):
    """MONAI's ignore_empty=False gives 1, ignore_empty=True leaves the image out."""
    metric = PerImage(Dice(1, zero_division=empty))
    metric.update_state(np.array([[[1, 1]], [[0, 0]]]), np.array([[[0.9, 0.9]], [[0.1, 0.1]]]))
    assert metric.result() == value


@pytest.mark.parametrize(
    ("make", "score", "options"),
    [
        (lambda: Accuracy(3), "accuracy", {}),
        (lambda: MacroF1(3), "f1_score", {"average": "macro"}),
        (lambda: F1Score(3, class_id=1), "f1_score", {"class_id": 1}),
        (lambda: Precision(3, average="micro"), "precision", {"average": "micro"}),
        (lambda: HammingLoss(3), "hamming_loss", {}),
    ],
)
def test_the_mean_is_that_of_the_oracle_of_each_image(make, score, options):
    y_true, y_pred = images()
    metric = fed(PerImage(make(), dtype="float64"), y_true, y_pred)
    np.testing.assert_allclose(metric.result(), np.mean(oracle(score, y_true, y_pred, **options)), rtol=1e-12)


def test_columns_and_weights_and_masks_follow_the_pooled_metric_of_each_image():
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.integers(0, 2, (5, 3, 3, 2)), rng.random((5, 3, 3, 2)).astype("float32")
    weight = rng.integers(0, 3, (5, 3, 3))
    metric = fed(PerImage(MacroF1(threshold=0.5), dtype="float64"), y_true, y_pred, weight)
    single = [fed(MacroF1(threshold=0.5, dtype="float64"), y_true[i], y_pred[i], weight[i]).result() for i in range(5)]
    np.testing.assert_allclose(metric.result(), np.average(single, weights=weight.max(axis=(1, 2))), rtol=1e-12)


def test_pixels_that_are_ignored_belong_to_no_image():
    y_true, y_pred = images()
    void = y_true.copy()
    void[0], void[1, :2] = 255, 255
    metric = fed(PerImage(Accuracy(3, ignore_class=255), dtype="float64"), void, y_pred)
    rest = [(void[i] == y_pred[i])[void[i] != 255].mean() for i in range(1, 6)]
    np.testing.assert_allclose([metric.result(), metric.num_images], [np.mean(rest), 5], rtol=1e-12)


def test_an_image_with_an_invalid_pixel_is_not_counted():
    y_true, y_pred = images()
    y_true[2, 0, 0] = 9
    metric = fed(PerImage(Accuracy(3, on_invalid="skip")), y_true, y_pred)
    assert (metric.num_images, metric.invalid) == (5, 1)


# The worst, intervals


@pytest.mark.parametrize(("make", "score", "sign"), [(Accuracy, "accuracy", 1), (HammingLoss, "hamming_loss", -1)])
@pytest.mark.parametrize("share", [0.1, 0.25, 1.0])
def test_the_worst_share_lies_within_its_bounds(make, score, sign, share):
    y_true, y_pred = images(count=40)
    worst = sorted(oracle(score, y_true, y_pred), key=lambda value: sign * value)[: round(40 * share)]
    metric = fed(PerImage(make(3), worst=share, dtype="float64"), y_true, y_pred)
    value, low, high = metric.mean_of_worst(share)
    assert low - 1e-12 <= np.mean(worst) <= high + 1e-12
    assert high - low <= 1 / 512
    assert metric.result() == value


# The worst images


@pytest.mark.parametrize(
    ("make", "score", "options", "sign"),
    [(MacroF1, "f1_score", {"average": "macro"}, 1), (HammingLoss, "hamming_loss", {}, -1)],
)
def test_the_worst_images_come_first_with_the_scores_of_the_oracle(make, score, options, sign):
    y_true, y_pred = images(count=8)
    metric = PerImage(make(3))
    wanted = np.array(oracle(score, y_true, y_pred, **options))
    rows = metric.worst_images(y_true, y_pred, ids=np.arange(8) + 100, k=5)
    order = np.argsort(sign * wanted, kind="stable")[:5]
    np.testing.assert_array_equal(rows["id"], order + 100)
    np.testing.assert_allclose(rows["score"], wanted[order], rtol=1e-12)
    assert not metric.num_images


def test_images_that_are_not_counted_are_not_among_the_worst():
    y_true, y_pred = images(count=4)
    y_true[2] = 255
    metric = fed(PerImage(Dice(3, ignore_class=255), dtype="float64"), y_true, y_pred)
    rows = metric.worst_images(y_true, y_pred, k=None)
    assert sorted(rows["id"]) == [0, 1, 3]
    np.testing.assert_allclose(rows["score"].mean(), metric.result(), rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "more", "message"),
    [
        (lambda: PerImage(Dice(3)), {}, "per_image_dice: image 1 has pixels that cannot be counted"),
        (lambda: PerImage(Dice(3, on_invalid="skip")), {"ids": [1, 2]}, r"`ids` must be one for each of 6 images"),
        (lambda: PerImage(Prevalence(3, class_id=1)), {}, "prevalence has no worst images"),
    ],
)
def test_what_has_no_worst_images_is_refused(make, more, message):
    y_true, y_pred = images()
    y_true[1, 0, 0] = 7
    with pytest.raises(ValueError, match=message):
        make().worst_images(y_true, y_pred, **more)


def test_a_set_of_images_is_known_less_well_than_its_pixels():
    y_true, y_pred = images(count=200)
    metric = fed(PerImage(Accuracy(3), dtype="float64"), y_true, y_pred)
    low, high = metric.interval()
    values = np.array(oracle("accuracy", y_true, y_pred))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std(ddof=1) / np.sqrt(200), rel=0.05)
    empty = PerImage(Accuracy(3)).interval()
    assert (empty.low, empty.high) == (0.0, 1.0)


def test_equal_images_have_an_interval_all_the_same():
    y_true = np.zeros((5, 2, 2), int)
    low, high = fed(PerImage(Accuracy(3)), y_true, y_true).interval()
    assert low < 0.9 < high <= 1.0


# Compilers and refusals


@pytest.mark.parametrize("jit_compile", [False, True])
def test_images_of_unknown_size_agree_in_every_compiler(jit_compile):
    y_true, y_pred = images()
    metric = PerImage(MeanIoU(3))
    ids = tf.TensorSpec([None, None, None], tf.int64)
    step = tf.function(metric.update_state, jit_compile=jit_compile, input_signature=[ids, ids])
    step(tf.constant(y_true), tf.constant(y_pred))
    eager = fed(PerImage(MeanIoU(3)), y_true, y_pred)
    np.testing.assert_allclose(metric.state_dict()["counts"], eager.state_dict()["counts"], rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: PerImage(F1Score(3, average=None)), "`metric` must have a scalar value"),
        (lambda: PerImage(F1Score(threshold=[0.3, 0.5])), "`metric` must have a scalar value"),
        (lambda: PerImage(F1Score(average="samples", threshold=0.5)), "must not average over samples itself"),
        (lambda: PerImage(TopKAccuracy(k=2)), "must be a metric of the table of scores"),
        (lambda: PerImage("dice"), "must be a metric of the table of scores"),
        (lambda: PerImage(Dice(), worst=0), "`worst` must be above 0"),
        (lambda: PerImage(Dice()).update_state([0, 1], [[0.9, 0.1], [0.2, 0.8]]), "has no axis of pixels"),
    ],
)
def test_what_has_no_score_of_an_image_is_refused(make, error):
    with pytest.raises((ValueError, TypeError), match=error):
        make()


def test_a_config_holds_the_metric_and_names_say_what_is_logged():
    metric = PerImage(Dice(3, ignore_class=255), worst=0.1)
    again = PerImage.from_config(metric.get_config())
    assert again.name == metric.name == "per_image_dice_worst_0.1"
    assert again.fingerprint == metric.fingerprint != PerImage(Dice(3)).fingerprint
    assert (metric._direction, PerImage(HammingLoss(3))._direction) == ("up", "down")
