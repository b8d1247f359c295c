"""Scores by name: "macro_f1", "recall/3", "worst_recall", and the error text for an unknown name."""

import difflib
import re
from typing import Any

from fmnist_tf.scores.evaluate import SelectedAverage, Selection
from fmnist_tf.scores.table import SCORES

_AVERAGES = ("macro", "micro", "weighted", "worst")
_NAME = re.compile(
    rf"(?:(?P<average>{'|'.join(_AVERAGES)})_)?(?P<score>[a-z0-9_]+?)(?:/(?P<class_id>\d+)|\[(?P<bracketed>\d+)\])?"
)
#: Means with a name in segmentation: they leave out absent classes.
_PRESENT = {
    "mean_iou": Selection(SCORES["jaccard"], "macro", present=True),
    "dice": Selection(SCORES["f1_score"], "auto", present=True),
}
#: Names of other libraries and of everyday speech.
_FOREIGN = {
    "mcc": "matthews_correlation",
    "phi": "matthews_correlation",
    "iou": "jaccard",
    "kappa": "cohen_kappa",
    "acc": "accuracy",
    "tpr": "recall",
    "sensitivity": "recall",
    "fnr": "false_negative_rate",
    "fpr": "false_positive_rate",
    "tnr": "specificity",
    "ppv": "precision",
    "npv": "negative_predictive_value",
    "auc": "auroc",
    "roc_auc": "auroc",
    "roc_auc_ovr": "auroc",
    "roc_auc_ovo": "auroc_ovo",
    "pr_auc": "average_precision",
    "auprc": "average_precision",
    "ap": "average_precision",
    "map": "average_precision",
    "eer": "equal_error_rate",
    "subset_accuracy": "exact_match",
    "f1_macro": "macro_f1",
    "f1_micro": "micro_f1",
    "f1_weighted": "weighted_f1",
}
#: Families of names that counts do not give -> the metric that has them.
_FAMILIES = (
    (re.compile(r"top_(\d+)_(?:categorical_)?accuracy"), "TopKAccuracy(k={})"),
    (re.compile(r"(linear|quadratic)_(?:weighted_)?(?:cohen_)?kappa"), 'CohenKappa(weights="{}")'),
)
#: Scores that counts do not give -> the metric that has them.
_ELSEWHERE = {
    "auroc": 'CurveSet(scores=["auroc"])',
    "auroc_ovo": 'CurveSet(scores=["auroc_ovo"])',
    "average_precision": 'CurveSet(scores=["average_precision"])',
    "equal_error_rate": 'CurveSet(scores=["equal_error_rate"])',
    "log_loss": "LogLoss()",
    "brier_score": "BrierScore()",
    "brier_skill_score": "BrierSkillScore()",
    "d2_log_loss": "D2LogLoss()",
    "calibration_ratio": "CalibrationRatio()",
    "expected_calibration_error": "ExpectedCalibrationError()",
    "maximum_calibration_error": "MaximumCalibrationError()",
    "classwise_calibration_error": "ClasswiseCalibrationError()",
    "exact_match": "ExactMatch()",
    "top_k_accuracy": "TopKAccuracy(k=)",
    "weighted_kappa": 'CohenKappa(weights="quadratic") or with a matrix of weights',
    "fbeta_score": "FBetaScore(beta=), which a ScoreSet takes too",
}


def find_score(name: str) -> Selection:
    """Reads the name of a score: "accuracy", "macro_f1", "weighted_recall", "f1_score/3" for class 3, "worst_recall".

    After an average the ending "_score" may be left out. Without one it is averaged as `average="auto"` says.

    Raises:
        ValueError: no such score, with the nearest name, or the metric that has it.
    """
    if name in _PRESENT:
        return _PRESENT[name]
    parts = split_name(name)
    score = parts and (SCORES.get(parts[0]) or SCORES.get(parts[0] + "_score"))
    if not parts or not score:
        raise ValueError(unknown_name(name))
    if parts[1] == "worst" and score.direction is None:
        raise ValueError(f"{name!r} has no worst class: more of {score.name} is neither better nor worse")
    return Selection(score, *parts[1:])


def split_name(name: str) -> tuple[str, SelectedAverage, int | None] | None:
    """Splits a name into (score, average, class_id): "macro_f1", "f1_score/3"; None if it has no such form."""
    match = _NAME.fullmatch(name)
    class_id = match and (match["class_id"] or match["bracketed"])
    if not match or (match["average"] and class_id):
        return None
    average: Any = match["average"] or "auto"
    return match["score"], average, None if class_id is None else int(class_id)


def canonical_name(name: str) -> str:
    """The name in logs: "recall/3" for "recall[3]"."""
    return re.sub(r"\[(\d+)\]$", r"/\1", name)


def unknown_name(name: str) -> str:
    """The error text for an unknown name: the nearest name, or the metric that has such a score."""
    start = f"unknown score {name!r}; "
    meant = _FOREIGN.get(name.lower(), name.lower())
    ending = re.fullmatch(rf"([a-z0-9_]+)_({'|'.join(_AVERAGES)})", meant)
    meant = f"{ending[2]}_{ending[1]}" if ending else meant
    elsewhere = _ELSEWHERE.get(meant) or _of_family(meant)
    if elsewhere:
        return f"{start}counts do not give it, compile {elsewhere}"
    if meant.startswith("samples_"):
        return f"{start}it needs single rows, compile F1Score(average='samples') and the like beside the set"
    nearest = _nearest(meant)
    if nearest:
        return f"{start}did you mean {nearest!r}?"
    return (
        f"{start}use one of {', '.join(sorted([*SCORES, *_PRESENT]))}, with macro_, micro_, weighted_ or worst_ before "
        "it, or a class id after it, as in f1_score/3"
    )


def _of_family(name: str) -> str | None:
    """The metric of a name such as "top_3_accuracy"."""
    found = ((pattern.fullmatch(name), metric) for pattern, metric in _FAMILIES)
    return next((metric.format(match[1]) for match, metric in found if match), None)


def _nearest(name: str) -> str | None:
    short = [score.removesuffix("_score") for score in SCORES]
    known = [*SCORES, *_PRESENT, *short, *(f"{average}_{score}" for average in _AVERAGES for score in short)]
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.7)), None)
