"""Files that are written whole or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DRAFT = ".writing-"


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of the file `path` once the block has ended well.

    The draft has a folder of its own: Keras and matplotlib read the format off the whole name.

    Raises:
        FileNotFoundError: there is no folder to write to.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=path.parent) as folder:
        draft = Path(folder) / path.name
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)


@contextmanager
def ensure_folder(folder: Path) -> Iterator[None]:
    """Makes a folder, with those above it; of what it has made nothing stays that the block leaves empty."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def clear_drafts(folder: Path) -> None:
    """Removes what a killed process had not finished writing."""
    for draft in folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)
