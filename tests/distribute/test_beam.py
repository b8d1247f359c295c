"""Counting by Apache Beam: whatever the split, order and retries, the state is that of one pass, to the bit."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fmnist_tf import AUROC, Accuracy, ConfusionMatrix, CurveSet
from fmnist_tf.report import Report
from support.catalogue import each_metric, fed, state_of, stream, tolerance_of

beam = pytest.importorskip("apache_beam", reason="needs the extra 'beam'")
pa = pytest.importorskip("pyarrow", reason="needs the extra 'beam'")

PipelineOptions = import_module("apache_beam.options.pipeline_options").PipelineOptions
CombineCounts = import_module("fmnist_tf.distribute.beam").CombineCounts

pytestmark = pytest.mark.heavy
Y_TRUE, Y_PRED = stream(60)


def batches(rows, *more):
    """The stream in batches of so many rows."""
    return [tuple(part[k : k + rows] for part in (Y_TRUE, Y_PRED, *more)) for k in range(0, 60, rows)]


def combine(metric, elements, groups=3):
    """The output of a `CombineFn` whose elements were added to several accumulators."""
    function = CombineCounts(metric)
    parts = [function.create_accumulator() for _ in range(groups)]
    for k, element in enumerate(elements):
        parts[k % groups] = function.add_input(parts[k % groups], element)
    return function.extract_output(function.merge_accumulators(parts))


@each_metric
def test_every_metric_is_that_of_one_pass(make):
    metric, one = make(), fed(make(), Y_TRUE, Y_PRED)
    for elements in (batches(10), batches(7)[::-1]):
        metric.load_state_dict(combine(metric, elements, groups=4))
        np.testing.assert_allclose(state_of(metric), state_of(one), rtol=10 * tolerance_of(metric))


@each_metric
def test_of_no_input_the_state_is_empty(make):
    metric = fed(make(), Y_TRUE, Y_PRED)
    metric.load_state_dict(combine(make(), []))
    assert not state_of(metric).any()


def test_weights_are_added_up():
    weight = np.arange(60.0)
    metric = ConfusionMatrix()
    metric.load_state_dict(combine(metric, batches(7, weight)))
    assert np.array_equal(metric.matrix, fed(ConfusionMatrix(), Y_TRUE, Y_PRED, weight).matrix)


def test_invalid_rows_are_added_up():
    metric = ConfusionMatrix(3)
    metric.load_state_dict(combine(metric, [([0, 7], [0, 1]), ([5, 1], [0, 1])]))
    assert float(metric.invalid) == 2


def test_accumulators_of_other_numbers_of_classes_are_refused():
    three, two = combine(ConfusionMatrix(), batches(60)), combine(ConfusionMatrix(), [([0], [[0.1, 0.9]])])
    with pytest.raises(ValueError, match="num_classes"):
        CombineCounts(ConfusionMatrix()).merge_accumulators([three, two])


def test_an_accumulator_that_is_added_to_twice_counts_once():
    function = CombineCounts(Accuracy(3))
    start = function.add_input(function.create_accumulator(), ([0, 1], [0, 1]))
    once, again = (function.add_input(start, ([2], [1])) for _ in range(2))  # a bundle that is done again
    assert np.array_equal(once["counts"], again["counts"])
    assert function.merge_accumulators([once])["counts"].sum() == again["counts"].sum()


def test_keys_may_have_other_numbers_of_classes():
    function = CombineCounts(Accuracy())
    states = [function.add_input(function.create_accumulator(), ([0], [[0.1] * n])) for n in (3, 2, 3)]
    assert [json.loads(state["fingerprint"])["num_classes"] for state in states] == [3, 2, 3]


def test_a_metric_of_others_is_refused():
    import keras

    with pytest.raises(TypeError, match="must be a metric of fmnist_tf"):
        CombineCounts(keras.metrics.AUC())


def test_a_pipeline_in_memory_gives_the_state_of_one_pass(tmp_path):
    out = tmp_path / "state.json"
    with beam.Pipeline() as pipeline:
        states = pipeline | beam.Create(batches(7)) | beam.CombineGlobally(CombineCounts(AUROC(num_bins=64)))
        states | beam.Map(lambda state: out.write_text(json.dumps(state["counts"].tolist())))
    one = fed(AUROC(num_bins=64), Y_TRUE, Y_PRED)
    assert json.loads(out.read_text()) == np.ravel(one.state_dict()["counts"]).tolist()


class FailsOnce(beam.DoFn):
    """Passes batches on; a file tells whether the worker has died once."""

    def __init__(self, mark):
        self.mark = mark

    def process(self, element):
        yield element
        if not self.mark.exists():
            self.mark.touch()
            raise OSError("killed in the midst of a bundle")


def test_a_bundle_that_fails_leaves_nothing_behind(tmp_path):
    def count():
        with beam.Pipeline() as pipeline:
            passed = pipeline | beam.Create(batches(7)) | beam.ParDo(FailsOnce(tmp_path / "mark"))
            states = passed | beam.CombineGlobally(CombineCounts(ConfusionMatrix()))
            states | beam.Map(lambda state: (tmp_path / "out").write_text(json.dumps(state["counts"].tolist())))

    # The runner on one machine gives up, those of clusters do the bundle again.
    with pytest.raises(Exception, match="killed in the midst of a bundle"):  # Beam makes another kind of it
        count()
    count()
    one = fed(ConfusionMatrix(), Y_TRUE, Y_PRED)
    assert json.loads((tmp_path / "out").read_text()) == np.ravel(one.matrix).tolist()


class DiesOnce(FailsOnce):
    """Passes batches on; the process of the worker is killed once."""

    def process(self, element):
        yield element
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


KILLED = "import sys; from distribute.test_beam import count_in_processes as count; count(sys.argv[1])"


def count_in_processes(folder):
    """Counts in a worker process that is killed in the midst of its first bundle."""
    folder = Path(folder)
    options = PipelineOptions(direct_running_mode="multi_processing", direct_num_workers=2)
    with beam.Pipeline(options=options) as pipeline:
        passed = pipeline | beam.Create(batches(7)) | beam.Reshuffle() | beam.ParDo(DiesOnce(folder / "mark"))
        states = passed | beam.CombineGlobally(CombineCounts(ConfusionMatrix()))
        states | beam.Map(lambda state: (folder / "out").write_text(json.dumps(state["counts"].tolist())))


def test_a_worker_that_is_killed_leaves_nothing_behind(tmp_path):
    tests = Path(__file__).parents[1]
    line, paths = [sys.executable, "-c", KILLED, str(tmp_path)], os.pathsep.join([str(tests), str(tests.parent)])
    run = partial(subprocess.run, line, env={**os.environ, "PYTHONPATH": paths}, capture_output=True)
    try:
        killed = run(timeout=300, check=False)
        assert killed.returncode != 0
    except subprocess.TimeoutExpired:
        pass  # the runner on one machine waits for the dead worker
    assert (tmp_path / "mark").exists()
    assert not (tmp_path / "out").exists()
    run(timeout=900, check=True)
    one = fed(ConfusionMatrix(), Y_TRUE, Y_PRED)
    assert json.loads((tmp_path / "out").read_text()) == np.ravel(one.matrix).tolist()


def write_shards(folder):
    """Four files of scores whose columns stand in other orders."""
    from pyarrow import parquet

    folder.mkdir()
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 3, 400), rng.dirichlet([1, 1, 1], 400)
    for k in range(4):
        part = {f"p_{name}": p[k::4, at] for at, name in enumerate("abc")} | {"y": y[k::4]}
        parquet.write_table(pa.table(part if k % 2 else dict(reversed(part.items()))), folder / f"{k}.parquet")
    return y, p


@pytest.mark.parametrize("mode", ["in_memory", "multi_processing"])
def test_the_pipeline_of_files_writes_the_report_of_one_pass(mode, tmp_path, capsys):
    from fmnist_tf.distribute import evaluate

    y, p = write_shards(tmp_path / "shards")
    options = ["--runner", "DirectRunner", "--direct_running_mode", mode, "--direct_num_workers", "2"]
    files = ["--label", "y", "--scores", "p_*", "--output", str(tmp_path / "out")]
    assert evaluate.main([str(tmp_path / "shards/*.parquet"), *files, *options]) == 0
    curves = fed(CurveSet(), y, p)
    expected = Report(fed(ConfusionMatrix(), y, p).matrix, "abc", curves=curves)
    assert json.loads((tmp_path / "out/report.json").read_text()) == json.loads(json.dumps(expected.to_dict()))
    assert (tmp_path / "out/report.txt").read_text() == expected.text()
    assert "<html" in (tmp_path / "out/report.html").read_text()


TEXTS = {
    "scores": (["--scores", "p_*"], None),
    "predictions": (["--pred", "q", "--classes", "a,b,c"], None),
    "an unknown text": (["--scores", "p_*"], "'d' is none of the 3 classes"),
    "no names": (["--pred", "q", "--num-classes", "3"], "--classes names the classes"),
}


@pytest.mark.parametrize(("found", "refusal"), TEXTS.values(), ids=TEXTS.keys())
def test_labels_of_text_meet_classes_by_name(found, refusal, tmp_path, capsys):
    from pyarrow import parquet

    from fmnist_tf.distribute import evaluate

    names, rng = np.array(["c", "a", "b"]), np.random.default_rng(0)
    y, p = rng.integers(0, 3, 50), rng.dirichlet([1, 1, 1], 50)
    labels = ["d" if refusal and k == 7 else names[true] for k, true in enumerate(y)]
    scores = {f"p_{name}": p[:, k] for k, name in enumerate(names)}
    parquet.write_table(pa.table({"y": labels, "q": names[p.argmax(1)]} | scores), tmp_path / "0.parquet")
    options = ["--label", "y", *found, "--output", str(tmp_path / "out")]
    status = evaluate.main([str(tmp_path / "*.parquet"), *options])
    if refusal:
        assert (status, refusal in capsys.readouterr().err) == (2, True)
        return
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["overall"]["accuracy"]["value"] == pytest.approx(np.mean(y == p.argmax(1)), rel=1e-15)
    assert report["classes"]["a"]["support"] == np.sum(y == 1)


def test_a_model_may_predict_in_the_pipeline(tmp_path, capsys):
    import keras

    from fmnist_tf.distribute import evaluate

    y, p = write_shards(tmp_path / "shards")
    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    expected = fed(ConfusionMatrix(), y, model.predict(p.astype("float32"), verbose=0))
    model.save(tmp_path / "model.keras")
    found = ["--label", "y", "--scores", "p_*", "--model", str(tmp_path / "model.keras"), "--num-classes", "3"]
    assert evaluate.main([str(tmp_path / "shards/*.parquet"), *found, "--output", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["overall"]["accuracy"]["value"] == pytest.approx(np.trace(expected.matrix) / 400, rel=1e-15)


def test_a_file_that_is_missing_ends_with_one_line(tmp_path, capsys):
    from fmnist_tf.distribute import evaluate

    missing = [str(tmp_path / "no/*.parquet"), "--label", "y", "--pred", "p", "--num-classes", "3"]
    assert evaluate.main([*missing, "--output", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
