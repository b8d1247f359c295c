"""A folder that one process at a time writes to."""

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

LOCK = ".lock"
_CANNOT_LOCK = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Holds the folder for this process until the block ends.

    The lock is one of the kernel (flock): it ends with the process, also if that is killed, so that a file it leaves
    blocks no other process. If the file system has no locks, a line on stderr says so, and the block runs without.

    Raises:
        ValueError: another process holds it; the message says which, and since when.
        OSError: the folder cannot be written to.
    """
    file = _take(folder / LOCK)
    if file is None:
        print(f"fmnist-tf: {folder} cannot be locked here; start no second training in it", file=sys.stderr)
        yield
        return
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        os.close(file)


def _take(path: Path) -> int | None:
    """The locked file, with the holder's name in it; None where there are no locks."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            locked = _lock(file, path)
        except BaseException:
            os.close(file)
            raise
        if locked and not _is_still(file, path):  # its holder has removed it meanwhile
            os.close(file)
            continue
        if not locked:
            os.close(file)
            path.unlink(missing_ok=True)
            return None
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        os.ftruncate(file, 0)
        os.write(file, json.dumps(holder).encode())
        return file


def _lock(file: int, path: Path) -> bool:
    """Whether the file could be locked; ValueError if another process holds the lock."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path.parent} is in use by {_describe(file)}; wait for it, or give another --out") from None
    except OSError as error:
        if error.errno in _CANNOT_LOCK:
            return False
        raise
    return True


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _describe(file: int) -> str:
    """The holder, as it is written in the file."""
    try:
        holder = json.loads(os.pread(file, 1000, 0))
        return f"process {int(holder['pid'])} on {holder['host']}, started {holder['since']}"
    except (ValueError, KeyError, TypeError):  # it has only just begun
        return "another process"
