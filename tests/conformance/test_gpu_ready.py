"""Every op of every metric has a GPU kernel for its types, and none forces a batch of int32 onto the host.

Asked of TensorFlow's kernel registry, so no GPU is needed.
"""

import functools

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import kernels

from support.catalogue import NUM_CLASSES, each_way_of_counting

#: What a runtime does without a kernel of a device.
PLUMBING = {"Placeholder", "Const", "NoOp", "Identity", "ReadVariableOp", "AssignAddVariableOp", "PartitionedCall",
            "StatefulPartitionedCall"}  # fmt: skip
SPECS = [tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, NUM_CLASSES], tf.float32)]
WEIGHT = tf.TensorSpec([None], tf.float32)


def operations(function):
    """All ops of a concrete function and of the functions it calls."""
    graph = function.graph
    return [*graph.get_operations(), *(op for name in graph._functions for op in _inner(graph, name))]


def _inner(graph, name):
    inner = graph._get_function(name)
    return inner.graph.get_operations() if hasattr(inner, "graph") else []


@functools.cache
def registered(op_type):
    """The kernels registered for an op, whatever its types."""
    kernels_of_op = kernels.get_registered_kernels_for_op(op_type).kernel
    return [kernel for kernel in kernels_of_op if kernel.device_type in ("GPU", "DEFAULT")]


def gpu_kernels(op):
    """The GPU kernels registered for an op and its types."""
    return [kernel for kernel in registered(op.type) if _fits(op, kernel)]


def _fits(op, kernel):
    return all(
        op.get_attr(limit.name).as_datatype_enum in limit.allowed_values.list.type for limit in kernel.constraint
    )


def host_batches(op, kernel):
    """The int32 inputs of a size that follows the batch's which the kernel wants in host memory."""
    arguments, inputs = [], list(op.inputs)
    for argument in op.op_def.input_arg:
        length = op.get_attr(argument.number_attr) if argument.number_attr else 1
        arguments += [argument.name] * length
    return [
        name
        for name, tensor in zip(arguments, inputs, strict=False)
        if name in kernel.host_memory_arg and tensor.dtype == tf.int32 and tensor.shape.num_elements() is None
    ]


def faults_of(function):
    """The ops that would not run on a GPU, or not there."""
    invalid = []
    for op in operations(function):
        if op.type in PLUMBING:
            continue
        usable = gpu_kernels(op)
        if not usable:
            invalid.append(f"{op.type} {[tensor.dtype.name for tensor in op.inputs]} has no GPU kernel")
        elif all(host_batches(op, kernel) for kernel in usable):
            invalid.append(f"{op.type} takes {host_batches(op, usable[0])} of the batch on the host")
    return invalid


@each_way_of_counting
@pytest.mark.parametrize("weight", [[], [WEIGHT]], ids=["plain", "weighted"])
def test_every_op_of_an_update_runs_on_a_gpu(make, weight):
    update = tf.function(make(num_classes=NUM_CLASSES).update_state)
    assert faults_of(update.get_concrete_function(*SPECS, *weight)) == []


@each_way_of_counting
def test_every_op_of_a_result_runs_on_a_gpu(make):
    assert faults_of(tf.function(make(num_classes=NUM_CLASSES).result).get_concrete_function()) == []


@pytest.mark.parametrize("labels", [tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 1], tf.uint8),
                                    tf.TensorSpec([None, NUM_CLASSES], tf.float32)])  # fmt: skip
def test_labels_of_other_types_run_there_too(labels):
    from fmnist_tf.metrics import MacroF1

    update = tf.function(MacroF1(NUM_CLASSES).update_state)
    assert faults_of(update.get_concrete_function(labels, SPECS[1])) == []


def test_the_check_sees_an_op_that_is_not_ready():
    count = tf.function(lambda ids: tf.raw_ops.DenseBincount(input=ids, size=tf.constant(3, tf.int64),
                                                             weights=tf.cast(ids, tf.float64)))  # fmt: skip
    assert faults_of(count.get_concrete_function(SPECS[0]))
    add = tf.function(lambda ids: ids + 1)
    assert faults_of(add.get_concrete_function(tf.TensorSpec([None], tf.int32)))


@pytest.mark.gpu
@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU")
@each_way_of_counting
def test_counts_of_a_gpu_are_those_of_a_cpu(make):
    batches = np.arange(64) % NUM_CLASSES, np.random.default_rng(0).normal(size=(64, NUM_CLASSES))
    states = []
    for device in ("CPU:0", "GPU:0"):
        with tf.device(device):
            metric = make(num_classes=NUM_CLASSES)
            metric.update_state(*batches)
            states.append(metric.state_dict()["counts"])
    np.testing.assert_array_equal(*states)
