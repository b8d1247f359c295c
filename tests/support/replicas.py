"""Two replicas of one process, the same strategy for every test.

TensorFlow numbers the collective operations of a group of devices anew for each strategy: a second strategy over the
same devices in one process would take up numbers whose shapes the first has fixed.
"""

import functools

import tensorflow as tf


@functools.cache
def two_replicas() -> tf.distribute.Strategy:
    """A mirrored strategy over two logical CPUs."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
