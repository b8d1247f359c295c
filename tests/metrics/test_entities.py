"""Entity scores: spans against the oracle and seqeval, published values, masks, padding, refusals."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_tf.metrics import EntityF1, EntityPrecision, EntityRecall
from support import entity_oracle
from support.catalogue import fed

IOB = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
IOBES = ("O", *(f"{prefix}-{kind}" for kind in ("X", "Y") for prefix in "BIES"))
SCHEMES = [("IOB2", IOB), ("IOBES", IOBES), ("BIO", IOB), ("BIO", IOBES)]
ROWS, LENGTH = 4, 6
tokens = st.lists(st.integers(0, 8), min_size=ROWS * LENGTH, max_size=ROWS * LENGTH)
kept = st.lists(st.booleans(), min_size=ROWS * LENGTH, max_size=ROWS * LENGTH)


def ids(sequences, labels):
    """Sequences of labels as class ids, filled up with O, and which tokens count."""
    length = max(map(len, sequences))
    filled = [[labels.index(label) for label in (*row, *["O"] * (length - len(row)))] for row in sequences]
    return np.array(filled), np.arange(length) < np.array([[len(row)] for row in sequences])


def metric_of(true, pred, kind=EntityF1, labels=IOB, **options):
    """The metric after sequences of labels."""
    (y_true, mask), (y_pred, _) = ids(true, labels), ids(pred, labels)
    return fed(kind(labels=labels, dtype="float64", **options), y_true, y_pred, mask)


def counted(metric):
    """tp, predicted and true entities, as lists."""
    return [np.asarray(field).tolist() for field in metric.counts[:3]]


# The oracle and seqeval


def batch(scheme_and_labels, true, pred):
    """(scheme, labels, y_true, y_pred) of drawn numbers; labels of two classes make many matches."""
    scheme, labels = scheme_and_labels
    return scheme, labels, *(np.reshape(part, (ROWS, LENGTH)) % len(labels) for part in (true, pred))


def sequences(y, mask, labels):
    return [[labels[token] for token, keep in zip(*row, strict=True) if keep] for row in zip(y, mask, strict=True)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SCHEMES), tokens, tokens, kept, kept)
def test_counts_are_those_of_the_oracle_whatever_is_left_out(case, true, pred, same, mask):
    scheme, labels, y_true, y_pred = batch(case, true, pred)
    y_pred = np.where(np.reshape(same, y_true.shape), y_true, y_pred)
    mask = np.reshape(mask, y_true.shape)
    metric = fed(EntityF1(labels=labels, scheme=scheme), y_true, y_pred, mask)
    ours, theirs = sequences(y_true, mask, labels), sequences(y_pred, mask, labels)
    assert counted(metric) == entity_oracle.count(ours, theirs, metric.entity_types, scheme)


@pytest.mark.parametrize(("scheme", "labels"), SCHEMES)
def test_counts_are_those_of_seqeval(scheme, labels):
    seqeval = pytest.importorskip("seqeval.scheme", reason="an optional oracle")
    lenient = pytest.importorskip("seqeval.metrics.sequence_labeling", reason="an optional oracle")
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, len(labels), (2, 300, 9))
    y_pred = np.where(rng.random(y_true.shape) < 0.6, y_true, y_pred)
    rows = []
    for side in (y_true, y_pred):
        named = np.array(labels)[side].tolist()
        strict = None if scheme == "BIO" else seqeval.Entities(named, getattr(seqeval, scheme)).entities
        found = [set(lenient.get_entities(row)) for row in named] if strict is None else strict
        rows.append([{e if isinstance(e, tuple) else (e.tag, e.start, e.end) for e in row} for row in found])
    metric = fed(EntityF1(labels=labels, scheme=scheme), y_true, y_pred)
    right = [a & b for a, b in zip(*rows, strict=True)]
    totals = [sum(map(len, part)) for part in (right, rows[1], rows[0])]
    assert np.sum(counted(metric), axis=1).tolist() == totals


# Published values

README = (
    [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]],
    [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]],
)
MISC = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER")


@pytest.mark.parametrize("scheme", ["IOB2", "BIO"])
def test_the_example_of_seqeval(scheme):
    """Source: the README of seqeval 1.2.2: F1 0.50; MISC 0, PER 1."""
    metric = metric_of(*README, labels=MISC, scheme=scheme)
    assert metric.result() == 0.5
    assert metric_of(*README, labels=MISC, average=None).result().numpy().tolist() == [0.0, 1.0]
    assert metric_of(*README, labels=MISC, average="macro").result() == 0.5


def test_an_inside_without_a_beginning_is_an_entity_in_the_lenient_scheme_alone():
    """Source: the README of seqeval 1.2.2: the default mode gives F1 1, the strict mode 0."""
    case = [["B-NP", "I-NP", "O"]], [["I-NP", "I-NP", "O"]]
    labels = ("O", "B-NP", "I-NP")
    assert metric_of(*case, labels=labels, scheme="BIO").result() == 1
    assert metric_of(*case, labels=labels, scheme="IOB2").result() == 0


@pytest.mark.parametrize(("kind", "printed"), [(EntityPrecision, 68.83), (EntityRecall, 80.83), (EntityF1, 74.35)])
def test_the_example_of_conlleval(kind, printed):
    """Source: CoNLL-2000, chunking, example of the evaluation: 459 phrases, 539 found, 371 correct."""
    metric = kind(labels=("O", "B-NP", "I-NP"), dtype="float64")
    metric.load_state_dict({**metric.state_dict(), "counts": np.array([371.0, 539.0, 459.0])})
    assert round(100 * float(metric.result()), 2) == printed


# Masks, padding and weights


def test_an_entity_that_padding_cuts_off_ends_with_its_last_token():
    y_true = np.array([[1, 2, 2, 2]])
    metric = fed(EntityF1(labels=IOB), y_true, [[1, 2, 2, 0]], [[1, 1, 1, 0]])
    assert counted(metric) == [[1, 0], [1, 0], [1, 0]]
    cut = EntityF1(labels=IOBES, scheme="IOBES")
    assert np.sum(counted(fed(cut, [[1, 2, 3]], [[1, 2, 3]], [[1, 1, 0]]))) == 0  # without its E it is none


def test_later_pieces_of_a_word_are_passed_over():
    metric = EntityF1(labels=IOB, ignore_class=-100)
    metric.update_state([[1, -100, 2, -100, 0]], [[1, 0, 2, 3, 0]])
    assert counted(metric) == [[1, 0], [1, 0], [1, 0]]


def test_a_mask_of_keras_is_honoured():
    y_pred = tf.one_hot([[1, 2, 0, 3]], 5)
    y_pred._keras_mask = tf.constant([[True, True, True, False]])
    assert counted(fed(EntityF1(labels=IOB), [[1, 2, 0, 3]], y_pred)) == [[1, 0], [1, 0], [1, 0]]


def test_no_entity_reaches_into_the_next_sequence():
    assert counted(fed(EntityF1(labels=IOB), [[0, 1], [2, 0]], [[0, 1], [2, 0]])) == [[1, 0], [1, 0], [1, 0]]


def test_a_sequence_with_an_invalid_token_is_not_counted():
    metric = EntityF1(labels=IOB, on_invalid="skip")
    metric.update_state([[1, 9], [1, 0]], [[1, 0], [1, 0]])
    assert (counted(metric), float(metric.invalid)) == ([[1, 0], [1, 0], [1, 0]], 1)


def test_an_entity_weighs_as_much_as_its_first_token():
    metric = EntityF1(labels=IOB)
    metric.update_state([[1, 2, 3]], [[1, 2, 1]], [[2.0, 5.0, 0.5]])
    assert counted(metric) == [[2, 0], [2.5, 0], [2, 0.5]]
    assert metric.effective_total == pytest.approx(3**2 / (2**2 + 0.5**2 + 0.5**2))


# Forms of input and compilers


@pytest.mark.parametrize("jit_compile", [False, True])
def test_ids_scores_and_unknown_lengths_agree_in_every_compiler(jit_compile):
    y_true, y_pred = np.random.default_rng(1).integers(0, 5, (2, 8, 5))  # as long as there are labels
    eager = fed(EntityF1(labels=IOB, scheme="BIO"), y_true, y_pred, y_true > 0)
    metric = EntityF1(labels=IOB, scheme="BIO")
    specs = [
        tf.TensorSpec([None, None], tf.int64),
        tf.TensorSpec([None, None, 5]),
        tf.TensorSpec([None, None], tf.bool),
    ]
    step = tf.function(metric.update_state, jit_compile=jit_compile, input_signature=specs)
    step(tf.constant(y_true), tf.one_hot(y_pred, 5), tf.constant(y_true > 0))
    assert counted(metric) == counted(eager)


@pytest.mark.parametrize(("y_true", "y_pred"), [([1, 2], [1, 2]), ([1, 0], [[0, 1.0], [1, 0]])])
def test_a_bare_sequence_is_refused(y_true, y_pred):
    with pytest.raises(ValueError, match=r"give a single sequence an axis before, as y_pred\[None\]"):
        EntityF1(labels=("O", "B-X")).update_state(y_true, y_pred)


@pytest.mark.parametrize(
    ("labels", "options", "error"),
    [
        ("O", {}, "`labels` must be a list of strings"),
        ([0, 1], {}, "`labels` must be a list of strings"),
        (["O", "S-X"], {}, "`labels` of scheme 'IOB2' must be O, B-TYPE, I-TYPE, got 'S-X'"),
        (["O", "PER"], {}, "got 'PER'"),
        (["O", "B-X", "B-X"], {}, "`labels` must differ, got 'B-X' twice"),
        (["O"], {}, "`labels` must name at least one entity"),
        (["O", "B-X"], {"num_classes": 3}, "`labels` must name 3 classes, got 2 labels"),
        (["O", "B-X"], {"scheme": "IOB"}, "did you mean 'IOB2'"),
    ],
)
def test_labels_that_make_no_scheme_are_refused(labels, options, error):
    with pytest.raises((ValueError, TypeError), match=error):
        EntityF1(labels=labels, **options)


# Properties


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SCHEMES), tokens, tokens)
def test_precision_of_a_batch_is_recall_of_its_mirror(case, true, pred):
    scheme, labels, y_true, y_pred = batch(case, true, pred)
    precision = fed(EntityPrecision(labels=labels, scheme=scheme), y_true, y_pred).result()
    assert precision == fed(EntityRecall(labels=labels, scheme=scheme), y_pred, y_true).result()


def test_one_state_serves_all_three():
    metric = metric_of(*README, labels=MISC)
    recall = EntityRecall(labels=MISC)
    recall.load_state_dict(metric.state_dict())
    assert recall.result() == 0.5


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", None])
@pytest.mark.parametrize("kind", [EntityF1, EntityPrecision, EntityRecall])
def test_an_interval_holds_the_score_and_narrows_with_the_number(kind, average):
    metric = metric_of(*README, kind, labels=MISC, average=average)
    (low, high), value = metric.interval(), np.asarray(metric.result())
    assert np.all((low <= value) & (value <= high))
    metric.load_state_dict({**metric.state_dict(), "counts": 100 * metric.state_dict()["counts"]})
    narrow = metric.interval()
    assert np.all(np.subtract(narrow.high, narrow.low) < np.subtract(high, low))
