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


def read(folder):
    """Name of a sub-run -> its events."""
    return {path.name: EventAccumulator(str(path), {"tensors": 0}).Reload() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    writer = EventWriter(folder)
    writer.write(0, {"loss": 1.5, "f1_score/cat": 0.25}, {"train": snapshot(np.eye(3))}, NAMES)
    scalars = {"loss": 0.5, "val_loss": 0.75, "val_macro_f1": 0.8}
    sets = {"train": snapshot(np.eye(3)), "val": snapshot(MATRIX)}
    writer.write(1, scalars, sets, NAMES, {"val_macro_f1": (0.7, 0.9)})
    writer.finish(Report(MATRIX, NAMES))
    return read(folder)


def values(events, tag):
    return [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events.Tensors(tag)]


def test_training_and_validation_are_lines_of_one_chart(runs):
    assert values(runs["train"], "loss") == [(0, 1.5), (1, 0.5)]
    assert values(runs["validation"], "loss") == [(1, 0.75)]


def test_every_class_has_a_line_with_its_f1(runs):
    expected = [cells["f1_score"].value for cells in Report(MATRIX, NAMES).classes.values()]
    found = [values(runs["validation"], f"f1_score/{name}")[0][1] for name in NAMES]
    assert found == pytest.approx(expected, abs=1e-7)


def test_a_class_score_of_the_logs_is_written_once(runs):
    assert values(runs["train"], "f1_score/cat") == [(0, 0.25), (1, 1.0)]


def layout(events):
    (event,) = events.Tensors("custom_scalars__config__")
    charts = layout_pb2.Layout.FromString(tf.make_ndarray(event.tensor_proto).item()).category
    return {chart.title: chart for category in charts for chart in category.chart}


def test_the_classes_are_lines_of_one_chart(runs):
    pattern = layout(runs["validation"])["F1 of each class"].multiline.tag[0]
    lines = [tag for tag in runs["validation"].Tags()["tensors"] if re.match(pattern, tag)]
    assert sorted(lines) == sorted(f"f1_score/{name}" for name in NAMES)


def test_a_score_with_intervals_has_a_chart_with_a_band(runs):
    (series,) = layout(runs["validation"])["macro_f1 with its interval"].margin.series
    tags = series.value, series.lower, series.upper
    assert [values(runs["validation"], tag)[0][1] for tag in tags] == pytest.approx([0.8, 0.7, 0.9])


def test_the_matrix_is_a_picture_of_every_epoch(runs):
    assert [event.step for event in runs["train"].Tensors("confusion_matrix")] == [0, 1]
    picture = tf.make_ndarray(runs["validation"].Tensors("confusion_matrix")[0].tensor_proto)[2]
    assert picture.startswith(b"\x89PNG")


def test_the_report_is_a_table(runs):
    text = tf.make_ndarray(runs["validation"].Tensors("report")[0].tensor_proto).item().decode()
    assert text == Report(MATRIX, NAMES).markdown()


def test_a_further_set_is_a_sub_run_of_its_name(tmp_path):
    scalars = {"macro_f1": 0.5, "val_macro_f1": 0.6, "my set_macro_f1": 0.7}
    EventWriter(tmp_path).write(0, scalars, {"my set": snapshot(np.eye(3))}, NAMES)
    found = {name: values(events, "macro_f1")[0][1] for name, events in read(tmp_path).items()}
    assert found == pytest.approx({"train": 0.5, "validation": 0.6, "my set": 0.7})


def test_of_very_many_classes_there_are_no_lines(tmp_path):
    writer = EventWriter(tmp_path)
    writer.write(0, {}, {"val": snapshot(np.eye(101))}, None)
    writer.finish(Report(np.eye(2)))
    tags = read(tmp_path)["validation"].Tags()["tensors"]
    assert not [tag for tag in tags if tag.startswith("f1_score")]


def test_a_precision_recall_curve_of_every_class_is_at_even_thresholds(tmp_path):
    y_true = np.random.default_rng(0).integers(0, 3, 200)
    p = np.random.default_rng(1).dirichlet(np.ones(3), 200) * 0.5 + np.eye(3)[y_true] * 0.5
    counted, scored = fed(ConfusionMatrix(), y_true, p), fed(AUROC(), y_true, p)
    EventWriter(tmp_path).write(0, {}, {"val": take_snapshot(counted, CurveMetrics([scored]))}, NAMES)
    (event,) = read(tmp_path)["validation"].Tensors("precision_recall/T-shirt/top/pr_curves")
    tp, fp, *_, precision, recall = tf.make_ndarray(event.tensor_proto)
    assert tp.shape == (101,)
    assert (tp[0], fp[0], tp[-1]) == (sum(y_true == 2), sum(y_true != 2), 0)
    yes = p[:, 2] > 0.5
    assert precision[50] == pytest.approx(precision_score(y_true == 2, yes), abs=0.02)
    assert recall[50] == pytest.approx(recall_score(y_true == 2, yes), abs=0.02)


def test_mistakes_are_pictures_where_images_are_given(tmp_path):
    fields = [("id", int), ("label", int), ("predicted", int), ("confidence", float)]
    rows = np.array([(0, 0, 1, 0.9), (1, 1, 1, 0.8)], fields)
    writer = EventWriter(tmp_path)
    writer.write_mistakes("val", rows, np.zeros((2, 8, 8)), NAMES)
    writer.write_mistakes("val", rows[1:], np.zeros((2, 8, 8)), NAMES)  # without a mistake
    writer.finish(Report(np.eye(2)))
    events = EventAccumulator(str(tmp_path / "validation"), {"tensors": 0}).Reload()
    (event,) = events.Tensors("mistakes")
    assert tf.make_ndarray(event.tensor_proto)[2].startswith(b"\x89PNG")


def test_a_slice_of_few_values_is_a_picture(tmp_path):
    report = Report(MATRIX, NAMES)
    report.slices = {"the site": {"north": Report(MATRIX), "south": Report(MATRIX)}}
    report.slices["user"] = {str(number): Report(MATRIX) for number in range(21)}
    writer = EventWriter(tmp_path)
    writer.write_slices("val", report)
    writer.finish(report)
    events = EventAccumulator(str(tmp_path / "validation"), {"tensors": 0}).Reload()
    assert [tag for tag in events.Tags()["tensors"] if tag.startswith("slices")] == ["slices/the site"]
    (event,) = events.Tensors("slices/the site")
    assert tf.make_ndarray(event.tensor_proto)[2].startswith(b"\x89PNG")
