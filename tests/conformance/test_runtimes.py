"""Modes of TensorFlow that hold for a whole process: deterministic operations, XLA wherever it fits, export."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.heavy
FIT = """
import json, sys, keras, numpy as np, tensorflow as tf
from fmnist_tf import AUROC, MacroF1, ScoreLogger, ScoreSet
exec(sys.argv[1])
x = np.random.default_rng(0).normal(size=(300, 4)).astype("float32")
y = (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0)
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
metrics = [MacroF1(), ScoreSet(), AUROC(num_bins=64)]
model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics, jit_compile=False)
model.fit(x, y, epochs=2, verbose=0, callbacks=[ScoreLogger(verbose=0)])
model.evaluate(x, y, verbose=0)
found = [np.asarray(metric.state_dict()["counts"]).tolist() for metric in metrics]
if "export" in sys.argv:
    model.export(sys.argv[3], verbose=False)
    exported = tf.saved_model.load(sys.argv[3])
    assert np.allclose(exported.serve(x), model.predict(x, verbose=0), atol=1e-6)
again = ScoreSet(3)
again.update_state(y, model.predict(x, verbose=0))
assert np.asarray(again.state_dict()["counts"]).tolist() == found[1]
print(json.dumps(found))
"""


def fit(code="pass", *arguments, **environment):
    """The states of the metrics after a fit in a process of its own."""
    line = [sys.executable, "-c", FIT, code, *map(str, arguments)]
    settings = {"env": {**os.environ, **environment}, "capture_output": True, "text": True, "timeout": 600}
    done = subprocess.run(line, check=False, **settings)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def usual():
    return fit()


def test_deterministic_operations_count_the_same(usual):
    assert fit("keras.utils.set_random_seed(0); tf.config.experimental.enable_op_determinism()") == usual


def test_clusters_of_xla_count_every_row():
    flags = {"TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit --tf_xla_min_cluster_size=1"}
    states = fit(**flags)  # its rounding may train other weights; the script counts the predictions again
    assert sum(states[1][:9]) == 300


def test_a_compiled_model_with_metrics_is_exported(usual, tmp_path):
    assert fit("pass", "export", tmp_path / "exported") == usual
