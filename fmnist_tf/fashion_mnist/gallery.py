"""The images of a run's page: `gallery.npz`, the most confident mistakes and the labels to check, with their images."""

from collections.abc import Iterator

import numpy as np

from fmnist_tf.files import read_arrays, read_bytes, save_arrays
from fmnist_tf.report.html import Gallery
from fmnist_tf.report.run_folder import GALLERY, Info, RunFolder

_MOST_MISTAKES, _MOST_SUSPECTS = 3000, 200
_FIELDS = {
    "mistakes": {"id": "iu", "label": "iu", "predicted": "iu", "confidence": "f"},
    "suspects": {"id": "iu", "label": "iu", "predicted": "iu", "margin": "f"},
}
_SHAPE = (28, 28, 1)
_MAX_BYTES = 2**28


def write_gallery(folder: RunFolder, mistakes: Gallery, suspects: Gallery) -> None:
    """Writes the rows and their images; the most confident mistakes, if they are very many."""
    parts = {"mistakes": (mistakes, _MOST_MISTAKES), "suspects": (suspects, _MOST_SUSPECTS)}
    arrays = {}
    for part, (gallery, most) in parts.items():
        rows = gallery.rows[:most]
        arrays |= {f"{part}/{name}": rows[name] for name in _FIELDS[part]}
        arrays[f"{part}/image"] = np.array([gallery.images[k] for k in rows["id"]], np.uint8).reshape(-1, *_SHAPE)
    with folder.atomic_write(GALLERY) as draft:
        save_arrays(draft, arrays)


def read_gallery(folder: RunFolder, info: Info) -> dict[str, Gallery]:
    """The galleries of a run under the names that `run_page` takes, "wrong" and "suspect"; {} where it kept none.

    Raises:
        ValueError: the file is not what a run writes.
    """
    path = folder.path / GALLERY
    try:
        arrays = read_arrays(read_bytes(path, _MAX_BYTES), _MAX_BYTES)
        galleries = {part: _parse(arrays, part, len(info.class_names)) for part in _FIELDS}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error
    return {"wrong": galleries["mistakes"], "suspect": galleries["suspects"]._replace(note=info.suspects or "")}


def _parse(arrays: dict[str, np.ndarray], part: str, num_classes: int) -> Gallery:
    columns = dict(_columns(arrays, part))
    images = arrays[f"{part}/image"]
    number = len(images)
    if any(column.shape != (number,) for column in columns.values()):
        raise ValueError(f"the {part} differ in length")
    if images.ndim != 4 or images.dtype != np.uint8 or images.shape[-1] not in (1, 3) or 0 in images.shape[1:]:
        raise ValueError(f"the images of {part} must be uint8 (N, height, width, 1 or 3)")
    for name in ("label", "predicted"):
        if not np.all((columns[name] >= 0) & (columns[name] < num_classes)):
            raise ValueError(f"{name} of {part} must be class ids below {num_classes}")
    rows = np.zeros(number, [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        rows[name] = column
    return Gallery(rows, dict(zip(rows["id"].tolist(), images, strict=True)))


def _columns(arrays: dict[str, np.ndarray], part: str) -> Iterator[tuple[str, np.ndarray]]:
    for name, kinds in _FIELDS[part].items():
        column = arrays[f"{part}/{name}"]
        if column.dtype.kind not in kinds or not np.all(np.isfinite(column)):
            raise ValueError(f"{name} of {part} must be finite numbers")
        yield name, column
