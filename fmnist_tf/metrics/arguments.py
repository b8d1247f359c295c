"""Checks of the arguments of metrics: each returns the value in the form in which the package keeps it."""

import difflib
import math
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

ON_INVALID = ("raise", "skip")


def check_count(name: str, value: Any, least: int = 1) -> int:
    """An integer of at least `least`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"`{name}` must be an integer, got {value!r}")
    if number < least:
        raise ValueError(f"`{name}` must be at least {least}, got {number}")
    return number


def check_optional_count(name: str, value: Any, least: int = 1) -> int | None:
    """None, or an integer of at least `least`."""
    return None if value is None else check_count(name, value, least)


def check_number(name: str, value: Any) -> float:
    """A real number, nan and infinity included."""
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise TypeError(f"`{name}` must be a number, got {value!r}")
    return float(value)


def check_finite(name: str, value: Any, least: float = -math.inf) -> float:
    """A finite number of at least `least`."""
    number = check_number(name, value)
    if not math.isfinite(number) or number < least:
        wanted = "finite" if least == -math.inf else f"finite and at least {least:g}"
        raise ValueError(f"`{name}` must be {wanted}, got {number}")
    return number


def check_share(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    number = check_number(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"`{name}` must be from 0 to 1, got {number}")
    return number


def check_threshold(value: Any) -> float | tuple[float, ...] | None:
    """None, one finite number, or several."""
    if value is None:
        return None
    if not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return check_finite("threshold", value)
    limits = tuple(check_finite("threshold", limit) for limit in value)
    if not limits:
        raise ValueError("`threshold` must hold at least one number, got none")
    return limits


def check_ignore_class(value: Any) -> tuple[int, ...]:
    """No id, one or several; ids may lie outside the classes, as 255 and -1 do."""
    ids = value if isinstance(value, Iterable) else () if value is None else (value,)
    return tuple(check_count("ignore_class", class_id, least=-(2**63)) for class_id in ids)


def check_choice(name: str, value: Any, choices: tuple) -> Any:
    """One of `choices`."""
    if value not in choices:
        words = [repr(choice) if choice is not None else "None" for choice in choices]
        near = difflib.get_close_matches(str(value), [choice for choice in choices if choice], n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"`{name}` must be {', '.join(words[:-1])} or {words[-1]}, got {value!r}{guess}")
    return value


def check_result_dtype(dtype: str) -> None:
    """A float dtype: an integer would cut every score below 1 to 0, and has no NaN."""
    if not tf.as_dtype(dtype).is_floating:
        raise ValueError(f"`dtype` must be a float dtype, got {dtype!r}; it is that of the result, not of the counts")


def check_each(name: str, values: Any, kind: type, what: str) -> list:
    """A list of instances of `kind`."""
    if not isinstance(values, Iterable):
        raise TypeError(f"`{name}` must be a list of {what}, got {values!r}")
    values = list(values)
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"`{name}` must be a list of {what}, got {value!r} in it")
    return values


def check_keys(name: str, values: Any, keys: Iterable[str]) -> None:
    """A dict with exactly these keys."""
    if not isinstance(values, Mapping):
        raise TypeError(f"`{name}` must be a dict, got {type(values).__name__}")
    if values.keys() != set(keys):
        raise ValueError(f"`{name}` must hold {', '.join(keys)}, got {', '.join(map(str, values)) or 'none'}")


def check_counts(name: str, values: np.ndarray) -> None:
    """Checks that all numbers are valid counts."""
    bad = values[~(np.isfinite(values) & (values >= 0))]
    if bad.size:
        raise ValueError(f"`{name}` must hold counts, finite and not negative, got {bad[0]}")


def check_targets(name: str, value: Any) -> tuple[int, ...] | None:
    """None, or the ids of one class or several, each once and in order."""
    if value is None:
        return None
    ids = tuple(value) if isinstance(value, Iterable) else (value,)
    ids = tuple(sorted({check_count(name, class_id, least=0) for class_id in ids}))
    if not ids:
        raise ValueError(f"`{name}` must name at least one class, got none")
    return ids


def check_class_id(class_id: int | None, num_classes: int, name: str = "class_id") -> None:
    """None, or the id of one of the classes."""
    if class_id is not None and class_id >= num_classes:
        raise ValueError(f"`{name}` must be less than the number of classes, {num_classes}, got {class_id}")


def check_class_ids(selections: Mapping[str, Any], num_classes: int) -> None:
    """Refuses scores by name of a class that does not exist; a binary column is a problem of two, no and yes."""
    num_classes = max(num_classes, 2)
    for name, selection in selections.items():
        if selection.class_id is not None and selection.class_id >= num_classes:
            raise ValueError(f"score {name!r} asks for a class that {num_classes} classes do not have")


def check_live(live: Iterable[str] | None, names: Iterable[str]) -> tuple[str, ...]:
    """The names of scores computed at every step: all for None, else some of `names`."""
    names = tuple(names)
    chosen = names if live is None else (live,) if isinstance(live, str) else tuple(live)
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise ValueError(f"`live` must name scores of the set, {', '.join(names)}, got {unknown[0]!r}")
    return chosen


def check_shared(
    name: str,
    options: Iterable[str],
    theirs: Mapping[str, Any],
    ours: Mapping[str, Any],
    usual: Mapping[str, Any],
) -> None:
    """Refuses a score of a set with options that the set would ignore: neither those of the set nor the defaults."""
    for option in options:
        value = theirs.get(option)
        if repr(value) not in (repr(ours.get(option)), repr(usual.get(option))):
            raise ValueError(
                f"`{option}` of {name} is {value!r}, but the set counts with {ours.get(option)!r}; "
                "compile the metric beside the set"
            )


def check_average(value: Any, choices: tuple = ("macro", "micro", "weighted", None)) -> Any:
    """One of the averages."""
    return check_choice("average", value, choices)


def check_probability_threshold(threshold: float | tuple[float, ...] | None) -> None:
    """With from_logits=True thresholds are probabilities."""
    given = () if threshold is None else threshold if isinstance(threshold, tuple) else (threshold,)
    for limit in given:
        if not 0 <= limit <= 1:
            raise ValueError(
                f"`threshold` must be a probability, from 0 to 1, with from_logits=True, got {limit}; "
                "leave from_logits out to compare logits with it as they are"
            )
