"""Which kernel finds the largest score is decided at trace time, from static shapes alone."""

import pytest
import tensorflow as tf

from fmnist_tf import kernels


def searches_by_argmax(shape):
    """Whether the traced search uses TensorFlow's ArgMax, in its graph or in a function that this one calls."""
    traced = tf.function(kernels.largest, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    definition = traced.graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return any(node.op == "ArgMax" for node in nodes)


@pytest.mark.parametrize("shape", [(8192, 10), (800, 64), (800, 100), (800, 512)])
def test_a_large_batch_of_known_shape_is_searched_without_argmax(shape):
    assert not searches_by_argmax(shape)


@pytest.mark.parametrize("shape", [(800, 101), (800, 516), (None, 20, 512)], ids=["not by four", "wide", "any rows"])
def test_argmax_searches_what_does_not_come_in_fours(shape):
    assert searches_by_argmax(shape)


def test_argmax_searches_a_small_batch():
    assert searches_by_argmax((32, 10))
