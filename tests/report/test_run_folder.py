"""A run folder is written whole or not at all, and read without trust."""

import contextlib
import errno
import json
import os
import tempfile
import zipfile
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_tf.fashion_mnist.checkpoints import State, load_checkpoint, read_arrays, save_checkpoint
from fmnist_tf.fashion_mnist.training import Options, load_images, shuffled_batches
from fmnist_tf.files import read_bytes
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import CHECKPOINT, FILES, INFO, REPORT, Info, Record, RunFolder
from fmnist_tf.rows import Ledger

NAMES = ["cat", "dog, large"]
INFO_OF_RUN = Info({"seed": 0}, NAMES, {"keras": "3"}, "a note", 1, 0, True)
A_REPORT = Report(np.array([[8.0, 2.0], [1.5, 9.0]]), NAMES, note="a note")


def write_run(path):
    folder = RunFolder(path)
    folder.write_info(INFO_OF_RUN)
    folder.write_report(A_REPORT)
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_run(tmp_path)


def test_a_run_is_read_as_it_was_written(folder):
    assert folder.read_info() == INFO_OF_RUN
    report = folder.read_report()
    np.testing.assert_array_equal(report.matrix, A_REPORT.matrix)
    assert report.text() == A_REPORT.text() == (folder.path / "report.txt").read_text()


def test_history_and_matrices_are_exact(tmp_path):
    record = Record().extended({"val_macro_f1": 0.1 + 0.2, "loss": float("nan")}, {"val": np.full((2, 2), 0.1)})
    RunFolder(tmp_path).write_record(record)
    assert json.loads((tmp_path / "history.json").read_text()) == {"val_macro_f1": [0.1 + 0.2], "loss": [None]}
    np.testing.assert_equal(RunFolder(tmp_path).read_record().history, record.history)
    assert (tmp_path / "history.csv").read_text() == f"epoch,val_macro_f1,loss\n0,{0.1 + 0.2!r},nan\n"
    with np.load(tmp_path / "matrices.npz", allow_pickle=False) as matrices:
        np.testing.assert_array_equal(matrices["val"], np.full((1, 2, 2), 0.1))


@pytest.mark.parametrize(
    ("scores", "best"),
    [([], None), ([0.1], 0), ([0.1, 0.3, 0.3, 0.2], 1), ([float("nan"), 0.1], 1), ([float("nan")] * 2, 0)],
)
def test_the_best_epoch_is_the_first_with_the_greatest_score(scores, best):
    assert Record({"val_macro_f1": scores} if scores else {}).best_epoch == best


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(folder):
    before = sorted(os.listdir(folder.path))

    def fill_disk():
        with folder.atomic_write(INFO) as draft:
            draft.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fill_disk()
    assert sorted(os.listdir(folder.path)) == before
    assert folder.read_info() == INFO_OF_RUN


def test_clearing_removes_a_run_and_nothing_else(folder):
    (folder.path / "mine.txt").touch()
    (folder.path / ".writing-killed").mkdir()
    assert folder.holds_run()
    folder.clear()
    assert os.listdir(folder.path) == ["mine.txt"]
    assert not folder.holds_run()


@pytest.mark.parametrize("name", [INFO, REPORT])
def test_what_is_not_a_regular_file_is_not_read(folder, name):
    path = folder.path / name
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))
    with pytest.raises(ValueError, match="not a regular file"):
        folder.read_report()
    path.unlink()
    os.mkfifo(path)  # reading it would wait for ever
    with pytest.raises(ValueError, match="not a regular file"):
        folder.read_report()


def test_a_file_larger_than_it_may_be_is_not_read(tmp_path):
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, 2**40)
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        read_bytes(path, 1000)


def test_names_that_would_steer_the_terminal_are_refused(folder):
    folder.write_info(Info({}, ["cat", "\x1b[2Jdog"]))
    with pytest.raises(ValueError, match="class_names"):
        folder.read_info()


def test_a_folder_without_a_run_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no finished epoch of a run"):
        RunFolder(tmp_path).read_report()


def damage(content: bytes, where: int, what: bytes) -> bytes:
    where %= len(content) + 1
    return content[:where] + what + content[where + len(what) :]


@cache
def contents() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as path:
        write_run(path)
        return {name: Path(path, name).read_bytes() for name in (INFO, REPORT)}


def assert_read_or_refused(files: dict[str, bytes]) -> None:
    """Anything but a report or a ValueError fails the test."""
    with tempfile.TemporaryDirectory() as path, contextlib.suppress(ValueError):
        for name, content in files.items():
            Path(path, name).write_bytes(content)
        assert isinstance(RunFolder(path).read_report(), Report)


@settings(max_examples=200)
@given(st.sampled_from([INFO, REPORT]), st.integers(0), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_run_is_read_or_refused_with_a_reason(name, where, what, truncated):
    content = damage(contents()[name], where, what)
    assert_read_or_refused({**contents(), name: content[: where % len(content)] if truncated else content})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*Info.__dataclass_fields__]), json_values), json_values)
def test_any_json_is_read_or_refused_with_a_reason(fields, anything):
    for value in (fields, {**json.loads(contents()[INFO]), **fields}, anything):
        assert_read_or_refused({**contents(), INFO: json.dumps(value).encode()})


# Checkpoints


def archive(**arrays) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_arrays_are_read_as_they_were_written():
    arrays = read_arrays(archive(a=np.eye(2), b=np.zeros((0, 3), np.uint8), c=np.float32(1)))
    np.testing.assert_array_equal(arrays["a"], np.eye(2))
    assert arrays["b"].shape == (0, 3)
    assert arrays["c"] == 1


def test_objects_are_not_unpickled():
    with pytest.raises(ValueError, match="not what a run writes"):
        read_arrays(archive(a=np.array([print], object)))


def test_a_header_that_lies_takes_no_memory():
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("a.npy", header.getvalue())
    with pytest.raises(ValueError, match="not what a run writes"):
        read_arrays(content.getvalue())


def test_a_small_file_cannot_unpack_to_a_large_one():
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.npy", bytes(10**6))
    with pytest.raises(ValueError, match="unpacks to more than 1000 bytes"):
        read_arrays(content.getvalue(), limit=1000)


@settings(max_examples=300)
@given(st.integers(0), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_checkpoint_is_read_or_refused(where, what, truncated):
    content = damage(archive(a=np.eye(2), b=np.arange(3)), where, what)
    with contextlib.suppress(ValueError):
        arrays = read_arrays(content[: where % len(content)] if truncated else content)
        assert all(isinstance(array, np.ndarray) for array in arrays.values())


@pytest.fixture(scope="module")
def model():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
    return model


def test_a_checkpoint_restores_weights_momenta_and_seeds(model, tmp_path):
    matrices = {"train": np.eye(2), "val": np.eye(2)}
    record = Record().extended({"val_macro_f1": 0.5, "loss": float("nan")}, matrices)
    save_checkpoint(RunFolder(tmp_path), model, State(record, model.get_weights()))
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in variables]
    model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
    assert not all(np.array_equal(variable, value) for variable, value in zip(variables, before, strict=True))
    state = load_checkpoint(RunFolder(tmp_path), model)
    assert all(np.array_equal(variable, value) for variable, value in zip(variables, before, strict=True))
    np.testing.assert_equal(state.record.history, record.history)
    np.testing.assert_equal(state.record.matrices, record.matrices)


def test_a_checkpoint_of_another_model_is_refused(model, tmp_path):
    record = Record().extended({"val_macro_f1": 0.5}, {"train": np.eye(2), "val": np.eye(2)})
    save_checkpoint(RunFolder(tmp_path), model, State(record, model.get_weights()))
    with np.load(tmp_path / CHECKPOINT) as arrays:
        np.savez(tmp_path / CHECKPOINT, **{**arrays, "variable/0": np.ones(3, np.float32)})
    with pytest.raises(ValueError, match=r"variable/0 is float32 \(3,\), the model has float32 \(2, 2\)"):
        load_checkpoint(RunFolder(tmp_path), model)


def test_a_checkpoint_restores_the_ledger_and_refuses_another(model, tmp_path):
    ledger = Ledger(4)
    state = ledger.state_dict()
    state["table"][:, 4] = [1, 2, 3, 4]
    record = Record().extended({"val_macro_f1": 0.5}, {"train": np.eye(2), "val": np.eye(2)})
    save_checkpoint(RunFolder(tmp_path), model, State(record, model.get_weights(), state))
    load_checkpoint(RunFolder(tmp_path), model, ledger)
    np.testing.assert_array_equal(ledger.state_dict()["table"], state["table"])
    with pytest.raises(ValueError, match=r"checkpoint\.npz: the state must be one of a Ledger of 5 rows"):
        load_checkpoint(RunFolder(tmp_path), model, Ledger(5))


# What makes a run repeatable


def test_the_order_of_an_epoch_follows_from_its_seed_and_number_alone():
    split = (np.arange(10), np.arange(10))
    overall = [x.numpy().tolist() for x, _ in shuffled_batches(split, 4, 7, range(0, 3))]
    later = [x.numpy().tolist() for x, _ in shuffled_batches(split, 4, 7, range(1, 3))]
    assert [len(batch) for batch in overall] == [4, 4, 2] * 3
    assert later == overall[3:]
    assert overall[:3] != overall[3:6]
    assert all(sorted(chain(*overall[epoch : epoch + 3])) == list(range(10)) for epoch in (0, 3, 6))
    assert [x.numpy().tolist() for x, _ in shuffled_batches(split, 4, 8, range(0, 3))] != overall


def test_held_back_images_are_neither_trained_on_nor_reported_on():
    train, val, test = load_images(Options(train_size=100, test_size=50, val_split=0.2, seed=3))
    assert [len(split[1]) for split in (train, val, test)] == [80, 20, 50]
    images = {x.tobytes() for x in train[0]}
    assert not images & {x.tobytes() for x in val[0]}
    assert load_images(Options(train_size=100)).test is None


def test_a_run_goes_on_with_its_own_arguments():
    stored = vars(Options(epochs=3, seed=5))
    assert Options.of({"epochs": None, "seed": 5}, stored) == Options(epochs=3, seed=5)
    with pytest.raises(ValueError, match="--seed 6 differs from the run's 5"):
        Options.of({"seed": 6}, stored)


def test_a_run_is_extended_with_the_learning_rate_that_it_began_with():
    stored = vars(Options(epochs=3, seed=5))
    longer = Options.of({"epochs": 5}, stored)
    assert longer == Options(epochs=5, seed=5, planned_epochs=3)
    assert Options.of({"epochs": 9}, vars(longer)) == Options(epochs=9, seed=5, planned_epochs=3)
    with pytest.raises(ValueError, match="--epochs 2 is less than the run's 3"):
        Options.of({"epochs": 2}, stored)


@pytest.mark.parametrize(
    "stored", [{"epochs": 0}, {"epochs": True}, {"seed": -1}, {"val_split": 2.0}, {"data": 3}, {"batch_size": "32"}]
)
def test_arguments_in_a_file_are_checked(stored):
    with pytest.raises(ValueError, match=r"must be|at least"):
        Options.of({}, {**vars(Options()), **stored})
    with pytest.raises(ValueError, match="not those of this version"):
        Options.of({}, {"epochs": 3})


def test_the_names_of_files_are_plain():
    assert all(Path(name).name == name for name in FILES)
