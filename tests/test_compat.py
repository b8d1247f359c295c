"""Canaries: each private name of Keras that the package uses is still there; the package uses no other."""

import ast
import functools
import importlib
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import fmnist_tf
from fmnist_tf import MacroF1, compat

PACKAGE = Path(compat.__file__).parent


def make_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_keras_has_in_stateless_scope():
    from keras.src.backend.common.stateless_scope import in_stateless_scope

    with keras.StatelessScope():
        assert in_stateless_scope()
    assert not in_stateless_scope()


def test_keras_leaves_masks_on_predictions_as_keras_mask():
    words = keras.Input((3,))
    model = keras.Model(words, keras.layers.Masking()(keras.layers.Reshape((3, 1))(words)))
    assert compat.keras_mask(model(tf.constant([[0.0, 1.0, 2.0]]))).numpy().tolist() == [[False, True, True]]


def test_keras_leaves_logits_on_a_softmax_as_keras_logits():
    assert hasattr(keras.activations.softmax(tf.constant([[1.0, 2.0]])), "_keras_logits")


@pytest.mark.parametrize(("direction", "best"), [(compat.higher_is_better, 1), (compat.lower_is_better, 0)])
def test_keras_reads_direction_for_mode_auto(direction, best):
    @direction
    class Own(MacroF1):
        pass

    model = make_model()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[Own(name="own")])
    stop = keras.callbacks.EarlyStopping("own", patience=5)
    model.fit(tf.zeros((3, 4)), tf.constant([0, 1, 2]), verbose=0, callbacks=[stop])
    assert bool(stop.monitor_op(1, 0)) == bool(best)


def test_keras_builds_by_maybe_symbolic_build():
    assert callable(keras.Model._maybe_symbolic_build)


def test_keras_keeps_the_epoch_of_a_backup_as_initial_epoch():
    model = make_model()
    assert compat.restored_epoch(model) is None
    assert hasattr(model, "_initial_epoch")


def test_without_maybe_symbolic_build_a_batch_is_evaluated_and_forgotten(monkeypatch):
    owner = next(base for base in keras.Model.__mro__ if "_maybe_symbolic_build" in vars(base))
    monkeypatch.delattr(owner, "_maybe_symbolic_build")
    model = make_model()
    monkeypatch.setattr(model, "test_on_batch", lambda *batch: model.metrics[0].update_state(7.0))
    compat.symbolic_build(model, tf.zeros((2, 4)), tf.constant([0, 1]), None)
    assert float(model.metrics[0].result()) == 0


@pytest.mark.parametrize("version", ["3.3.3", "3.9.2", "2.15.0"])
def test_a_keras_that_is_too_old_is_refused_in_one_line(version, monkeypatch):
    monkeypatch.setattr(keras, "__version__", version)
    with pytest.raises(ImportError, match=f"fmnist_tf needs Keras 3.10 or later, got {version}; run pip install"):
        importlib.reload(fmnist_tf)


@pytest.mark.parametrize("version", ["3.10.0", "3.15.1", "4.0", "3.16.0.dev20260101", "3.10.0rc0"])
def test_a_keras_that_is_new_enough_is_taken(version):
    assert not compat.is_too_old(version)


# Nothing private elsewhere


def modules():
    files = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "compat.py")
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in files}


TREES = modules()


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


@functools.cache
def names_of_our_own():
    """Private names that the package itself gives: to functions, classes, arguments, fields and attributes."""
    names = set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
                names.add(node.attr)
    return names


def is_self(node):
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


@pytest.mark.parametrize("name", TREES)
def test_a_module_reads_no_private_name_of_others(name):
    ours = names_of_our_own() | {"_asdict", "_replace", "_fields", "_make"}  # of named tuples, and public
    attributes = [node for node in ast.walk(TREES[name]) if isinstance(node, ast.Attribute)]
    foreign = {node.attr for node in attributes if is_private(node.attr) and node.attr not in ours}
    assert foreign <= {"_exit"}  # of os, and public


@pytest.mark.parametrize("name", TREES)
def test_a_module_imports_nothing_private(name):
    imported = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert not [path for path in imported if path.startswith(("keras.src", "tensorflow.python"))]
