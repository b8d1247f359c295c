"""A model with metrics that an older version has saved is loaded, and its metrics count the same."""

from pathlib import Path

import keras
import numpy as np

#: Made with TensorFlow 2.16.1 and Keras 3.10.0. The other way Keras itself refuses: its layers have new arguments.
SAVED = Path(__file__).parents[1] / "support" / "saved_by_keras_3_10.keras"
EVALUATED = {
    "auroc": 0.734374,
    "average_precision": 0.635678,
    "f1_score": 0.604542,
    "macro_f1": 0.6173,
    "accuracy": 0.609375,
    "macro_precision": 0.604974,
    "macro_recall": 0.664404,
}


def test_a_model_of_the_oldest_version_evaluates_as_it_did_there():
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0)
    found = keras.saving.load_model(SAVED).evaluate(x, y, verbose=0, return_dict=True)
    assert {name: round(float(found[name]), 6) for name in EVALUATED} == EVALUATED
