"""The images of a run's page: `gallery.npz`, the most confident mistakes and the labels to check, with their images."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fmnist_tf.files import read_arrays, read_bytes, save_arrays
from fmnist_tf.report.html import Gallery
from fmnist_tf.report.html.thumbnails import as_thumbnail
from fmnist_tf.report.run_folder.folder import GALLERY, RunFolder
from fmnist_tf.report.run_folder.info import Info

_MOST = {"mistakes": 3000, "suspects": 200}
_MOST_PIXELS = 2**26  # bytes of the images of either part
_FIELDS = {
    "mistakes": {"id": "iu", "label": "iu", "predicted": "iu", "confidence": "f"},
    "suspects": {"id": "iu", "label": "iu", "predicted": "iu", "margin": "f"},
}
_MAX_BYTES = 2**28


def write_gallery(folder: RunFolder, mistakes: Gallery, suspects: Gallery | None = None) -> None:
    """Writes rows and images as small as the page shows them; the most confident mistakes, if there are very many.

    Args:
        folder: the folder of the run.
        mistakes: those of the set that is reported on, the most confident first.
        suspects: training labels that are probably wrong, where they are known.
    """
    arrays = _arrays("mistakes", mistakes)
    arrays |= {} if suspects is None else _arrays("suspects", suspects)
    with folder.atomic_write(GALLERY) as draft:
        save_arrays(draft, arrays)


def _arrays(part: str, gallery: Gallery) -> dict[str, np.ndarray]:
    images = list(_first_images(gallery, _MOST[part]))
    rows = gallery.rows[: len(images)]
    return {
        **{f"{part}/{name}": rows[name] for name in _FIELDS[part]},
        f"{part}/shape": np.array([image.shape for image in images], np.int64).reshape(-1, 3),
        f"{part}/pixels": np.concatenate([np.zeros(0, np.uint8), *(image.ravel() for image in images)]),
    }


def _first_images(gallery: Gallery, most: int) -> Iterator[np.ndarray]:
    """The images of the first rows, as many as there may be."""
    room = _MOST_PIXELS
    for row_id in gallery.rows["id"][:most].tolist():
        image = as_thumbnail(np.asarray(gallery.images[row_id]))
        room -= image.size
        if room < 0:
            return
        yield image


def read_gallery(folder: RunFolder, info: Info) -> dict[str, Gallery]:
    """The galleries of a run under the names that `run_page` takes, "wrong" and "suspect"; {} where it kept none.

    Args:
        folder: the folder of the run.
        info: the content of its run.json.

    Raises:
        ValueError: the file is not what a run writes.
    """
    path = folder.path / GALLERY
    try:
        arrays = read_arrays(read_bytes(path, _MAX_BYTES), _MAX_BYTES)
        wrong = _parse(arrays, "mistakes", len(info.class_names))
        suspect = _parse(arrays, "suspects", len(info.class_names)) if "suspects/id" in arrays else None
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error
    known = {} if suspect is None else {"suspect": suspect._replace(note=info.suspects or "")}
    return {"wrong": wrong, **known}


def images_of_runs(*galleries: Mapping[str, Gallery]) -> dict[int, Any]:
    """Id -> image of the mistakes of several runs on the same samples: those of every sample that one of them broke."""
    found: dict[int, Any] = {}
    for gallery in galleries:
        found |= gallery["wrong"].images if "wrong" in gallery else {}
    return found


def _parse(arrays: dict[str, np.ndarray], part: str, num_classes: int) -> Gallery:
    columns = dict(_columns(arrays, part))
    images = _images(arrays, part)
    if any(len(column) != len(images) for column in columns.values()):
        raise ValueError(f"the {part} differ in length")
    for name in ("label", "predicted"):
        limit = num_classes if columns[name].ndim == 1 else 2
        if not np.all((columns[name] >= 0) & (columns[name] < limit)):
            raise ValueError(f"{name} of {part} must be class ids below {limit}")
    rows = np.zeros(len(images), [(name, column.dtype, column.shape[1:]) for name, column in columns.items()])
    for name, column in columns.items():
        rows[name] = column
    return Gallery(rows, dict(zip(rows["id"].tolist(), images, strict=True)))


def _columns(arrays: dict[str, np.ndarray], part: str) -> Iterator[tuple[str, np.ndarray]]:
    of_rows = {(arrays[f"{part}/{name}"].shape[1:]) for name in ("label", "predicted")}
    for name, kinds in _FIELDS[part].items():
        column = arrays[f"{part}/{name}"]
        if column.dtype.kind not in kinds or not np.all(np.isfinite(column)):
            raise ValueError(f"{name} of {part} must be finite numbers")
        shape = column.shape[1:] if name in ("label", "predicted") else ()
        if column.ndim not in (1, 2) or column.shape[1:] != shape or len(of_rows) > 1:
            raise ValueError(f"{name} of {part} must have one number a row, or one a column")
        yield name, column


def _images(arrays: dict[str, np.ndarray], part: str) -> list[np.ndarray]:
    shapes, pixels = arrays[f"{part}/shape"], arrays[f"{part}/pixels"]
    if shapes.ndim != 2 or shapes.shape[1] != 3 or shapes.dtype.kind not in "iu" or pixels.dtype != np.uint8:
        raise ValueError(f"the images of {part} must be uint8 pixels with a shape each")
    sizes = [math.prod(shape) for shape in shapes.tolist()]
    if not all(channels in (1, 3) and height > 0 < width for height, width, channels in shapes.tolist()):
        raise ValueError(f"the images of {part} must be (height, width, 1 or 3)")
    if pixels.shape != (sum(sizes),):
        raise ValueError(f"the images of {part} need {sum(sizes)} pixels")
    parts = np.split(pixels, np.cumsum(sizes)[:-1]) if sizes else []
    return [part.reshape(shape) for part, shape in zip(parts, shapes.tolist(), strict=True)]
