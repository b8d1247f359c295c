"""The images of a run are read as they were written, and without trust."""

import numpy as np
import pytest

from fmnist_tf.report.html import Gallery
from fmnist_tf.report.run_folder import GALLERY, Info, RunFolder
from fmnist_tf.report.run_folder.gallery import images_of_runs, read_gallery, write_gallery

NAMES = ["cat", "dog, large", "owl"]
INFO = Info({}, NAMES, suspects="a sentence")


def galleries():
    fields = [("id", int), ("label", int), ("predicted", int), ("confidence", float), ("margin", float)]
    rows = np.array([(3, 0, 1, 0.9, -2.0), (1, 2, 0, 0.5, -1.0)], fields)
    return rows, np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1)).astype(np.uint8)


def written(tmp_path, **changed):
    rows, images = galleries()
    folder = RunFolder(tmp_path)
    write_gallery(folder, Gallery(rows, images), Gallery(rows, {3: images[3], 1: images[1]}))
    if changed:
        with np.load(tmp_path / GALLERY) as arrays:
            np.savez(tmp_path / GALLERY, **{**arrays, **changed})
    return folder


def test_a_gallery_is_read_as_it_was_written(tmp_path):
    found = read_gallery(written(tmp_path), INFO)
    rows, images = galleries()
    assert found["wrong"].rows["confidence"].tolist() == rows["confidence"].tolist()
    assert found["suspect"].rows["margin"].tolist() == rows["margin"].tolist()
    assert found["suspect"].note == "a sentence"
    np.testing.assert_array_equal(found["wrong"].images[3], images[3])


def test_a_run_without_mistakes_has_an_empty_gallery(tmp_path):
    rows, images = galleries()
    write_gallery(RunFolder(tmp_path), Gallery(rows[:0], images), Gallery(rows[:0], images))
    assert len(read_gallery(RunFolder(tmp_path), INFO)["wrong"].rows) == 0


def test_a_run_that_kept_no_images_has_no_gallery(tmp_path):
    assert read_gallery(RunFolder(tmp_path), INFO) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"mistakes/label": np.array([0, 3])},
        {"mistakes/label": np.array([0, -1])},
        {"mistakes/label": np.array([0.0, 1.0])},
        {"mistakes/confidence": np.array([np.nan, 1])},
        {"suspects/margin": np.zeros(3)},
        {"mistakes/label": np.zeros((2, 2), int)},
        {"suspects/pixels": np.zeros(2 * 784)},
        {"suspects/pixels": np.zeros(784, np.uint8)},
        {"suspects/shape": np.array([[0, 28, 1], [28, 28, 1]])},
        {"suspects/shape": np.array([[2**62, 28, 1], [28, 28, 1]])},
        {"suspects/id": np.array(["a", "b"])},
    ],
)
def test_a_gallery_that_no_run_writes_is_refused(changed, tmp_path):
    with pytest.raises(ValueError, match=r"gallery\.npz: "):
        read_gallery(written(tmp_path, **changed), INFO)


def test_a_gallery_of_columns_and_of_images_of_several_sizes_is_read_as_it_was_written(tmp_path):
    fields = [("id", int), ("label", int, (3,)), ("predicted", int, (3,)), ("confidence", float)]
    rows = np.array([(7, [1, 0, 1], [0, 0, 1], 0.9), (4, [0, 0, 0], [1, 1, 0], 0.5)], fields)
    images = {7: np.full((4, 6, 3), 7, np.uint8), 4: np.full((5, 3), 4, np.uint8)}
    write_gallery(RunFolder(tmp_path), Gallery(rows, images))
    found = read_gallery(RunFolder(tmp_path), Info({}, NAMES))
    assert list(found) == ["wrong"]
    np.testing.assert_array_equal(found["wrong"].rows, rows)
    assert {key: image.shape for key, image in found["wrong"].images.items()} == {7: (4, 6, 3), 4: (5, 3, 1)}


def test_the_mistakes_of_two_runs_are_the_samples_that_either_broke(tmp_path):
    rows, images = galleries()
    of_a, of_b = (Gallery(rows[[k]], {int(rows["id"][k]): images[k]}) for k in (0, 1))
    assert sorted(images_of_runs({"wrong": of_a}, {"wrong": of_b}, {})) == [1, 3]
