"""`fmnist-tf score`: predictions made elsewhere, in any form, give the report of their matrix."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_tf import cli
from fmnist_tf.html import report_page
from fmnist_tf.report import Report


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
    monkeypatch.setattr("fmnist_tf.predictions._NUMBERS_A_PIECE", 21)
    files = write_table(tmp_path / f"true{suffix}", true), write_table(tmp_path / f"pred{suffix}", pred)
    assert cli.main(["score", *files]) == 0
    matrix = sklearn_metrics.confusion_matrix(LABELS, SCORES.argmax(1))
    assert capsys.readouterr().out.strip() == Report(matrix).text().strip()


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
    assert capsys.readouterr().out.strip() == Report(matrix).text().strip()


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
    assert text.strip() == Report(sklearn_metrics.confusion_matrix(true, logits > 0)).text().strip()


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("true", [(SCORES > 0.3).astype(int), LABELS], ids=["columns", "ids"])
def test_with_a_threshold_every_column_is_a_question(true, suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.predictions._NUMBERS_A_PIECE", 21)
    _, text, _ = ask(tmp_path, capsys, true, SCORES, "--threshold", "0.25", suffix=suffix)
    answers = true if true.ndim == 2 else np.eye(3, dtype=int)[true]
    columns = sklearn_metrics.multilabel_confusion_matrix(answers, SCORES > 0.25)
    assert text.strip() == Report(columns).text().strip()


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
    assert page.read_text(encoding="utf-8") == report_page(Report(columns), title="pred.npy")
