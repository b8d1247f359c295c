"""Fashion-MNIST from IDX files: the bundled sample, a folder, or Keras' own copy.

An IDX file is a big-endian header, `magic, count, *item_shape`, and then one byte a pixel or label. Files
are not trusted: the header is checked before memory is allocated, and at most one byte more than it
declares is read, so that a small gzip file cannot unpack to a large one.

Xiao, Rasul and Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms, arXiv:1708.07747.
"""

import gzip
import io
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

Split = tuple[np.ndarray, np.ndarray]

_SAMPLE = Path(__file__).parent
_FILE_NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
_MAX_COUNT = 100_000  # the full set has 60,000 images; a header that declares far more is of another set
_UNREADABLE = (ValueError, EOFError, zlib.error, gzip.BadGzipFile)


def load_fashion_mnist(source: str | os.PathLike[str] | None = None) -> tuple[Split, Split]:
    """Fashion-MNIST as `((x_train, y_train), (x_test, y_test))`.

    Args:
        source: None for the bundled sample, the first 10,000 training and the first 2,000 test images.
            "keras" for the full set as `keras.datasets.fashion_mnist` downloads and caches it. Any other
            text is a folder with the four files of Fashion-MNIST under their standard names,
            gzipped (with `.gz` at the end) or not; if both exist, the plain one is read.

    Returns:
        Images, uint8 of shape (N, 28, 28, 1) from 0 to 255, and labels, uint8 of shape (N,), indices into
        `CLASS_NAMES`; for training and for testing.

    Raises:
        FileNotFoundError: if there is no such folder, or one of the four files is not in it.
        ValueError: if a file is not what its name says: a wrong magic number, images that are not 28 x 28,
            truncated or trailing data, a broken gzip stream, labels outside 0..9, or another number of
            labels than of images. The message names the file.
        OSError: if Keras cannot download the set.
        TypeError: if `source` is of another type.

    Example:
        >>> (x, y), (x_test, y_test) = load_fashion_mnist()
        >>> x.shape, CLASS_NAMES[y[0]]
        ((10000, 28, 28, 1), 'Ankle boot')
    """
    if source is None:
        return _load_folder(_SAMPLE)
    if source == "keras":
        return _load_keras()
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"`source` must be None, 'keras' or a folder, got {source!r}")
    return _load_folder(Path(source))


def read_idx(path: Path, item_shape: tuple[int, ...] = ()) -> np.ndarray:
    """The array in an IDX file of unsigned bytes; its first two bytes tell whether it is gzipped.

    Args:
        path: the file.
        item_shape: the shape that the header must declare for one item: (28, 28) for images, () for labels.

    Returns:
        uint8 array of shape (count, *item_shape).

    Raises:
        ValueError: if the file is invalid; the message names it and the reason.
    """
    try:
        with _open(path) as stream:
            return _parse_idx(stream, item_shape)
    except _UNREADABLE as error:
        raise ValueError(f"{path}: {error}") from error


def write_idx(path: Path, array: np.ndarray) -> None:
    """Writes a uint8 array as a gzipped IDX file; equal arrays give equal files.

    Args:
        path: the file to write.
        array: uint8 array of shape (count, *item_shape).
    """
    header = struct.pack(f">{1 + array.ndim}I", _magic(array.ndim), *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0))


def write_sample(source: str | os.PathLike[str], folder: Path = _SAMPLE) -> None:
    """Writes the first 10,000 training and 2,000 test images: how the bundled sample was made.

    Args:
        source: the full set, as for `load_fashion_mnist`.
        folder: an existing folder, to which the four gzipped files are written.
    """
    train, test = load_fashion_mnist(source)
    _write_split(folder, "train", train, 10_000)
    _write_split(folder, "test", test, 2_000)


def _write_split(folder: Path, split: str, arrays: Split, count: int) -> None:
    images, labels = _FILE_NAMES[split]
    write_idx(folder / f"{images}.gz", arrays[0][:count, ..., 0])
    write_idx(folder / f"{labels}.gz", arrays[1][:count])


def _load_folder(folder: Path) -> tuple[Split, Split]:
    return _load_split(folder, "train"), _load_split(folder, "test")


def _load_split(folder: Path, split: str) -> Split:
    images_path, labels_path = (_find(folder, name) for name in _FILE_NAMES[split])
    images, labels = read_idx(images_path, (28, 28)), read_idx(labels_path)
    if len(images) != len(labels):
        raise ValueError(f"{labels_path}: {len(labels)} labels for {len(images)} images in {images_path.name}")
    if labels.max() >= len(CLASS_NAMES):
        raise ValueError(f"{labels_path}: labels must be below {len(CLASS_NAMES)}, got {labels.max()}")
    return images[..., np.newaxis], labels


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    missing = f"{name} or {name}.gz in {folder}" if folder.is_dir() else f"folder {folder}"
    names = ", ".join(name for pair in _FILE_NAMES.values() for name in pair)
    raise FileNotFoundError(f"no {missing}; needed are {names}, each gzipped or not")


def _load_keras() -> tuple[Split, Split]:
    from keras.datasets import fashion_mnist

    try:
        (x, y), (x_test, y_test) = fashion_mnist.load_data()
    except _UNREADABLE as error:
        raise ValueError(f"Keras' cached copy of Fashion-MNIST is damaged: {error}; delete it") from error
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise OSError(f"Keras could not load Fashion-MNIST: {error}; give a folder that holds it") from error
    return (x[..., np.newaxis], y), (x_test[..., np.newaxis], y_test)


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")


def _parse_idx(stream: io.BufferedIOBase, item_shape: tuple[int, ...]) -> np.ndarray:
    count = _read_count(stream, item_shape)
    size = count * math.prod(item_shape)
    data = stream.read(size + 1)
    if len(data) < size:
        raise ValueError(f"truncated: {size} bytes of data declared, {len(data)} found")
    if len(data) > size:
        raise ValueError(f"trailing bytes after the {size} declared")
    # A copy, since an array over bytes cannot be written to.
    return np.frombuffer(data, np.uint8).reshape(count, *item_shape).copy()


def _read_count(stream: io.BufferedIOBase, item_shape: tuple[int, ...]) -> int:
    fields = struct.Struct(f">{2 + len(item_shape)}I")
    header = stream.read(fields.size)
    if len(header) < fields.size:
        raise ValueError(f"truncated: a header has {fields.size} bytes, {len(header)} found")
    magic, count, *shape = fields.unpack(header)
    if magic != _magic(1 + len(item_shape)):
        raise ValueError(f"magic number must be {_magic(1 + len(item_shape)):#010x}, got {magic:#010x}")
    if tuple(shape) != item_shape:
        raise ValueError(f"items must have the shape {item_shape}, got {tuple(shape)}")
    if not 1 <= count <= _MAX_COUNT:
        raise ValueError(f"the number of items must be from 1 to {_MAX_COUNT}, got {count}")
    return count


def _magic(rank: int) -> int:
    return 0x0800 + rank  # 0x08 is unsigned bytes
