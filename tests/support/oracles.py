"""Oracles: every score from its definition, in plain Python over samples, sharing nothing with the package.

A sample is (true, pred, weight). Counts are exact fractions, a ratio is rounded once, a root is taken to 60
digits first: an oracle is right to the last bit or two. 0/0 is None until `divide` gives it a value, x/0 is infinite.

    ORACLES[score](cells, **options)                        one binary problem: a column, or a class one-vs-rest
    OVERALL[score](samples, num_classes, **options)         the overall score of a multiclass problem
    score_classes(score, y_true, y_pred, num_classes, ...)  the result of a metric of a multiclass problem
    score_columns(score, y_true, y_pred, ...)               the result of a metric of binary columns
    exact_match, top_k_accuracy, confusion_matrix, multilabel_confusion_matrix
"""

import math
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import product

from support.oracle_cells import class_cells, column_cells, matrix_of, no_and_yes, pool, samples, transposed

PRESETS = {
    "macro_f1": ("f1_score", "macro"),
    "micro_f1": ("f1_score", "micro"),
    "weighted_f1": ("f1_score", "weighted"),
    "macro_precision": ("precision", "macro"),
    "macro_recall": ("recall", "macro"),
    "mean_iou": ("jaccard", "macro"),
    "dice": ("f1_score", "auto"),
}


# Arithmetic


def ratio(numerator, denominator):
    """numerator / denominator rounded once; None for 0/0, infinity for x/0."""
    if denominator:
        return float(Fraction(numerator) / Fraction(denominator))
    return math.inf if numerator else None


def sum_less_one(a, b, c, d):
    """a/b + c/d - 1 as one fraction, (numerator, denominator)."""
    return a * d + c * b - b * d, b * d


def root(numerator, denominator=1, degree=2):
    """The root of numerator / denominator, taken to 60 digits; None for 0/0, infinity for x/0."""
    if not denominator:
        return ratio(numerator, denominator)
    square = Fraction(numerator) / Fraction(denominator)
    with localcontext(Context(prec=60)):
        return float((Decimal(square.numerator) / Decimal(square.denominator)) ** (Decimal(1) / degree))


# One binary problem: the scores that are one fraction of the four cells, as (numerator, denominator)

FRACTIONS = {
    "true_positives": lambda c: (c.tp, 1),
    "false_positives": lambda c: (c.fp, 1),
    "true_negatives": lambda c: (c.tn, 1),
    "false_negatives": lambda c: (c.fn, 1),
    "precision": lambda c: (c.tp, c.tp + c.fp),  # share of the predicted yes that is true
    "recall": lambda c: (c.tp, c.tp + c.fn),  # share of the true yes that is found
    "specificity": lambda c: (c.tn, c.tn + c.fp),  # share of the true no that is found
    "negative_predictive_value": lambda c: (c.tn, c.tn + c.fn),  # share of the predicted no that is true
    "f1_score": lambda c: (2 * c.tp, 2 * c.tp + c.fp + c.fn),  # harmonic mean of precision and recall
    "jaccard": lambda c: (c.tp, c.tp + c.fp + c.fn),  # intersection over union
    "false_positive_rate": lambda c: (c.fp, c.fp + c.tn),  # 1 - specificity
    "false_negative_rate": lambda c: (c.fn, c.fn + c.tp),  # 1 - recall
    "false_discovery_rate": lambda c: (c.fp, c.fp + c.tp),  # 1 - precision
    "false_omission_rate": lambda c: (c.fn, c.fn + c.tn),  # 1 - negative predictive value
    "positive_likelihood_ratio": lambda c: (c.tp * (c.fp + c.tn), (c.tp + c.fn) * c.fp),  # TPR / FPR
    "negative_likelihood_ratio": lambda c: (c.fn * (c.fp + c.tn), (c.tp + c.fn) * c.tn),  # FNR / TNR
    "diagnostic_odds_ratio": lambda c: (c.tp * c.tn, c.fp * c.fn),  # the ratio of the two likelihood ratios
    "prevalence": lambda c: (c.tp + c.fn, sum(c)),  # share of all that is yes
    "predicted_positive_rate": lambda c: (c.tp + c.fp, sum(c)),  # share of all that is predicted yes
    "accuracy": lambda c: (c.tp + c.tn, sum(c)),  # share of all that is right
    "hamming_loss": lambda c: (c.fp + c.fn, sum(c)),  # share of all that is wrong
    "informedness": lambda c: sum_less_one(c.tp, c.tp + c.fn, c.tn, c.tn + c.fp),  # TPR + TNR - 1
    "markedness": lambda c: sum_less_one(c.tp, c.tp + c.fp, c.tn, c.tn + c.fn),  # PPV + NPV - 1
}


# One binary problem: the other scores


def fbeta_score(c, beta=1):
    """van Rijsbergen's F: (1 + b^2) tp / ((1 + b^2) tp + b^2 fn + fp)."""
    square = Fraction(beta) ** 2
    return ratio((1 + square) * c.tp, (1 + square) * c.tp + square * c.fn + c.fp)


def fowlkes_mallows(c):
    """Geometric mean of precision and recall: sqrt(tp^2 / ((tp + fp)(tp + fn)))."""
    return root(c.tp * c.tp, (c.tp + c.fp) * (c.tp + c.fn))


def prevalence_threshold(c):
    """sqrt(FPR) / (sqrt(TPR) + sqrt(FPR)), each rate times positives x negatives."""
    true_root, false_root = root(c.tp * (c.fp + c.tn)), root(c.fp * (c.tp + c.fn))
    return ratio(Fraction(false_root), Fraction(true_root) + Fraction(false_root))


def balanced_accuracy(c):
    """Mean of recall and specificity, or the one of them whose side occurs."""
    sides = [(c.tp, c.tp + c.fn), (c.tn, c.tn + c.fp)]
    rates = [hits / support for hits, support in sides if support]
    return ratio(sum(rates), len(rates))


def adjusted_balanced_accuracy(c):
    """Twice balanced accuracy less 1, of two sides that occur."""
    both = c.tp + c.fn and c.tn + c.fp
    return ratio(*sum_less_one(c.tp, c.tp + c.fn, c.tn, c.tn + c.fp)) if both else None


def matthews_correlation(c):
    """Matthews' phi: (tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn))."""
    covariance = c.tp * c.tn - c.fp * c.fn
    return signed_root(covariance, (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn))


def cohen_kappa(c, weights=None):
    """(observed - expected agreement) / (1 - expected), both times total^2; weights change nothing here."""
    observed = (c.tp + c.tn) * sum(c)
    expected = (c.tp + c.fn) * (c.tp + c.fp) + (c.tn + c.fp) * (c.tn + c.fn)
    return ratio(observed - expected, sum(c) ** 2 - expected)


def geometric_mean(c):
    """sqrt(recall x specificity); undefined if either is 0/0."""
    return root(c.tp * c.tn, (c.tp + c.fn) * (c.tn + c.fp))


def signed_root(numerator, square):
    """numerator / sqrt(square); None for 0/0."""
    value = root(numerator * numerator, square)
    return value if value is None else math.copysign(value, numerator)


ORACLES = {score: lambda c, fraction=fraction: ratio(*fraction(c)) for score, fraction in FRACTIONS.items()}
for oracle in (fbeta_score, fowlkes_mallows, prevalence_threshold, balanced_accuracy, adjusted_balanced_accuracy,
               matthews_correlation, cohen_kappa, geometric_mean):  # fmt: skip
    ORACLES[oracle.__name__] = oracle


# Overall scores of a multiclass problem


def recalls_that_occur(rows, num_classes):
    """The recall of each class that occurs among the true labels."""
    matrix = matrix_of(rows, num_classes)
    return [row[class_id] / sum(row) for class_id, row in enumerate(matrix) if sum(row)]


def share(rows, is_hit):
    """The weight of the samples that are hits over that of all."""
    return ratio(sum(row.weight for row in rows if is_hit(row)), sum(row.weight for row in rows))


def accuracy_of_classes(rows, num_classes):
    """Share of the samples whose class is right."""
    return share(rows, lambda row: row.true == row.pred)


def hamming_loss_of_classes(rows, num_classes):
    """Share of the samples whose class is wrong."""
    return share(rows, lambda row: row.true != row.pred)


def balanced_accuracy_of_classes(rows, num_classes):
    """Mean recall of the classes that occur."""
    recalls = recalls_that_occur(rows, num_classes)
    return ratio(sum(recalls), len(recalls))


def adjusted_balanced_accuracy_of_classes(rows, num_classes):
    """(b - 1/n) / (1 - 1/n) with the mean b of the recalls of the n classes that occur."""
    recalls = recalls_that_occur(rows, num_classes)
    if len(recalls) < 2:
        return None
    chance = Fraction(1, len(recalls))
    return ratio(Fraction(sum(recalls), len(recalls)) - chance, 1 - chance)


def geometric_mean_of_classes(rows, num_classes):
    """The n-th root of the product of the recalls of the n classes that occur."""
    recalls = recalls_that_occur(rows, num_classes)
    return root(math.prod(recalls), degree=len(recalls)) if recalls else None


def matthews_correlation_of_classes(rows, num_classes):
    """Gorodkin's R_K: sum over k, i, j of C_kk C_ij - C_ki C_jk, over the root of the two variances."""
    matrix = matrix_of(rows, num_classes)
    triples = product(range(num_classes), repeat=3)
    covariance = sum(matrix[k][k] * matrix[i][j] - matrix[k][i] * matrix[j][k] for k, i, j in triples)
    return signed_root(covariance, variance_of(matrix) * variance_of(transposed(matrix)))


def variance_of(matrix):
    """Sum over k of (sum of row k) x (sum of all other rows)."""
    totals = [sum(row) for row in matrix]
    return sum(total * sum(totals[:k] + totals[k + 1 :]) for k, total in enumerate(totals))


def cohen_kappa_of_classes(rows, num_classes, weights=None):
    """1 - observed / expected disagreement; a disagreement weighs 1, |i - j|, (i - j)^2, or the entry of a matrix."""
    matrix = matrix_of(rows, num_classes)
    cost = {(i, j): _disagreement(weights, i, j) for i, j in product(range(num_classes), repeat=2)}
    of_row, of_column = [sum(row) for row in matrix], [sum(column) for column in transposed(matrix)]
    observed = sum(weight * matrix[i][j] for (i, j), weight in cost.items()) * sum(of_row)
    expected = sum(weight * of_row[i] * of_column[j] for (i, j), weight in cost.items())
    return ratio(expected - observed, expected)


def _disagreement(weights, i, j):
    if isinstance(weights, list):
        return Fraction(weights[i][j])
    return (i != j) * abs(i - j) ** {None: 0, "linear": 1, "quadratic": 2}[weights]


OVERALL = {
    "accuracy": accuracy_of_classes,
    "hamming_loss": hamming_loss_of_classes,
    "balanced_accuracy": balanced_accuracy_of_classes,
    "adjusted_balanced_accuracy": adjusted_balanced_accuracy_of_classes,
    "geometric_mean": geometric_mean_of_classes,
    "matthews_correlation": matthews_correlation_of_classes,
    "cohen_kappa": cohen_kappa_of_classes,
}


# Averages

POOLED = ("accuracy", "hamming_loss", "true_positives", "false_positives", "true_negatives", "false_negatives")


def macro(values, zero_division=0.0):
    """The mean over all classes; None counts as zero_division, NaN is left out; of nothing it is NaN."""
    return weighted(values, [1] * len(values), zero_division, nothing=math.nan)


def weighted(values, weights, zero_division=0.0, nothing=None):
    """The mean by weight; values of weight 0 are left out, even infinity; zero_division if none is left."""
    pairs = zip([divide(value, zero_division) for value in values], weights, strict=True)
    kept = [(value, weight) for value, weight in pairs if weight and not math.isnan(value)]
    if not kept:
        return zero_division if nothing is None else nothing
    if any(math.isinf(value) for value, _ in kept):
        return math.inf
    return float(sum(Fraction(value) * weight for value, weight in kept) / sum(weight for _, weight in kept))


def divide(value, zero_division):
    """The value, or zero_division for None."""
    return zero_division if value is None else value


def average_of(score, one_vs_rest_tables, average="auto", class_id=None, zero_division=0.0, **options):
    """One score, or preset, of several binary problems: "macro", "micro" or "weighted", a list, or one class.

    "auto" is their mean, of a single problem its value, and of the scores in POOLED that of all entries. A
    single problem with another average, or with a class, has two classes, no and yes.
    """
    score, average = PRESETS.get(score, (score, average))
    oracle = ORACLES[score]
    if len(one_vs_rest_tables) == 1 and (average != "auto" or class_id is not None):
        one_vs_rest_tables = no_and_yes(one_vs_rest_tables[0])
    if average == "auto":
        average = "micro" if score in POOLED else "macro"
    if average == "micro" and class_id is None:
        return divide(oracle(pool(one_vs_rest_tables), **options), zero_division)
    values = [oracle(table, **options) for table in one_vs_rest_tables]
    if class_id is not None:
        return divide(values[class_id], zero_division)
    if average is None:
        return [divide(value, zero_division) for value in values]
    supports = [table.tp + table.fn for table in one_vs_rest_tables]
    return macro(values, zero_division) if average == "macro" else weighted(values, supports, zero_division)


# The result of a metric


def score_classes(score, y_true, y_pred, num_classes, sample_weight=None, *, zero_division=0.0, **options):
    """The score, or preset, of a multiclass problem from two lists of class ids."""
    if score in OVERALL:
        overall = OVERALL[score](samples(y_true, y_pred, sample_weight), num_classes, **options)
        return divide(overall, zero_division)
    one_vs_rest_tables = class_cells(y_true, y_pred, num_classes, sample_weight)
    return average_of(score, one_vs_rest_tables, zero_division=zero_division, **options)


def score_columns(score, y_true, y_pred, sample_weight=None, *, threshold=0.5, **options):
    """The score, or preset, of binary columns from rows of labels and rows of predictions or scores."""
    return average_of(score, column_cells(y_true, y_pred, sample_weight, threshold), **options)


# Scores of rows, and matrices


def exact_match(y_true, y_pred, sample_weight=None, zero_division=0.0):
    """Share of the rows whose labels are all right; leave ignored labels out of both arguments."""
    rows = samples(y_true, y_pred, sample_weight)
    return divide(share(rows, lambda row: list(row.true) == list(row.pred)), zero_division)


def top_k_yes(scores, k):
    """Yes for the k largest scores of a row; of equal ones the lower index comes first."""
    ranked = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    return [index in ranked[:k] for index in range(len(scores))]


def top_k_accuracy(y_true, y_pred, k, sample_weight=None, zero_division=0.0):
    """Share of the rows whose class is among the k largest scores."""
    rows = samples(y_true, y_pred, sample_weight)
    return divide(share(rows, lambda row: top_k_yes(row.pred, k)[row.true]), zero_division)


def confusion_matrix(y_true, y_pred, num_classes, sample_weight=None, *, normalize=None, zero_division=0.0):
    """Rows are true classes; shares of the row ("true"), of the column ("pred") or of all ("all")."""
    matrix = matrix_of(samples(y_true, y_pred, sample_weight), num_classes)
    of_row, of_column = [sum(row) for row in matrix], [sum(column) for column in transposed(matrix)]
    overall = {None: lambda i, j: 1, "true": lambda i, j: of_row[i], "pred": lambda i, j: of_column[j],
             "all": lambda i, j: sum(of_row)}  # fmt: skip
    return [
        [divide(ratio(entry, overall[normalize](i, j)), zero_division) for j, entry in enumerate(row)]
        for i, row in enumerate(matrix)
    ]


def multilabel_confusion_matrix(one_vs_rest_tables):
    """[[tn, fp], [fn, tp]] of each column, or of each class against the rest."""
    return [[[float(c.tn), float(c.fp)], [float(c.fn), float(c.tp)]] for c in one_vs_rest_tables]
