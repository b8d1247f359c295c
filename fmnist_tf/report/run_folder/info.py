"""`Info`: the content of run.json, checked when it is read."""

import json
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

BEST_BY = "val_macro_f1"

_MAX_NAME = 200
_PACKAGES = ("fmnist-tf", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Info:
    """The content of run.json.

    Attributes:
        arguments: those that training was started with; of any model its parameters, optimizer and loss.
        class_names: C names.
        versions: of the packages that the numbers depend on.
        note: what to print beside the intervals of the report, or None.
        num_epochs: how many epochs are recorded.
        best_epoch: the best one by `best_by`, from 0; of the command the one that `model.keras` is of.
        finished: whether nothing is left to do.
        best_by: the key of the score that tells the best epoch.
        dataset: the name of the set that is reported on, and of its rows.
        suspects: a sentence on the training labels that are probably wrong, or None.
    """

    arguments: dict[str, Any]
    class_names: list[str]
    versions: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    num_epochs: int = 0
    best_epoch: int | None = None
    finished: bool = False
    best_by: str = BEST_BY
    dataset: str = "val"
    suspects: str | None = None


def parse_info(content: bytes) -> Info:
    """The info of a file that is not trusted.

    Raises:
        ValueError: it is not what a run writes.
    """
    fields = json.loads(content)
    if not isinstance(fields, dict) or fields.keys() != Info.__dataclass_fields__.keys():
        raise ValueError(f"expected an object with {', '.join(Info.__dataclass_fields__)}")
    info = Info(**fields)
    fine = {
        "arguments": isinstance(info.arguments, dict) and all(map(is_plain_name, info.arguments)),
        "class_names": isinstance(info.class_names, list) and all(map(is_plain_name, info.class_names)),
        "versions": isinstance(info.versions, dict) and all(map(is_plain_name, info.versions)),
        "note": info.note is None or is_plain_name(info.note),
        "num_epochs": _is_count(info.num_epochs),
        "best_epoch": info.best_epoch is None or _is_count(info.best_epoch),
        "finished": isinstance(info.finished, bool),
        "best_by": is_plain_name(info.best_by),
        "dataset": is_plain_name(info.dataset),
        "suspects": info.suspects is None or is_plain_name(info.suspects),
    }
    bad = [name for name, is_fine in fine.items() if not is_fine]
    if bad:
        raise ValueError(f"{bad[0]!r} is not what a run writes")
    return info


def is_plain_name(name: Any) -> bool:
    """Whether this is a class name that may be printed: a line of text without control characters."""
    return isinstance(name, str) and 0 < len(name) <= _MAX_NAME and name.isprintable()


def installed_versions() -> dict[str, str]:
    """The versions of the packages that numbers depend on, of those that are installed."""
    return {name: found for name in _PACKAGES if (found := _version(name))}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0
