"""The events of a run, read back from the files that TensorBoard shows."""

import re

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import precision_score, recall_score
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.custom_scalar import layout_pb2

from fmnist_tf import AUROC, ConfusionMatrix
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.snapshots import take_snapshot
from fmnist_tf.callbacks.tensorboard import EventWriter
from fmnist_tf.report import Report
from support.catalogue import fed

NAMES = ["cat", "dog", "T-shirt/top"]
MATRIX = np.array([[8, 2, 0], [1, 9, 0], [0, 3, 7]])


def snapshot(matrix):
    metric = ConfusionMatrix(len(matrix))
    true, pred = np.nonzero(matrix)
    metric.update_state(true, pred, sample_weight=matrix[true, pred])
    return take_snapshot(metric)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    writer = EventWriter(folder)
    writer.write(0, {"loss": 1.5, "f1_score/cat": 0.25}, {"train": snapshot(np.eye(3))}, NAMES)
    writer.write(1, {"loss": 0.5}, {"train": snapshot(np.eye(3)), "val": snapshot(MATRIX)}, NAMES)
    writer.finish(Report(MATRIX, NAMES))
    return EventAccumulator(str(folder), {"tensors": 0}).Reload()


def values(events, tag):
    return [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events.Tensors(tag)]


def test_scalars_stand_at_their_epochs(events):
    assert values(events, "loss") == [(0, 1.5), (1, 0.5)]


def test_every_class_has_a_line_with_its_f1(events):
    expected = [cells["f1_score"].value for cells in Report(MATRIX, NAMES).classes.values()]
    found = [values(events, f"val_f1_score/{name}")[0][1] for name in NAMES]
    assert found == pytest.approx(expected, abs=1e-7)


def test_a_class_score_of_the_logs_is_written_once(events):
    assert values(events, "f1_score/cat") == [(0, 0.25), (1, 1.0)]


def test_the_classes_of_a_set_are_lines_of_one_chart(events):
    last = events.Tensors("custom_scalars__config__")[-1]
    layout = layout_pb2.Layout.FromString(tf.make_ndarray(last.tensor_proto).item())
    charts = {chart.title: chart.multiline.tag[0] for chart in layout.category[0].chart}
    for title, key in {"F1 of each class, train": "f1_score", "F1 of each class, val": "val_f1_score"}.items():
        lines = [tag for tag in events.Tags()["tensors"] if re.match(charts[title], tag)]
        assert sorted(lines) == sorted(f"{key}/{name}" for name in NAMES)


def test_the_matrix_is_a_picture_of_every_epoch(events):
    assert [event.step for event in events.Tensors("train_confusion_matrix")] == [0, 1]
    picture = tf.make_ndarray(events.Tensors("val_confusion_matrix")[0].tensor_proto)[2]
    assert picture.startswith(b"\x89PNG")


def test_the_report_is_a_table(events):
    text = tf.make_ndarray(events.Tensors("report")[0].tensor_proto).item().decode()
    assert text == Report(MATRIX, NAMES).markdown()


def test_of_very_many_classes_there_are_no_lines(tmp_path):
    writer = EventWriter(tmp_path)
    writer.write(0, {}, {"val": snapshot(np.eye(101))}, None)
    writer.finish(Report(np.eye(2)))
    tags = EventAccumulator(str(tmp_path)).Reload().Tags()["tensors"]
    assert not [tag for tag in tags if tag.startswith("val_f1_score")]


def test_a_precision_recall_curve_of_every_class_is_at_even_thresholds(tmp_path):
    y_true = np.random.default_rng(0).integers(0, 3, 200)
    p = np.random.default_rng(1).dirichlet(np.ones(3), 200) * 0.5 + np.eye(3)[y_true] * 0.5
    counted, scored = fed(ConfusionMatrix(), y_true, p), fed(AUROC(), y_true, p)
    EventWriter(tmp_path).write(0, {}, {"val": take_snapshot(counted, CurveMetrics([scored]))}, NAMES)
    events = EventAccumulator(str(tmp_path), {"tensors": 0}).Reload()
    (event,) = events.Tensors("val_precision_recall/T-shirt/top/pr_curves")
    tp, fp, *_, precision, recall = tf.make_ndarray(event.tensor_proto)
    assert tp.shape == (101,)
    assert (tp[0], fp[0], tp[-1]) == (sum(y_true == 2), sum(y_true != 2), 0)
    yes = p[:, 2] > 0.5
    assert precision[50] == pytest.approx(precision_score(y_true == 2, yes), abs=0.02)
    assert recall[50] == pytest.approx(recall_score(y_true == 2, yes), abs=0.02)
