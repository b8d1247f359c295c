"""AUROC with bounds beside the built-in AUC: in training, by itself, and how close it comes on MiniVGG's scores."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks import peers
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import AUROC, AveragePrecision, CurveSet, load_fashion_mnist, mini_vgg

BUILT_IN = "built-in AUC, 200 thresholds"
COARSE = 2048
#: (rows, columns) of a batch that is counted by itself.
SHAPES = ((128, 1), (128, 10), (65_536, 1), (65_536, 10))
EPOCHS = 5


def measure(quick: bool) -> list[Measurement]:
    steps, rounds = (200, 3) if quick else (500, 21)
    return [
        *(row for columns in (1, 10) for row in _fit(columns, steps, rounds)),
        *(row for shape in SHAPES for row in _update(*shape, 5 if quick else 21)),
        *([] if quick else _widths()),
    ]


def _metrics(columns: int) -> dict[str, Callable[[], list]]:
    """The metrics to compile, by contender; the built-in AUC needs `multi_label=True` for several classes."""
    per_class = {"multi_label": True, "num_labels": columns} if columns > 1 else {}
    return {
        "nothing": list,
        BUILT_IN: lambda: [keras.metrics.AUC(num_thresholds=200, **per_class)],
        f"AUROC, {COARSE:,} bins": lambda: [AUROC(num_bins=COARSE)],
        "AUROC": lambda: [AUROC()],
        "built-in AUC of ROC and PR": lambda: [
            keras.metrics.AUC(num_thresholds=200, curve=curve, name=curve, **per_class) for curve in ("ROC", "PR")
        ],
        f"CurveSet of two, {COARSE:,} bins": lambda: [CurveSet(num_bins=COARSE)],
        "CurveSet of two": lambda: [CurveSet()],
        "CurveSet, none live": lambda: [CurveSet(live=())],
    }


def _fit(columns: int, steps: int, rounds: int) -> list[Measurement]:
    y_true, _ = _batch(32 * steps, columns)
    x = np.random.default_rng(1).normal(size=(32 * steps, 8)).astype(np.float32)
    contenders = [_epoch(name, make(), x, y_true) for name, make in _metrics(columns).items()]
    case = f"tiny, {columns} columns, an epoch of {steps} batches of 32"
    return contest("curves", case, contenders, rounds=rounds, peer=BUILT_IN)


def _epoch(name: str, metrics: list, x: np.ndarray, y_true: np.ndarray) -> Contender:
    activation = "sigmoid" if y_true.shape[1] == 1 else "softmax"
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(y_true.shape[1], activation)])
    model.compile("sgd", "mean_squared_error", metrics=metrics)
    return Contender(name, lambda: model.fit(x, y_true, batch_size=32, shuffle=False, verbose=0))


def _update(rows: int, columns: int, rounds: int) -> list[Measurement]:
    y_true, y_pred = map(tf.constant, _batch(rows, columns))
    contenders = []
    for name, make in list(_metrics(columns).items())[1:4]:
        (metric,) = make()
        metric.update_state(y_true, y_pred)
        contenders.append(_step(name, metric, y_true, y_pred))
    return contest("curves", f"update and result, {rows:,} x {columns}", contenders, rounds=rounds)


def _step(name: str, metric: keras.metrics.Metric, y_true: tf.Tensor, y_pred: tf.Tensor) -> Contender:
    @tf.function
    def step(y_true, y_pred):
        metric.update_state(y_true, y_pred)
        return metric.result()

    return Contender(name, lambda: step(y_true, y_pred))


def _batch(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """(labels, probabilities), each float32 (rows, columns)."""
    rng = np.random.default_rng(0)
    if columns == 1:
        return rng.integers(0, 2, (rows, 1)).astype(np.float32), rng.random((rows, 1), dtype=np.float32)
    predictions = np.eye(columns, dtype=np.float32)[rng.integers(0, columns, rows)]
    return predictions, rng.dirichlet(np.ones(columns), rows).astype(np.float32)


def _widths() -> list[Measurement]:
    """How wide the bounds are on scores of a trained model, and where the exact value lies."""
    (x, y), (x_val, y_val) = load_fashion_mnist()
    keras.utils.set_random_seed(0)
    model = mini_vgg()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=0)
    p = model.predict(x_val, verbose=0)
    case = f"MiniVGG, {EPOCHS} epochs, accuracy {np.mean(p.argmax(axis=1) == y_val):.3f}, {len(p):,} images"
    kinds, sizes = (AUROC, AveragePrecision), (512, 2048, 8192, 32768)
    return [_width(case, kind, num_bins, y_val, p) for kind in kinds for num_bins in sizes]


def _width(case: str, kind: type, num_bins: int, y_true: np.ndarray, p: np.ndarray) -> Measurement:
    metric = kind(num_bins=num_bins, dtype="float64")
    metric.update_state(y_true, p)
    low, high = map(float, metric.bounds)
    note = f"{float(metric.result()):.6f} in [{low:.6f}, {high:.6f}], width {high - low:.1e}"
    if library := peers.load("sklearn.metrics"):
        exact = library.roc_auc_score if kind is AUROC else library.average_precision_score
        value = exact(np.eye(p.shape[1])[y_true], p)
        if not low <= value <= high:
            raise AssertionError(f"{case}: the exact {value} lies outside of [{low}, {high}]")
        note += f", exact {value:.6f}"
    return Measurement("curves", case, f"{kind.__name__}, {num_bins:,} bins", note=note)
