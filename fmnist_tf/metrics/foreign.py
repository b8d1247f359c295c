"""Arguments of other libraries: errors that give the name in this one, from one table."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

#: An argument of Keras, TensorFlow Addons, torchmetrics or scikit-learn -> ours, the likeliest first.
WORDS: Mapping[str, tuple[str, ...]] = {
    "thresholds": ("threshold", "num_bins"),
    "threshold": ("multi_label",),
    "num_thresholds": ("num_bins", "threshold"),
    "n_bins": ("num_bins",),
    "bins": ("num_bins",),
    "labels": ("target_class_ids", "num_classes"),
    "classes": ("target_class_ids", "num_classes"),
    "target_names": ("num_classes",),
    "num_labels": ("num_classes",),
    "n_classes": ("num_classes",),
    "pos_label": ("class_id",),
    "target_class": ("class_id",),
    "ignore_index": ("ignore_class",),
    "ignored_classes": ("ignore_class",),
    "multilabel": ("multi_label", "threshold"),
    "multi_label": ("threshold",),
    "k": ("top_k",),
    "top_k": ("k",),
    "weightage": ("weights",),
    "weights": ("normalize",),
    "f_beta": ("beta",),
    "logits": ("from_logits",),
    "apply_softmax": ("from_logits",),
    "metrics": ("scores",),
    "names": ("scores",),
    "min_precision": ("precision",),
    "min_recall": ("recall",),
    "min_sensitivity": ("sensitivity",),
    "min_specificity": ("specificity",),
    "prefixes": ("prefix",),
}
#: Arguments without a counterpart -> the remedy.
NO_NEED: Mapping[str, str] = {
    "axis": "classes are always the last axis; transpose y_pred",
    "sparse_y_true": "ids and one-hot labels are told apart by their shape; leave it out",
    "sparse_y_pred": "scores and class ids are told apart by their dtype; leave it out",
    "curve": 'use AUROC for "ROC" and AveragePrecision for "PR"',
    "summation_method": "the bounds of AUROC and AveragePrecision say how exact they are; leave it out",
    "task": "the task follows from shapes and dtypes: threshold=0.5 for multilabel columns; leave it out",
    "validate_args": "arguments are always checked; leave it out",
    "multidim_average": "every sample counts alike; leave it out",
    "mdmc_average": "every sample counts alike; leave it out",
    "sample_weight": "weights are an argument of update_state, or of fit with weighted_metrics=; leave it out",
    "adjusted": "BalancedAccuracy(adjusted=True) is adjusted for chance; leave it out",
    "multi_class": "the histogram takes each class against all others and knows no pairs; leave it out",
    "label_weights": "name one class with class_id=; leave it out",
}
#: The meaning of a first argument of another kind: (kind, ours) in order.
_FIRST: tuple[tuple[type | tuple[type, ...], tuple[str, ...]], ...] = (
    (str, ("average", "normalize", "weights", "scores", "score")),
    ((list, tuple), ("scores", "threshold")),
    (float, ("threshold", "precision", "recall", "sensitivity", "specificity", "beta")),
)
_VARIADIC = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD


def accepted(kind: type) -> tuple[str, ...]:
    """The names of the arguments of a class; a `**` in its constructor stands for the arguments of its base."""
    names: list[str] = []
    for base in [base for base in kind.__mro__ if "__init__" in vars(base)]:
        parameters = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
        names += [parameter.name for parameter in parameters if parameter.kind not in _VARIADIC]
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
            break
    return tuple(dict.fromkeys(names))


def check_arguments(kind: type, args: Iterable[Any], kwargs: Mapping[str, Any]) -> None:
    """Refuses arguments that a class does not have.

    Raises:
        TypeError: with the name that the class has for the first of them.
    """
    names = accepted(kind)
    for argument in kwargs:
        if argument not in names:
            raise TypeError(f"{kind.__name__} got an unexpected argument {argument!r}; {_advice(argument, names)}")
    args = tuple(args)
    if args and args[0] is not None:
        _check_first(kind, args[0], names)
    if len(args) > 1:
        raise TypeError(f"{kind.__name__} takes num_classes alone by position, got {len(args)} values; name the others")


def _advice(argument: str, names: tuple[str, ...]) -> str:
    if argument in NO_NEED:
        return NO_NEED[argument]
    ours = [word for word in WORDS.get(argument, ()) if word in names]
    nearest = ours or difflib.get_close_matches(argument, names, n=1, cutoff=0.6)
    return f"did you mean `{nearest[0]}`?" if nearest else f"it takes {', '.join(names)}"


def _check_first(kind: type, value: Any, names: tuple[str, ...]) -> None:
    """The first argument is the number of classes; a value of another kind was meant for another argument."""
    for kinds, meanings in _FIRST:
        meant = [word for word in meanings if word in names]
        if isinstance(value, kinds) and meant:
            raise TypeError(
                f"the first argument of {kind.__name__} is num_classes, got {value!r}; "
                f"did you mean {kind.__name__}({meant[0]}={value!r})?"
            )
