"""Metrics count each value of a slice apart, through fit and evaluate, and keep it through every copy."""

import contextlib
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import confusion_matrix, f1_score

from fmnist_tf.metrics import ScoreSet
from fmnist_tf.rows import Slice, tag
from fmnist_tf.rows.shown import Tags, show_tags
from fmnist_tf.rows.tags import untag
from support.replicas import two_replicas
from support.tagged import SITE, SITES, N, X, Y, fit, model_of, tagged

BAND = Slice("band", 2)
VALUES = {"north": SITES == "north", "south": SITES == "south", "other": SITES == "west"}


def evaluated(metric, data=None, weighted=False, **options):
    model = model_of(*() if weighted else (metric,), weighted=(metric,) if weighted else (), **options)
    parts = dict(zip(("x", "y", "sample_weight"), tagged() if data is None else data, strict=False))
    model.evaluate(**parts, batch_size=16, verbose=0)
    return model.predict(X, verbose=0).argmax(1)


def fed(metric, predicted=None, sites=SITES):
    """A metric that has counted without a model."""
    predicted = np.eye(3)[Y[::-1]] if predicted is None else predicted
    _, y = tag(X, Y, slices={SITE: sites})
    with show_tags(untag(y).tags):
        metric.update_state(Y, predicted)
    return metric


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"jit_compile": False}, {"run_eagerly": True}])
def test_counts_of_a_value_are_those_of_its_rows(options):
    metric = ScoreSet(by=(SITE,))
    predicted = evaluated(metric, **options)
    for value, counts in metric.counts_by("site").items():
        wanted = confusion_matrix(Y[VALUES[value]], predicted[VALUES[value]], labels=range(3))
        assert counts.tp.numpy().tolist() == np.diag(wanted).tolist()
        assert counts.support.numpy().tolist() == wanted.sum(1).tolist()
        assert counts.predicted.numpy().tolist() == wanted.sum(0).tolist()


def test_the_set_as_a_whole_is_as_without_slices():
    sliced, plain = ScoreSet(by=SITE), ScoreSet()
    evaluated(sliced)
    predicted = evaluated(plain)
    np.testing.assert_array_equal(sliced.matrix, plain.matrix)
    assert float(sliced.compute()["macro_f1"]) == pytest.approx(f1_score(Y, predicted, average="macro"))


def test_weights_count_in_the_values_too():
    weight = np.random.default_rng(0).random(N).astype("float32")
    metric = ScoreSet(by=(SITE,))
    evaluated(metric, tagged(sample_weight=weight), weighted=True)
    found = [float(counts.total[0]) for counts in metric.counts_by("site").values()]
    assert found == pytest.approx([weight[rows].sum() for rows in VALUES.values()], rel=1e-6)


def test_a_batch_that_lacks_a_group_shifts_no_other():
    """As in torchmetrics issue 3489: groups were numbered by batch."""
    whole, in_parts = fed(ScoreSet(by=SITE)), ScoreSet(by=SITE)
    order = np.argsort(SITES, kind="stable")  # each batch but two holds one site alone
    for rows in np.split(order, 8):
        _, y = tag(X[rows], Y[rows], slices={SITE: SITES[rows]})
        with show_tags(untag(y).tags):
            in_parts.update_state(Y[rows], np.eye(3)[Y[::-1]][rows])
    for value, counts in whole.counts_by("site").items():
        np.testing.assert_array_equal(counts, in_parts.counts_by("site")[value])


def test_two_slices_are_counted_per_feature():
    metric = ScoreSet(by=(SITE, BAND))
    evaluated(metric, tag(X, Y, slices={SITE: SITES, BAND: np.arange(N) % 2}))
    totals = {value: float(counts.total[0]) for value, counts in metric.counts_by("band").items()}
    assert totals == {"0": N / 2, "1": N / 2, "other": 0}


def test_the_order_of_slices_in_tags_does_not_matter():
    metric = ScoreSet(by=(SITE, BAND))
    evaluated(metric, tag(X, Y, slices={BAND: np.zeros(N), SITE: SITES}))
    assert float(metric.counts_by("site")["north"].total[0]) == VALUES["north"].sum()


@pytest.mark.parametrize("copy", ["pickle", "config and state", "merge"])
def test_copies_keep_the_slices(copy):
    metric = fed(ScoreSet(by=SITE))
    if copy == "pickle":
        other = pickle.loads(pickle.dumps(metric))
    elif copy == "merge":
        other = ScoreSet(by=SITE)
        other.merge_state([metric])
    else:
        other = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
        other.load_state_dict(metric.state_dict())
    for value, counts in metric.counts_by("site").items():
        np.testing.assert_array_equal(counts, other.counts_by("site")[value])


def test_reset_forgets_the_values():
    metric = fed(ScoreSet(by=SITE))
    metric.reset_state()
    assert all(float(counts.total[0]) == 0 for counts in metric.counts_by("site").values())


def test_states_of_other_slices_do_not_merge():
    with pytest.raises(ValueError, match="differ in `by`"):
        fed(ScoreSet(by=SITE)).merge_state([ScoreSet(by=Slice("site", ("a",)))])


def test_replicas_count_the_values_of_all():
    with two_replicas().scope():
        metric = ScoreSet(by=SITE)
        model = model_of(metric)
    model.evaluate(*tagged(), batch_size=16, verbose=0)
    totals = [float(counts.total[0]) for counts in metric.counts_by("site").values()]
    assert totals == [rows.sum() for rows in VALUES.values()]


def test_a_large_state_is_scattered_into():
    metric = ScoreSet(300, by=SITE)
    predicted = np.eye(300)[Y[::-1]]
    for value, counts in fed(metric, predicted).counts_by("site").items():
        right = VALUES[value] & (Y[::-1] == Y)
        assert float(tf.reduce_sum(counts.tp)) == right.sum()


def test_data_without_tags_is_refused():
    with pytest.raises(ValueError, match=r"ScoreSet counts by site, and the rows carry no tags; call accept_tags"):
        fit(model_of(ScoreSet(by=SITE)), data=(X, Y))


def test_another_slice_of_the_name_is_refused():
    with pytest.raises(ValueError, match="tagged with another 'site', of other values; use one Slice"):
        evaluated(ScoreSet(by=Slice("site", ("south", "north"))))


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"must be one of the slices \['site'\], got 'camera'"):
        ScoreSet(by=SITE).counts_by("camera")


def test_a_set_without_slices_says_so():
    with pytest.raises(ValueError, match=r"counts by no slice, got 'site'; give ScoreSet\(by=\)"):
        ScoreSet().counts_by("site")


@pytest.mark.parametrize("mode", ["eager", "graph", "xla", "replicas"])
def test_the_values_of_a_slice_add_up_to_the_whole(mode):
    """As integers, wherever the step runs."""
    with two_replicas().scope() if mode == "replicas" else contextlib.nullcontext():
        metric = ScoreSet(3, by=(SITE, BAND))
    tags = Tags(None, {SITE.tag_key: SITE.encode(SITES), BAND.tag_key: BAND.encode(np.arange(N) % 3)})

    def update():
        with show_tags(tags):
            metric.update_state(Y, np.eye(3)[Y[::-1]])

    step = (lambda: two_replicas().run(update)) if mode == "replicas" else update
    (step if mode == "eager" else tf.function(step, jit_compile=mode == "xla"))()
    for name in ("site", "band"):
        for whole, *parts in zip(metric.counts, *metric.counts_by(name).values(), strict=True):
            np.testing.assert_array_equal(whole, sum(part.numpy() for part in parts))
            assert np.sum(whole) > 0
