"""JSON without NaN and infinity, which it does not know."""

import json
import math
from collections.abc import Mapping
from typing import Any


def to_null(value: Any) -> Any:
    """The same tree with None in place of NaN and infinity, which JSON does not know."""
    if isinstance(value, Mapping):
        return {key: to_null(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_null(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def to_json(value: Any) -> str:
    """Indented JSON of a tree of plain values, NaN and infinity as null."""
    return json.dumps(to_null(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
