"""The set-up of every test: six logical CPUs, before TensorFlow starts, quiet logs, and Hypothesis' profiles."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, settings

CPUS = tf.config.list_physical_devices("CPU")
# Small tensors gain nothing from threads, which two test processes would fight over.
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.set_logical_device_configuration(CPUS[0], [tf.config.LogicalDeviceConfiguration()] * 6)
tf.get_logger().setLevel("ERROR")

# "ci" draws the same examples every time; "dev" draws new ones and remembers what failed.
settings.register_profile(
    "ci", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck), max_examples=16
)
settings.register_profile("dev", deadline=None, suppress_health_check=list(HealthCheck), max_examples=200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


# Graphs are millions of objects: the collector, run by chance, took more time than the tests of a long process.
gc.disable()


@pytest.fixture(autouse=True, scope="module")
def _collect_garbage():
    """Garbage is collected after each module, and by the tests that ask for it; what is left then is looked at once."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _keep_keras_settings():
    """No test leaves another float type or policy behind."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
