"""Fashion-MNIST comes in whole, and what is not Fashion-MNIST is named and refused."""

import contextlib
import gzip
import os
import re
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fmnist_tf.fashion_mnist.data
from fmnist_tf.fashion_mnist.data import CLASS_NAMES, load_fashion_mnist, read_idx, write_idx, write_sample

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
FULL_SET = Path("/usr/share/datasets/fashion-mnist")  # where Debian's dataset-fashion-mnist puts it
with_full_set = pytest.mark.skipif(not FULL_SET.is_dir(), reason=f"the full set is not in {FULL_SET}")


def images(count):
    return np.random.default_rng(count).integers(0, 256, (count, 28, 28), np.uint8)


def labels(count):
    return np.arange(count, dtype=np.uint8) % 10


def idx(*header, data=b""):
    return struct.pack(f">{len(header)}I", *header) + data


@pytest.fixture
def folder(tmp_path):
    """A small set: 7 training and 3 test images, gzipped."""
    for name, array in zip(NAMES, (images(7), labels(7), images(3), labels(3)), strict=True):
        write_idx(tmp_path / f"{name}.gz", array)
    return tmp_path


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "file"


def assert_refused(folder, name, content, message):
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_fashion_mnist(folder)
    assert str(caught.value).startswith(f"{path}: ")


def test_the_bundled_sample_has_10000_training_and_2000_test_images():
    (x, y), (x_test, y_test) = load_fashion_mnist()
    assert (x.shape, y.shape) == ((10_000, 28, 28, 1), (10_000,))
    assert (x_test.shape, y_test.shape) == ((2_000, 28, 28, 1), (2_000,))
    assert {array.dtype for array in (x, y, x_test, y_test)} == {np.dtype(np.uint8)}


def test_the_bundled_sample_begins_as_the_published_set_does():
    """The first labels are those of the table in Zalando's files: an ankle boot, two T-shirts, a dress."""
    (_, y), (_, y_test) = load_fashion_mnist()
    assert [CLASS_NAMES[k] for k in y[:4]] == ["Ankle boot", "T-shirt/top", "T-shirt/top", "Dress"]
    assert [CLASS_NAMES[k] for k in y_test[:4]] == ["Ankle boot", "Pullover", "Trouser", "Trouser"]


def test_every_class_occurs_in_both_parts_of_the_bundled_sample():
    (_, y), (_, y_test) = load_fashion_mnist()
    assert set(y) == set(y_test) == set(range(len(CLASS_NAMES)))


def test_the_bundled_sample_carries_the_notice_of_its_licence():
    notice = (Path(fmnist_tf.fashion_mnist.data.__file__).parent / "LICENSE").read_text()
    assert "Copyright (c) 2017 Zalando SE, https://tech.zalando.com" in notice


def test_a_folder_may_be_given_as_text_or_path(folder):
    (x, y), (x_test, y_test) = load_fashion_mnist(folder)
    np.testing.assert_array_equal(x, images(7)[..., np.newaxis])
    np.testing.assert_array_equal(y, labels(7))
    np.testing.assert_array_equal(x_test, load_fashion_mnist(str(folder))[1][0])
    np.testing.assert_array_equal(y_test, labels(3))


def test_files_need_not_be_gzipped(folder):
    expected = load_fashion_mnist(folder)
    for name in NAMES:
        packed = folder / f"{name}.gz"
        (folder / name).write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    for got, want in zip(load_fashion_mnist(folder), expected, strict=True):
        np.testing.assert_array_equal(got[0], want[0])
        np.testing.assert_array_equal(got[1], want[1])


def test_the_arrays_can_be_written_to(folder):
    (x, y), _ = load_fashion_mnist(folder)
    x[0], y[0] = 0, 1
    assert not x[0].any()


def test_a_missing_file_is_named_with_the_four_that_are_needed(folder):
    (folder / f"{NAMES[2]}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"no {NAMES[2]} or .* in {folder}; .*{', '.join(NAMES)}"):
        load_fashion_mnist(folder)


@pytest.mark.parametrize("make", [lambda path: None, Path.touch], ids=["nothing", "a file"])
def test_a_missing_folder_is_named_with_the_four_files_that_are_needed(tmp_path, make):
    make(tmp_path / "absent")
    with pytest.raises(FileNotFoundError, match=f"no folder .*absent; .*{', '.join(NAMES)}"):
        load_fashion_mnist(tmp_path / "absent")


def test_a_source_of_another_kind_is_a_type_error():
    with pytest.raises(TypeError, match="`source` must be None, 'keras' or a folder, got 3"):
        load_fashion_mnist(3)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "truncated: a header has 16 bytes, 0 found"),
        (idx(0x803, 7), "truncated: a header has 16 bytes, 8 found"),
        (idx(0x803, 7, 28, 28, data=b"\1" * 100), "truncated: 5488 bytes of data declared, 100 found"),
        (idx(0x803, 1, 28, 28, data=b"\1" * 785), "trailing bytes after the 784 declared"),
        (idx(0x801, 7, 28, 28), "magic number must be 0x00000803, got 0x00000801"),
        (b"<!DOCTYPE html><html>", "magic number must be 0x00000803, got 0x3c21444f"),
        (idx(0x803, 7, 32, 32), re.escape("items must have the shape (28, 28), got (32, 32)")),
        (idx(0x803, 0, 28, 28), "number of items must be from 1 to 100000, got 0"),
        (idx(0x803, 2**32 - 1, 28, 28), "number of items must be from 1 to 100000, got 4294967295"),
        (b"\x1f\x8b" + b"\0" * 20, "Unknown compression method"),
        (gzip.compress(idx(0x803, 7, 28, 28), mtime=0)[:-9], "ended before the end-of-stream marker"),
        (gzip.compress(idx(0x803, 1, 28, 28, data=bytes(784)), mtime=0)[:-8] + bytes(8), "CRC check failed"),
        (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20, "invalid block type"),
    ],
)
def test_a_foreign_or_damaged_file_is_named_with_what_is_wrong(folder, content, message):
    assert_refused(folder, NAMES[0], content, message)


def test_the_numbers_of_images_and_labels_must_agree(folder):
    assert_refused(folder, NAMES[1], idx(0x801, 6, data=bytes(6)), f"6 labels for 7 images in {NAMES[0]}.gz")


def test_a_label_outside_the_classes_is_refused(folder):
    assert_refused(folder, NAMES[3], idx(0x801, 3, data=b"\0\x0a\1"), "labels must be below 10, got 10")


def test_a_gzip_bomb_is_not_unpacked(scratch):
    """Half a gigabyte of zeros after a header that declares one image: one byte too many is enough."""
    with gzip.open(scratch, "wb", compresslevel=1) as file:
        file.write(idx(0x803, 1, 28, 28))
        for _ in range(64):
            file.write(bytes(2**23))
    tracemalloc.start()
    with pytest.raises(ValueError, match="trailing bytes after the 784 declared"):
        read_idx(scratch, (28, 28))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


@given(st.binary(max_size=100), st.sampled_from([b"", b"\x1f\x8b\x08", idx(0x801), idx(0x803, 2, 28, 28)]))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused_with_a_value_error(scratch, data, start):
    scratch.write_bytes(start + data)
    for item_shape in ((), (28, 28)):
        with contextlib.suppress(ValueError):
            assert read_idx(scratch, item_shape).shape[1:] == item_shape


@given(st.booleans(), st.data())
@settings(deadline=None)
def test_a_mutated_file_is_read_or_refused_with_a_value_error(scratch, packed, data):
    content = bytearray(idx(0x801, 12, data=bytes(labels(12))))
    content = bytearray(gzip.compress(content, mtime=0)) if packed else content
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    scratch.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(ValueError):
        assert read_idx(scratch).shape == (12,)


@given(st.integers(1, 50), st.sampled_from([(), (28, 28), (3,)]))
@settings(deadline=None)
def test_what_is_written_is_read_back(scratch, count, item_shape):
    array = np.random.default_rng(count).integers(0, 256, (count, *item_shape), np.uint8)
    write_idx(scratch, array)
    np.testing.assert_array_equal(read_idx(scratch, item_shape), array)


def test_equal_arrays_make_equal_files(tmp_path):
    for name in ("a", "b"):
        write_idx(tmp_path / name, labels(9))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_data_are_read_without_tensorflow():
    code = "import sys, runpy; sys.modules.update(tensorflow=None, keras=None)\n"
    code += "runpy.run_path(sys.argv[1])['load_fashion_mnist']()"
    subprocess.run([sys.executable, "-c", code, fmnist_tf.fashion_mnist.data.__file__], check=True)


@pytest.mark.heavy  # a process of its own
def test_keras_own_copy_is_read_from_its_cache(folder, tmp_path):
    """In a process of its own: Keras decides where its cache is when it is imported."""
    cache = tmp_path / "home" / "datasets" / "fashion-mnist"
    cache.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.gz").rename(cache / f"{name}.gz")
    code = "from fmnist_tf.fashion_mnist.data import load_fashion_mnist as load\n"
    code += "print([(a.shape, int(a.sum()), str(a.dtype)) for split in load('keras') for a in split])"
    environment = os.environ | {"KERAS_HOME": str(tmp_path / "home"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    printed = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    train = [((7, 28, 28, 1), int(images(7).sum()), "uint8"), ((7,), 21, "uint8")]
    test = [((3, 28, 28, 1), int(images(3).sum()), "uint8"), ((3,), 3, "uint8")]
    assert printed.splitlines()[-1] == str(train + test)


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            EOFError("ended early"),
            ValueError,
            "cached copy of Fashion-MNIST is damaged: ended early; delete it",
        ),
        (
            Exception("URL fetch failure"),
            OSError,
            "could not load Fashion-MNIST: URL fetch failure; give a folder",
        ),
    ],
)
def test_what_keras_cannot_load_is_explained(monkeypatch, raised, kind, message):
    def load_data():
        raise raised

    monkeypatch.setattr("keras.datasets.fashion_mnist.load_data", load_data)
    with pytest.raises(kind, match=message):
        load_fashion_mnist("keras")


@with_full_set
def test_the_full_set_has_60000_training_and_10000_test_images():
    (x, y), (x_test, y_test) = load_fashion_mnist(FULL_SET)
    assert (x.shape, x_test.shape) == ((60_000, 28, 28, 1), (10_000, 28, 28, 1))
    assert np.bincount(y).tolist() == [6_000] * 10
    assert np.bincount(y_test).tolist() == [1_000] * 10


@with_full_set
def test_the_bundled_sample_is_made_of_the_first_images_of_the_full_set(tmp_path):
    write_sample(FULL_SET, tmp_path)
    for made, bundled, full in zip(
        load_fashion_mnist(tmp_path), load_fashion_mnist(), load_fashion_mnist(FULL_SET), strict=True
    ):
        for k in range(2):
            np.testing.assert_array_equal(made[k], bundled[k])
            np.testing.assert_array_equal(bundled[k], full[k][: len(bundled[k])])
