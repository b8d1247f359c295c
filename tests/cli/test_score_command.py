"""`fmnist-tf score`: predictions made elsewhere, in any form, give the report of their matrix."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_tf import CurveSet, cli
from fmnist_tf.report import Report
from fmnist_tf.report.html import report_page
from support.catalogue import fed


def write_table(path, array):
    if path.suffix == ".npy":
        np.save(path, array)
    else:
        np.savetxt(path, array, delimiter=",", header="a header", comments="")
    return str(path)


LABELS = np.random.default_rng(0).integers(0, 3, 50)
SCORES = np.random.default_rng(1).random((50, 3))


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize(
    "true", [LABELS, LABELS.astype(">i2"), LABELS[:, None].astype("u1"), np.eye(3, dtype=int)[LABELS]]
)
@pytest.mark.parametrize(
    "pred", [SCORES, SCORES.argmax(1), np.eye(3, dtype=bool)[SCORES.argmax(1)], SCORES.astype(">f4")]
)
def test_predictions_in_any_form_give_the_same_report(true, pred, suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files._NUMBERS_A_PIECE", 21)
    files = write_table(tmp_path / f"true{suffix}", true), write_table(tmp_path / f"pred{suffix}", pred)
    assert cli.main(["score", *files]) == 0
    matrix = sklearn_metrics.confusion_matrix(LABELS, SCORES.argmax(1))
    assert predictions(capsys.readouterr().out) == predictions(Report(matrix).text())


def predictions(text):
    """The blocks of a report that follow from answers alone, without those that follow from scores."""
    blocks = text.strip().split("\n\n")
    return [block for block in blocks if not block.startswith(("at all thresholds", "Bounds:", "Other thresholds"))]


def auroc_bounds(text):
    """The bounds of macro AUROC, close enough to say something."""
    low, high = (float(word) for word in text.split("macro AUROC")[1].split()[3:6:2])
    assert high - low < 0.02
    return low, high


def test_names_are_used_and_may_name_classes_that_do_not_occur(tmp_path, capsys):
    (tmp_path / "names.txt").write_text("cat\ndog\nT-shirt/top\n\nnobody\n")
    file = write_table(tmp_path / "ids.npy", LABELS)
    assert cli.main(["score", file, file, "--classes", str(tmp_path / "names.txt")]) == 0
    output = capsys.readouterr().out
    assert "T-shirt/top" in output
    assert "nobody" in output


def test_one_column_of_scores_is_a_yes_no_question(tmp_path, capsys):
    files = [write_table(tmp_path / f"{name}.npy", array) for name, array in (("t", LABELS > 0), ("p", SCORES[:, 0]))]
    assert cli.main(["score", *files]) == 0
    matrix = sklearn_metrics.confusion_matrix(LABELS > 0, SCORES[:, 0] > 0.5)
    assert predictions(capsys.readouterr().out) == predictions(Report(matrix).text())


def ask(tmp_path, capsys, true, pred, *options, suffix=".npy"):
    """Exit status, output and errors of `fmnist-tf score` on two arrays."""
    files = [write_table(tmp_path / f"{name}{suffix}", array) for name, array in (("true", true), ("pred", pred))]
    status = cli.main(["score", *files, *options])
    return status, *capsys.readouterr()


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_a_threshold_of_ones_own_asks_one_question(suffix, shape, tmp_path, capsys):
    true, logits = (LABELS > 0).astype(int), np.log(SCORES[:, 0] / (1 - SCORES[:, 0]))
    _, text, _ = ask(tmp_path, capsys, true, logits.reshape(shape), "--threshold", "0", suffix=suffix)
    shown, *note = predictions(text)[-1].split("\nNote: ")
    assert [*predictions(text)[:-1], shown] == predictions(
        Report(sklearn_metrics.confusion_matrix(true, logits > 0)).text()
    )
    assert note[0].startswith("some scores lie outside 0 to 1")


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("true", [(SCORES > 0.3).astype(int), LABELS], ids=["columns", "ids"])
def test_with_a_threshold_every_column_is_a_question(true, suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files._NUMBERS_A_PIECE", 21)
    _, text, _ = ask(tmp_path, capsys, true, SCORES, "--threshold", "0.25", suffix=suffix)
    columns = true if true.ndim == 2 else np.eye(3, dtype=int)[true]
    matrices = sklearn_metrics.multilabel_confusion_matrix(columns, SCORES > 0.25)
    assert predictions(text) == predictions(Report(matrices).text())
    low, high = auroc_bounds(text)
    assert low <= sklearn_metrics.roc_auc_score(columns, SCORES) <= high


def test_bad_rows_are_told_with_their_number_and_kind(tmp_path, capsys):
    true, pred = LABELS.copy(), SCORES.copy()
    true[:2], pred[5:8, 1] = [-1, 3], np.nan
    status, _, error = ask(tmp_path, capsys, true, pred)
    assert status == 2
    assert "pred.npy: 5 rows could not be counted (2 x label outside the classes, 3 x NaN score;" in error
    assert "allowed are classes 0 to 2); mend the files" in error


def test_bad_answers_are_told_with_their_number_and_kind(tmp_path, capsys):
    true, pred = (SCORES > 0.3).astype(float), SCORES.copy()
    true[0, :2], pred[5:8, 1] = [2, 0.5], np.nan
    status, _, error = ask(tmp_path, capsys, true, pred, "--threshold", "0.5")
    assert status == 2
    assert "5 answers could not be counted (" in error
    assert "3 x NaN score; allowed are 0 and 1)" in error


def test_class_ids_stored_as_floats_are_told_from_scores(tmp_path, capsys):
    _, _, error = ask(tmp_path, capsys, LABELS, LABELS.astype(float))
    assert "class ids must be integers" in error


@pytest.mark.parametrize("names", ["cat", "cat\ndog\nbird\nfish"])
def test_names_of_columns_must_be_as_many(names, tmp_path, capsys):
    (tmp_path / "names.txt").write_text(names)
    options = ["--threshold", "0.5", "--classes", str(tmp_path / "names.txt")]
    status, _, error = ask(tmp_path, capsys, SCORES > 0.3, SCORES, *options)
    assert (status, "class names for 3 columns" in error) == (2, True)


def test_predictions_have_a_page_too(tmp_path, capsys):
    page = tmp_path / "page.html"
    status, text, _ = ask(tmp_path, capsys, SCORES > 0.3, SCORES, "--threshold", "0.5", "--html", str(page))
    assert (status, text) == (0, f"The page is {page}\n")
    columns = sklearn_metrics.multilabel_confusion_matrix(SCORES > 0.3, SCORES > 0.5)
    curves = fed(CurveSet(multi_label=True), SCORES > 0.3, SCORES)
    assert page.read_text(encoding="utf-8") == report_page(Report(columns, curves=curves), title="pred.npy")


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_declared_logits_give_the_curves_of_their_probabilities(suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files._NUMBERS_A_PIECE", 21)
    logits = 8 * SCORES - 4
    _, text, _ = ask(tmp_path, capsys, LABELS, logits, "--from-logits", suffix=suffix)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    low, high = auroc_bounds(text)
    assert low <= sklearn_metrics.roc_auc_score(LABELS, p, multi_class="ovr", average="macro") <= high


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_of_one_column_of_logits_yes_is_above_zero(suffix, tmp_path, capsys):
    _, text, _ = ask(tmp_path, capsys, LABELS > 0, 8 * SCORES[:, 0] - 4, "--from-logits", suffix=suffix)
    matrix = sklearn_metrics.confusion_matrix(LABELS > 0, SCORES[:, 0] > 0.5)
    assert predictions(text) == predictions(Report(matrix).text())


def test_class_ids_cannot_be_declared_logits(tmp_path, capsys):
    status, _, error = ask(tmp_path, capsys, LABELS, LABELS, "--from-logits")
    assert (status, "pred.npy holds no logits but integers; leave out --from-logits" in error) == (2, True)


def test_one_hot_integers_have_no_curves(tmp_path, capsys):
    _, text, _ = ask(tmp_path, capsys, LABELS, np.eye(3, dtype=int)[LABELS])
    assert "at all thresholds" not in text
