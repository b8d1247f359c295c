"""Files that are written whole or not at all."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DRAFT = ".writing-"


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A path to write to; the result replaces the file `path` once the block has ended without an error.

    An existing file keeps its mode, and a symbolic link stays: its target is replaced. If `path` is not a regular file,
    such as a pipe or a device, the whole content is written to it once it is complete.

    The draft is in a separate folder: Keras and matplotlib take the format from the whole name.

    Raises:
        FileNotFoundError: there is no folder to write to.
        PermissionError: the folder cannot be written to.
    """
    if path.exists() and not path.is_file():
        with tempfile.TemporaryDirectory(prefix=_DRAFT) as folder:
            draft = Path(folder) / path.name
            yield draft
            _write_through(draft, path)
        return
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    with _draft_folder(target) as folder:
        draft = Path(folder) / path.name
        yield draft
        if target.exists():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        _sync(draft)
        os.replace(draft, target)


def _draft_folder(target: Path) -> tempfile.TemporaryDirectory:
    try:
        return tempfile.TemporaryDirectory(prefix=_DRAFT, dir=target.parent)
    except OSError as error:  # names the draft, which the user has never heard of
        raise OSError(error.errno, error.strerror, str(target)) from error


def _write_through(draft: Path, path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with draft.open("rb") as content, path.open("wb") as special:
        shutil.copyfileobj(content, special)


def _sync(draft: Path) -> None:
    file = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def ensure_folder(folder: Path) -> Iterator[None]:
    """Makes a folder and its parents; those it has made are removed again if the block leaves them empty."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def clear_drafts(folder: Path) -> None:
    """Removes the unfinished files of a killed process."""
    for draft in folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)
