"""Published values, one or more for every score, with their sources: they pin each formula from outside.

PUBLISHED is a list of `Published`. A matrix, or the four cells, of a source stand as samples whose weights are the
counts. Labels that a source names are renumbered in its order.
"""

from support.published_entry import Published, cells, classes, column, columns, matrix, one_hot, scores

# Wikipedia's bowel cancer screening of 2030 people: every score of one binary column

BOWEL_CANCER = [
    cells(score, 20, 180, 10, 1820, expected, "Wikipedia, Template:Diagnostic testing example", digits)
    for score, expected, digits in [
        ("prevalence", 0.0148, 4), ("accuracy", 0.9064, 4), ("precision", 0.10, None), ("recall", 0.667, 3),
        ("false_discovery_rate", 0.90, None), ("false_omission_rate", 0.0055, 4), ("specificity", 0.91, None),
        ("negative_predictive_value", 0.9945, 4), ("false_positive_rate", 0.09, None), ("f1_score", 0.174, 3),
        ("positive_likelihood_ratio", 7.41, 2), ("negative_likelihood_ratio", 0.366, 3),
        ("diagnostic_odds_ratio", 20.2, 1), ("false_negative_rate", 0.333, 3),
    ]
]  # fmt: skip


# PyCM's example, printed to the last bit: three classes one-vs-rest, averages, and overall scores

PYCM = "PyCM 4.4, Document, "
PYCM_TRUE, PYCM_PRED = [2, 0, 2, 2, 0, 1, 1, 2, 2, 0, 1, 2], [0, 0, 2, 1, 0, 2, 1, 0, 2, 0, 2, 2]
PYCM_MATRIX = [[3, 0, 0], [0, 1, 2], [2, 1, 3]]

PYCM_CLASSES = [
    classes(score, PYCM_TRUE, PYCM_PRED, expected, f"{PYCM}class_stat[{key!r}]", average=None, **kwargs)
    for score, key, expected, kwargs in [
        ("precision", "PPV", [0.6, 0.5, 0.6], {}),
        ("recall", "TPR", [1.0, 0.3333333333333333, 0.5], {}),
        ("specificity", "TNR", [0.7777777777777778, 0.8888888888888888, 0.6666666666666666], {}),
        ("negative_predictive_value", "NPV", [1.0, 0.8, 0.5714285714285714], {}),
        ("f1_score", "F1", [0.75, 0.4, 0.5454545454545454], {}),
        ("fbeta_score", "F0.5", [0.6521739130434783, 0.45454545454545453, 0.5769230769230769], {"beta": 0.5}),
        ("fbeta_score", "F2", [0.8823529411764706, 0.35714285714285715, 0.5172413793103449], {"beta": 2.0}),
        ("jaccard", "J", [0.6, 0.25, 0.375], {}),
        ("informedness", "BM", [0.7777777777777777, 0.2222222222222221, 0.16666666666666652], {}),
        ("markedness", "MK", [0.6000000000000001, 0.30000000000000004, 0.17142857142857126], {}),
        ("fowlkes_mallows", "G", [0.7745966692414834, 0.408248290463863, 0.5477225575051661], {}),
        ("false_positive_rate", "FPR", [0.2222222222222222, 0.11111111111111116, 0.33333333333333337], {}),
        ("false_negative_rate", "FNR", [0.0, 0.6666666666666667, 0.5], {}),
        ("false_discovery_rate", "FDR", [0.4, 0.5, 0.4], {}),
        ("false_omission_rate", "FOR", [0.0, 0.19999999999999996, 0.4285714285714286], {}),
        ("positive_likelihood_ratio", "PLR", [4.5, 2.9999999999999987, 1.4999999999999998], {}),
        ("negative_likelihood_ratio", "NLR", [0.0, 0.7500000000000001, 0.75], {}),
        ("prevalence", "PRE", [0.25, 0.25, 0.5], {}),
        ("predicted_positive_rate", "TOPR", [0.4166666666666667, 1 / 6, 0.4166666666666667], {}),
    ]
]

PYCM_COLUMNS = [
    columns(score, one_hot(PYCM_TRUE), one_hot(PYCM_PRED), rates, f"{PYCM}class_stat[{key!r}]", average=None)
    for score, key, rates in [
        ("accuracy", "ACC", [0.8333333333333334, 0.75, 0.5833333333333334]),
        ("hamming_loss", "ERR", [0.16666666666666663, 0.25, 0.41666666666666663]),
        ("balanced_accuracy", "AUC", [0.8888888888888888, 0.611111111111111, 0.5833333333333333]),
        ("matthews_correlation", "MCC", [0.6831300510639732, 0.25819888974716115, 0.1690308509457033]),
        ("geometric_mean", "GM", [0.8819171036881969, 0.5443310539518174, 0.5773502691896257]),
    ]
]

PYCM_AVERAGES = [
    classes(score, PYCM_TRUE, PYCM_PRED, expected, f"{PYCM}overall_stat[{key!r}]", **kwargs)
    for score, key, expected, kwargs in [
        ("f1_score", "F1 Macro", 0.5651515151515151, {"average": "macro"}),
        ("f1_score", "F1 Micro", 0.5833333333333334, {"average": "micro"}),
        ("precision", "PPV Macro", 0.5666666666666668, {"average": "macro"}),
        ("recall", "TPR Macro", 0.611111111111111, {"average": "macro"}),
        ("specificity", "TNR Macro", 0.7777777777777777, {"average": "macro"}),
        ("specificity", "TNR Micro", 0.7916666666666666, {"average": "micro"}),
        ("negative_predictive_value", "NPV Macro", 0.7904761904761904, {"average": "macro"}),
        ("negative_predictive_value", "NPV Micro", 0.7916666666666666, {"average": "micro"}),
        ("false_positive_rate", "FPR Macro", 0.22222222222222232, {"average": "macro"}),
        ("false_positive_rate", "FPR Micro", 0.20833333333333337, {"average": "micro"}),
        ("false_negative_rate", "FNR Macro", 0.38888888888888895, {"average": "macro"}),
        ("macro_f1", "F1 Macro", 0.5651515151515151, {}),
        ("micro_f1", "F1 Micro", 0.5833333333333334, {}),
        ("macro_precision", "PPV Macro", 0.5666666666666668, {}),
        ("macro_recall", "TPR Macro", 0.611111111111111, {}),
        ("accuracy", "Overall ACC", 0.5833333333333334, {}),
        ("hamming_loss", "Hamming Loss", 0.41666666666666663, {}),
        ("balanced_accuracy", "TPR Macro", 0.611111111111111, {}),
        ("matthews_correlation", "Overall MCC", 0.36666666666666664, {}),
        ("cohen_kappa", "Kappa", 0.35483870967741943, {}),
    ]
]

PYCM_REST = [
    # x/0 is "None" there and infinite here, so the odds ratio of class 0 is left out.
    *[classes("diagnostic_odds_ratio", PYCM_TRUE, PYCM_PRED, odds, f"{PYCM}class_stat['DOR']", class_id=k)
      for k, odds in [(1, 3.999999999999998), (2, 1.9999999999999998)]],
    classes("confusion_matrix", PYCM_TRUE, PYCM_PRED, PYCM_MATRIX, f"{PYCM}table"),
    classes("confusion_matrix", PYCM_TRUE, PYCM_PRED,
            [[1, 0, 0], [0, 0.33333, 0.66667], [0.33333, 0.16667, 0.5]], f"{PYCM}normalized_table", 5,
            normalize="true"),
    classes("fbeta_score", PYCM_PRED, PYCM_TRUE, [0.6144578313253012, 0.4857142857142857, 0.5930232558139535],
            f"{PYCM}F_beta, transposed", beta=4.0, average=None),
    *[classes(score, PYCM_PRED, PYCM_TRUE, mean, f"{PYCM}weighted_average, transposed", average="weighted")
      for score, mean in [("precision", 0.6805555555555557), ("f1_score", 0.606439393939394)]],
    classes("cohen_kappa", PYCM_PRED, PYCM_TRUE, 0.39130434782608675,
            f"{PYCM}weighted_kappa, transposed", weights="linear"),
    classes("score_set", PYCM_TRUE, PYCM_PRED,
            {"accuracy": 0.5833333333333334, "macro_precision": 0.5666666666666668,
             "macro_recall": 0.611111111111111, "macro_f1": 0.5651515151515151}, f"{PYCM}overall_stat"),
]  # fmt: skip


# scikit-learn: the examples of its user guide and docstrings

TWO_TRUE, TWO_PRED = [0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]
EIGHT_TRUE, EIGHT_PRED = [0, 0, 0, 1, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1]
SETS_TRUE, SETS_PRED = [[0, 1, 1], [1, 1, 0]], [[1, 1, 1], [1, 0, 0]]
SIX_TRUE, SIX_PRED = [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]
CATS_TRUE, CATS_PRED, CATS_MATRIX = [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2], [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
COLUMNS_TRUE, COLUMNS_PRED = [[0, 0, 1], [0, 1, 0], [1, 1, 0]], [[0, 1, 0], [0, 0, 1], [1, 1, 0]]

SCIKIT_LEARN = [
    entry._replace(source=f"scikit-learn, {entry.source}")
    for entry in [
        classes("accuracy", [0, 1, 2, 3], [0, 2, 1, 3], 0.5, "accuracy_score"),
        columns("exact_match", [[0, 1], [1, 1]], [[1, 1], [1, 1]], 0.5, "accuracy_score of label indicators"),
        classes("balanced_accuracy", TWO_TRUE, TWO_PRED, 0.625, "balanced_accuracy_score"),
        column("balanced_accuracy", TWO_TRUE, TWO_PRED, 0.625, "balanced_accuracy_score"),
        classes("cohen_kappa", CATS_TRUE, CATS_PRED, 0.4285714285714286, "cohen_kappa_score"),
        classes("confusion_matrix", CATS_TRUE, CATS_PRED, CATS_MATRIX, "confusion_matrix"),
        column("confusion_matrix", EIGHT_TRUE, EIGHT_PRED, [[2, 1], [2, 3]], "user guide, confusion matrix"),
        classes("confusion_matrix", EIGHT_TRUE, EIGHT_PRED, [[0.25, 0.125], [0.25, 0.375]],
                "user guide, confusion matrix", normalize="all"),
        *[matrix("confusion_matrix", [[2] * 3] * 3, [[share] * 3] * 3, "test_confusion_matrix_normalize", 9,
                 normalize=normalize)
          for normalize, share in [("true", 0.333333333), ("pred", 0.333333333), ("all", 0.1111111111)]],
        columns("multilabel_confusion_matrix", [[1, 0, 1], [0, 1, 0]], [[1, 0, 0], [0, 1, 1]],
                [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[0, 1], [1, 0]]], "multilabel_confusion_matrix"),
        classes("multilabel_confusion_matrix", CATS_TRUE, CATS_PRED,
                [[[3, 1], [0, 2]], [[5, 0], [1, 0]], [[2, 1], [1, 2]]], "multilabel_confusion_matrix"),
        *[columns(score, COLUMNS_TRUE, COLUMNS_PRED, rates, "user guide, multi-label", average=None)
          for score, rates in [("recall", [1, 0.5, 0]), ("specificity", [1, 0, 0.5]),
                               ("false_positive_rate", [0, 1, 0.5]), ("false_negative_rate", [0, 0.5, 1])]],
        classes("score_set", [0, 1, 2, 2, 0], [0, 0, 2, 1, 0],
                {"accuracy": 0.60, "macro_precision": 0.56, "macro_recall": 0.50, "macro_f1": 0.49},
                "classification_report", 2),
        classes("weighted_f1", [0, 1, 2, 2, 0], [0, 0, 2, 1, 0], 0.59, "classification_report", 2),
        classes("hamming_loss", [2, 2, 3, 4], [1, 2, 3, 4], 0.25, "hamming_loss"),
        columns("hamming_loss", [[0, 1], [1, 1]], [[0, 0], [0, 0]], 0.75, "hamming_loss of label indicators"),
        column("precision", [0, 1, 0, 1], [0, 1, 0, 0], 1.0, "user guide, binary"),
        column("recall", [0, 1, 0, 1], [0, 1, 0, 0], 0.5, "user guide, binary"),
        column("f1_score", [0, 1, 0, 1], [0, 1, 0, 0], 0.66, "user guide, binary", 2),
        *[column("fbeta_score", [0, 1, 0, 1], [0, 1, 0, 0], expected, "user guide, binary", 2, beta=beta)
          for beta, expected in [(0.5, 0.83), (2.0, 0.55)]],
        classes("macro_precision", SIX_TRUE, SIX_PRED, 0.22, "user guide, multiclass", 2),
        classes("weighted_f1", SIX_TRUE, SIX_PRED, 0.26, "user guide, multiclass", 2),
        classes("fbeta_score", SIX_TRUE, SIX_PRED, 0.23, "user guide, multiclass", 2, beta=0.5),
        classes("macro_precision", SIX_TRUE, SIX_PRED, 0.166, "user guide, absent class", 3, num_classes=4),
        *[columns("jaccard", SETS_TRUE, SETS_PRED, expected, "jaccard_score", average=average)
          for average, expected in [(None, [0.5, 0.5, 1.0]), ("micro", 0.6)]],
        classes("jaccard", [0, 1, 2, 2], [0, 2, 1, 2], 0.44, "jaccard_score", 2),
        column("matthews_correlation", [1, 1, 1, 0], [1, 0, 1, 1], -0.33, "matthews_corrcoef", 2),
        *[column(score, [0, 1, 0, 1, 0], [1, 1, 0, 0, 0], expected, "class_likelihood_ratios")
          for score, expected in [("positive_likelihood_ratio", 1.5), ("negative_likelihood_ratio", 0.75)]],
        scores("top_k_accuracy", [0, 1, 2, 2], [[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3],
                                                [0.7, 0.2, 0.1]], 0.75, "top_k_accuracy_score", k=2),
    ]
]  # fmt: skip


# TorchMetrics 1.9 and Keras 3: the examples of their docstrings

FOUR_TRUE, FOUR_PRED = [2, 1, 0, 0], [2, 1, 0, 1]
LABELS_TRUE, LABELS_PRED = [[0, 1, 0], [1, 0, 1]], [[0, 0, 1], [1, 0, 1]]
LABELS_SCORES = [[0.11, 0.22, 0.84], [0.73, 0.33, 0.92]]

TORCHMETRICS = [
    entry._replace(source=f"TorchMetrics 1.9, {entry.source}")
    for entry in [
        classes("fbeta_score", FOUR_TRUE, FOUR_PRED, 0.7963, "MulticlassFBetaScore", 4, beta=2.0),
        column("cohen_kappa", [1, 1, 0, 0], [0.35, 0.85, 0.48, 0.01], 0.5, "BinaryCohenKappa", 4),
        columns("accuracy", LABELS_TRUE, LABELS_PRED, 0.6667, "MultilabelAccuracy", 4),
        columns("f1_score", LABELS_TRUE, LABELS_SCORES, 0.5556, "MultilabelF1Score", 4),
        columns("hamming_loss", LABELS_TRUE, LABELS_PRED, 0.3333, "MultilabelHammingDistance", 4),
        columns("matthews_correlation", LABELS_TRUE, LABELS_PRED, 0.3333, "MultilabelMatthewsCorrCoef", 4),
        columns("negative_predictive_value", LABELS_TRUE, LABELS_PRED, [1.0, 0.5, 0.0],
                "MultilabelNegativePredictiveValue; the last is 0/0", average=None),
        columns("exact_match", LABELS_TRUE, LABELS_SCORES, 0.5, "MultilabelExactMatch"),
        Published("exact_match", "dense", [[0, 1, 2, 1, 0, 2], [1, 1, 2, 0, 1, 2]],
                  [[0, 1, 2, 1, 0, 2], [2, 2, 2, 1, 1, 0]], 3, 0.5, "MulticlassExactMatch, in one row"),
        columns("multilabel_confusion_matrix", LABELS_TRUE, LABELS_SCORES,
                [[[1, 0], [0, 1]], [[1, 0], [1, 0]], [[0, 1], [0, 1]]], "MultilabelConfusionMatrix"),
        scores("top_k_accuracy", [0, 1, 2], [[0.1, 0.9, 0.0], [0.3, 0.1, 0.6], [0.2, 0.5, 0.3]], 0.6667,
               "Accuracy(top_k=2)", 4, k=2),
    ]
]  # fmt: skip

KERAS_TRUE = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
KERAS_SCORES = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]

KERAS_CELLS = [
    ("true_positives", "TruePositives", [0, 1, 1, 1], [1, 0, 1, 1]),
    ("false_positives", "FalsePositives", [0, 1, 0, 0], [0, 0, 1, 1]),
    ("true_negatives", "TrueNegatives", [0, 1, 0, 0], [1, 1, 0, 0]),
    ("false_negatives", "FalseNegatives", [0, 1, 1, 1], [0, 1, 0, 0]),
]
KERAS = [
    entry._replace(source=f"Keras 3, {entry.source}")
    for entry in [
        *[column(score, y_true, y_pred, expected, name, weight=weight)
          for score, name, y_true, y_pred in KERAS_CELLS for expected, weight in [(2, None), (1, [0, 0, 1, 0])]],
        classes("accuracy", [1, 2, 3, 4], [0, 2, 3, 4], 0.75, "Accuracy"),
        classes("accuracy", [1, 2, 3, 4], [0, 2, 3, 4], 0.5, "Accuracy", weight=[1, 1, 0, 0]),
        *[classes("mean_iou", [0, 0, 1, 1], [0, 1, 0, 1], expected, "MeanIoU", 6, weight=weight, num_classes=width)
          for expected, weight in [(0.33333334, None), (0.23809525, [0.3, 0.3, 0.3, 0.1])] for width in (2, 5)],
        column("recall", [0, 1, 1, 1], [1, 0, 1, 1], 0.6666667, "Recall", 6),
        columns("fbeta_score", KERAS_TRUE, KERAS_SCORES, [0.3846154, 0.90909094, 0.8333334], "FBetaScore", 6,
                beta=2.0, average=None),
        columns("f1_score", KERAS_TRUE, KERAS_SCORES, [0.5, 0.8, 0.6666667], "F1Score", 6, average=None),
        *[scores("top_k_accuracy", [2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]], expected,
                 "SparseTopKCategoricalAccuracy", weight=weight, k=1)
          for expected, weight in [(0.5, None), (0.3, [0.7, 0.3])]],
    ]
]  # fmt: skip


# Overlap of two sets

OVERLAP = [cells("dice", 1, 3, 3, 0, 0.25, "Wikipedia, Dice-Sorensen coefficient, the bigrams of night and nacht")]


# Agreement of two raters

ANXIETY = [[0, 0, 1, 0, 0], [4, 0, 1, 0, 0], [2, 3, 3, 0, 0], [0, 2, 0, 1, 1], [1, 0, 0, 1, 0]]
ANXIETY_SOURCE = "R irr, kappa2(anxiety[, 2:3]) without its empty level, in statsmodels' test_inter_rater"
SKLEARN, SAS = "scikit-learn, test_cohen_kappa", "SAS printout in statsmodels' test_inter_rater"
COHEN_1968 = "Cohen 1968, Weighted kappa, Psychological Bulletin 70, Table 1, in R psych's cohen.kappa"
ARTSTEIN = "Artstein & Poesio 2008, Inter-coder agreement, Table {}, in scikit-learn's test_cohen_kappa"

AGREEMENT = [
    matrix("cohen_kappa", [[20, 5], [10, 15]], 0.4, "Wikipedia, Cohen's kappa, first example"),
    matrix("cohen_kappa", [[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492, COHEN_1968, digits=3),
    matrix("cohen_kappa", [[20, 20], [10, 50]], 0.348, ARTSTEIN.format(1), digits=3),
    matrix("cohen_kappa", [[46, 0, 0], [6, 32, 6], [0, 0, 10]], 0.8013, ARTSTEIN.format(4), digits=4),
    *[matrix("cohen_kappa", [[46, 0, 0], [4, 40, 0], [0, 0, 10]], kappa, SKLEARN, 4, weights=weights)
      for weights, kappa in [(None, 0.9315), ("linear", 0.9412), ("quadratic", 0.9541)]],
    *[matrix("cohen_kappa", ANXIETY, kappa, ANXIETY_SOURCE, 7, weights=weights)
      for weights, kappa in [(None, -0.006289308), ("linear", 0.1459075), ("quadratic", 0.2520325)]],
    *[matrix("cohen_kappa", [[0, 4, 1], [0, 8, 0], [0, 1, 5]], kappa, SAS, 4, weights=weights)
      for weights, kappa in [(None, 0.4842), ("linear", 0.4701)]],
]  # fmt: skip


# Imbalanced classes, and screening

GARCIA = "Garcia, Mollineda & Sanchez 2009, Index of balanced accuracy, in PyCM 4.4's verified_test"
BEKKAR = "Bekkar et al. 2013, Evaluation measures over imbalanced data sets, in PyCM 4.4's verified_test"
BATUWITA = "Batuwita & Palade 2009, in PyCM 4.4's verified_test"
BALAYLA = "river, PrevalenceThreshold, after Balayla 2020, PLOS ONE 15(10), doi 10.1371/journal.pone.0240215"

IMBALANCE = [
    cells("geometric_mean", 495, 455, 405, 8645, 0.722841614740048, GARCIA),
    cells("accuracy", 495, 455, 405, 8645, 0.914, GARCIA),
    cells("geometric_mean", 828, 182, 72, 8918, 0.9495261976375375, BATUWITA),
    cells("informedness", 12806, 26332, 5484, 299777, 0.6194180158203517, BEKKAR),
    cells("informedness", 13182, 30516, 5108, 295593, 0.627145631592811, BEKKAR),
    cells("positive_likelihood_ratio", 22, 54, 1, 57, 1.966183574879227, "PyCM 4.4, verified_test"),
    cells("negative_likelihood_ratio", 22, 54, 1, 57, 0.08466819221967958, "PyCM 4.4, verified_test"),
    cells("matthews_correlation", 9, 7, 0, 3, 0.41, "PubMed Central, PMC5587785, Table 2", 2),
    matrix("matthews_correlation", [[5, 0, 0], [0, 10, 0], [0, 300, 0]], 0.3012440235352457,
           "Delgado & Nunez-Gonzalez 2018, in PyCM 4.4's verified_test"),
    classes("geometric_mean", [*CATS_TRUE, 1], [*CATS_PRED, 1], 0.6934, "river, GeometricMean", 4),
    classes("geometric_mean", SIX_TRUE, SIX_PRED, 0.0, "imbalanced-learn, geometric_mean_score"),
    classes("geometric_mean", [0, 1, 1, 1, 1, 0], [0, 0, 1, 1, 1, 1], (0.5 * 0.75) ** 0.5,
            "imbalanced-learn, test_geometric_mean_multiclass"),
    columns("geometric_mean", one_hot(SIX_TRUE), one_hot(SIX_PRED), [0.866, 0.0, 0.0],
            "imbalanced-learn, geometric_mean_score", 3, average=None),
    columns("geometric_mean", one_hot(SIX_TRUE), one_hot(SIX_PRED), 0.471,
            "imbalanced-learn, geometric_mean_score", 3, average="micro"),
    classes("specificity", [1, 3, 3, 2], [1, 1, 3, 2], 15 / 16,
            "imbalanced-learn, test_sensitivity_specificity_extra_labels", num_classes=5, average="micro"),
    classes("specificity", [0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 0.90,
            "imbalanced-learn, classification_report_imbalanced", 2, average="weighted"),
    *[column("prevalence_threshold", [0, 0, 0, 1, 1, 1][:rows], [0, 0, 1, 1, 0, 1][:rows], expected, BALAYLA)
      for rows, expected in [(4, 0.36602540378443876), (5, 0.44948974278317827), (6, 0.41421356237309503)]],
]  # fmt: skip


# Trees, costs and decisions

KIRITCHENKO = "Kiritchenko, Matwin and Famili, Functional annotation of genes, 2005, section 4"
GENES = {0: "C", 1: "E", "E": ["B", "C"], "B": "A", "C": "A"}
DECISIONS = [
    *(
        classes(f"hierarchical_{score}", [1], [0], expected, KIRITCHENKO, num_classes=2, parents=GENES)
        for score, expected in [("precision", 1 / 2), ("recall", 1 / 4), ("f1", 1 / 3)]
    ),
    matrix("expected_cost", [[0, 700], [0, 300]], 0.7,
           "Michie, Spiegelhalter and Taylor, 1994: the default rule of the German credit data",
           cost_matrix=[[0, 1], [5, 0]]),
    cells("net_benefit", 24, 91, 81, 554, -0.08933333333333333, "dcurves, net_benefit.csv, family history at 0.5"),
]  # fmt: skip


PUBLISHED = [
    *DECISIONS,
    *BOWEL_CANCER, *PYCM_CLASSES, *PYCM_COLUMNS, *PYCM_AVERAGES, *PYCM_REST,
    *SCIKIT_LEARN, *TORCHMETRICS, *KERAS, *OVERLAP, *AGREEMENT, *IMBALANCE,
]  # fmt: skip
