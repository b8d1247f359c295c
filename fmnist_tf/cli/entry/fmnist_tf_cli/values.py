"""Values of arguments: each function reads one from text, or says in one line what it must be."""

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path


def addresses(text: str) -> list[str]:
    """Two or more different HOST:PORT, separated by commas."""
    addresses = text.split(",")
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 2**16):
            raise argparse.ArgumentTypeError(f"must be HOST:PORT with a port from 1 to 65535, got {address!r}")
    if len(addresses) < 2:
        raise argparse.ArgumentTypeError(f"must be two or more, got {text!r}")
    if len(set(addresses)) < len(addresses):
        raise argparse.ArgumentTypeError(f"must differ, got {text!r}")
    return addresses


def at_least(low: int) -> Callable[[str], int]:
    """A reader of integers from `low` on."""

    def number(text: str) -> int:
        value = integer(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"must be at least {low}, got {value}")
        return value

    return number


def integer(text: str) -> int:
    """An integer."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, got {text!r}") from None


def number(text: str) -> float:
    """A number, nan and infinity included."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def finite(text: str) -> float:
    """A finite number."""
    value = number(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a finite number, got {text}")
    return value


def seconds(text: str) -> float:
    """Seconds, from 1 to a day."""
    value = finite(text)
    if not 1 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"must be from 1 to 86400 seconds, got {text}")
    return value


def seed(text: str) -> int:
    """A seed, from 0 to 2**32 - 1."""
    value = integer(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**32 - 1}, got {value}")
    return value


def share(text: str) -> float:
    """A number between 0 and 1."""
    value = number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1, got {text}")
    return value


def data_source(text: str) -> str:
    """'keras', or the full path of a folder."""
    return text if text == "keras" else str(existing_folder(text).resolve())


def existing_folder(text: str) -> Path:
    """An existing folder."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return Path(text)


def page_file(text: str) -> Path:
    """A file to write."""
    if not text or os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"must be a file to write, got {text!r}")
    return Path(text)


def existing_file(text: str) -> Path:
    """An existing file."""
    if not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def input_path(text: str) -> str:
    """A file, a folder or a glob."""
    if not os.path.exists(text) and not any(sign in text for sign in "*?["):
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return text
