"""`fmnist-tf score`: predictions made elsewhere, in any form, give the report of their matrix."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_tf import CurveSet, cli
from fmnist_tf.files import to_null
from fmnist_tf.report import Report
from fmnist_tf.report.html import report_page
from support.catalogue import fed

LABELS = np.random.default_rng(0).integers(0, 3, 50)
SCORES = np.random.default_rng(1).dirichlet([1, 1, 1], 50)
CHOSEN = SCORES.argmax(1)
MATRIX = sklearn_metrics.confusion_matrix(LABELS, CHOSEN)
NAMES = np.array(["cat", "dog", "eel"])


def write_table(path, array):
    """Writes .npy, or .csv with the names 0, 1, ... as pandas heads columns."""
    if path.suffix == ".npy":
        np.save(path, array)
    else:
        names = ",".join(map(str, range(array.reshape(len(array), -1).shape[1])))
        np.savetxt(path, array, delimiter=",", header=names if "," in names else "label", comments="")
    return str(path)


def score(capsys, *arguments):
    """Exit status, the report as a dict, and stderr."""
    status = cli.main(["score", *map(str, arguments), "--format", "json"])
    out, err = capsys.readouterr()
    return SimpleNamespace(status=status, report=json.loads(out) if out else {}, err=err)


def ask(tmp_path, capsys, true, pred, *options, suffix=".npy"):
    """The output of `score` for two arrays."""
    files = [write_table(tmp_path / f"{name}{suffix}", array) for name, array in (("true", true), ("pred", pred))]
    return score(capsys, *files, *options)


def assert_is(found, matrix, names=None):
    """The command's report is that of a matrix, its curves apart."""
    assert found.status == 0, found.err
    expected = json.loads(json.dumps(to_null(Report(matrix, names).to_dict())))
    assert {key: found.report[key] for key in expected} == expected


def bounds_of_auroc(found):
    """The bounds of macro AUROC, close enough to say something."""
    low, high = found.report["curves"]["macro"]["auroc"]["bounds"]
    assert high - low < 0.02
    return low, high


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("true", [LABELS, LABELS.astype(">i2"), LABELS[:, None].astype("u1"), np.eye(3)[LABELS]])
@pytest.mark.parametrize("pred", [SCORES, CHOSEN, np.eye(3, dtype=bool)[CHOSEN], SCORES.astype(">f4")])
def test_predictions_in_any_form_give_the_same_report(true, pred, suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files.options.NUMBERS_A_PIECE", 21)
    assert_is(ask(tmp_path, capsys, true, pred, suffix=suffix), MATRIX)


def test_names_are_used_and_may_name_classes_that_do_not_occur(tmp_path, capsys):
    (tmp_path / "names.txt").write_text("cat\ndog\nT-shirt/top\n\nnobody\n")
    found = ask(tmp_path, capsys, LABELS, LABELS, "--classes", tmp_path / "names.txt")
    assert list(found.report["classes"]) == ["cat", "dog", "T-shirt/top", "nobody"]


def test_one_column_of_scores_is_a_yes_no_question(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS > 0, SCORES[:, 0])
    assert_is(found, sklearn_metrics.confusion_matrix(LABELS > 0, SCORES[:, 0] > 0.5), ["False", "True"])
    assert "scores above 0.5 are True" in found.err


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_a_threshold_of_logits_asks_one_question(suffix, shape, tmp_path, capsys):
    true, logits = (LABELS > 0).astype(int), np.log(SCORES[:, 0] / (1 - SCORES[:, 0]))
    found = ask(tmp_path, capsys, true, logits.reshape(shape), "--threshold", "0", suffix=suffix)
    assert_is(found, sklearn_metrics.confusion_matrix(true, logits > 0))
    assert "some scores lie outside 0 to 1" in found.err


def test_a_threshold_of_declared_logits_is_a_probability(tmp_path, capsys):
    logits = np.log(SCORES[:, 0] / (1 - SCORES[:, 0]))
    found = ask(tmp_path, capsys, LABELS, logits, "--threshold", "0.2", "--from-logits")
    assert found.status == 2  # labels 2
    found = ask(tmp_path, capsys, (LABELS > 0).astype(int), logits, "--threshold", "0.2", "--from-logits")
    assert_is(found, sklearn_metrics.confusion_matrix(LABELS > 0, SCORES[:, 0] > 0.2))


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("true", [(SCORES > 0.3).astype(int), LABELS], ids=["columns", "ids"])
def test_with_a_threshold_every_column_is_a_question(true, suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files.options.NUMBERS_A_PIECE", 21)
    found = ask(tmp_path, capsys, true, SCORES, "--threshold", "0.25", suffix=suffix)
    columns = true if true.ndim == 2 else np.eye(3, dtype=int)[true]
    assert_is(found, sklearn_metrics.multilabel_confusion_matrix(columns, SCORES > 0.25))
    low, high = bounds_of_auroc(found)
    assert low <= sklearn_metrics.roc_auc_score(columns, SCORES) <= high


def test_invalid_rows_are_told_with_their_number_and_kind(tmp_path, capsys):
    true, pred = LABELS.copy(), SCORES.copy()
    true[:2], pred[5:8, 1] = [-1, 3], np.nan
    found = ask(tmp_path, capsys, true, pred)
    assert found.status == 2
    assert "pred.npy: 5 rows could not be counted (2 x label outside the classes, 3 x NaN score;" in found.err


def test_invalid_entries_are_told_with_their_number_and_kind(tmp_path, capsys):
    true, pred = (SCORES > 0.3).astype(float), SCORES.copy()
    true[0, :2], pred[5:8, 1] = [2, 0.5], np.nan
    found = ask(tmp_path, capsys, true, pred, "--threshold", "0.5")
    assert found.status == 2
    assert "5 entries could not be counted (" in found.err
    assert "3 x NaN score; allowed are 0 and 1)" in found.err


def test_class_ids_stored_as_floats_are_told_from_scores(tmp_path, capsys):
    assert "class ids must be integers" in ask(tmp_path, capsys, LABELS, LABELS.astype(float)).err


def test_a_stray_id_is_refused_before_a_report_of_all_classes_below_it(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS, np.where(np.arange(len(LABELS)) == 3, 2999, LABELS))
    assert found.status == 2
    assert "class ids go up to 2,999, but only 4 of them occur" in found.err
    assert "--classes" in found.err


def test_undeclared_logits_are_refused_with_the_option_that_declares_them(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS, 8 * SCORES - 4)
    assert found.status == 2
    assert "50 x score outside 0 to 1" in found.err
    assert "--from-logits" in found.err


def test_scores_that_do_not_sum_to_one_are_told(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS, SCORES / 2)
    assert_is(found, MATRIX)
    assert "50 rows of scores do not sum to 1" in found.err


@pytest.mark.parametrize("names", ["cat\ndog", "cat\ndog\nbird\nfish"])
def test_names_of_columns_must_be_as_many(names, tmp_path, capsys):
    (tmp_path / "names.txt").write_text(names)
    found = ask(tmp_path, capsys, SCORES > 0.3, SCORES, "--threshold", "0.5", "--classes", tmp_path / "names.txt")
    assert (found.status, "class names for 3 columns" in found.err) == (2, True)


def test_predictions_have_a_page_too(tmp_path, capsys):
    page = tmp_path / "page.html"
    files = [write_table(tmp_path / f"{name}.npy", array) for name, array in (("true", SCORES > 0.3), ("pred", SCORES))]
    assert cli.main(["score", *files, "--threshold", "0.5", "--html", str(page)]) == 0
    columns = sklearn_metrics.multilabel_confusion_matrix(SCORES > 0.3, SCORES > 0.5)
    curves = fed(CurveSet(multi_label=True), SCORES > 0.3, SCORES)
    assert page.read_text(encoding="utf-8") == report_page(Report(columns, curves=curves), title="pred.npy")


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_declared_logits_give_the_curves_of_their_probabilities(suffix, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fmnist_tf.report.from_files.options.NUMBERS_A_PIECE", 21)
    logits = 8 * SCORES - 4
    found = ask(tmp_path, capsys, LABELS, logits, "--from-logits", suffix=suffix)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    low, high = bounds_of_auroc(found)
    assert low <= sklearn_metrics.roc_auc_score(LABELS, p, multi_class="ovr", average="macro") <= high


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_of_one_column_of_logits_yes_is_above_zero(suffix, tmp_path, capsys):
    found = ask(tmp_path, capsys, (LABELS > 0).astype(int), 8 * SCORES[:, 0] - 4, "--from-logits", suffix=suffix)
    assert_is(found, sklearn_metrics.confusion_matrix(LABELS > 0, SCORES[:, 0] > 0.5))


def test_class_ids_cannot_be_declared_logits(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS, LABELS, "--from-logits")
    assert (found.status, "pred.npy holds no logits but integers; leave out --from-logits" in found.err) == (2, True)


def test_one_hot_integers_have_no_curves(tmp_path, capsys):
    assert "curves" not in ask(tmp_path, capsys, LABELS, np.eye(3, dtype=int)[LABELS]).report


def test_the_level_is_that_of_the_intervals(tmp_path, capsys):
    found = ask(tmp_path, capsys, LABELS, CHOSEN, "--level", "0.8")
    expected = Report(MATRIX, level=0.8).to_dict()["overall"]["accuracy"]
    assert found.report["overall"]["accuracy"] == expected


def test_classes_are_sorted_by_a_score_with_their_curves(tmp_path, capsys):
    plain, found = ask(tmp_path, capsys, LABELS, SCORES), ask(tmp_path, capsys, LABELS, SCORES, "--sort", "support")
    support = [cells["support"] for cells in found.report["classes"].values()]
    assert support == sorted(support)
    assert {**found.report["classes"]} == plain.report["classes"]
    assert found.report["curves"]["classes"] == plain.report["curves"]["classes"]


def test_csv_has_a_line_for_each_score(tmp_path, capsys):
    files = [write_table(tmp_path / f"{name}.npy", ids) for name, ids in (("true", LABELS), ("pred", CHOSEN))]
    assert cli.main(["score", *files, "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "group,name,score,value,low,high,support"
    assert lines[1].startswith(f"overall,,accuracy,{np.mean(LABELS == CHOSEN)},")
    assert len(lines) == 1 + 4 + 3 + 3 + 3 * 3


def test_markdown_is_that_of_the_report(tmp_path, capsys):
    files = [write_table(tmp_path / f"{name}.npy", ids) for name, ids in (("true", LABELS), ("pred", CHOSEN))]
    assert cli.main(["score", *files, "--format", "md"]) == 0
    assert capsys.readouterr().out == Report(MATRIX).markdown() + "\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["a.csv", "--label", "y"], "--label: needs --pred"),
        (["a.csv", "--pred", "p"], "--label: is needed"),
        (["a.csv"], "give two files, Y_TRUE and Y_PRED, or FILES with --label; got 1"),
        (["a.csv", "b.csv", "--by", "site"], "there is no file 'b.csv'"),
        (["a.csv", "a.csv", "--by", "site"], "--label: is needed with --pred, --scores, --weight or --by"),
        (["b.csv", "a.csv"], "there is no file 'b.csv'"),
        (["*.parquet", "a.csv"], "there is no file '*.parquet'"),
    ],
)
def test_arguments_that_do_not_fit_end_with_one_line(arguments, reason, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("y,p\n0,0\n1,1\n")
    found = score(capsys, *arguments)
    assert (found.status, reason in found.err, found.err.count("\n")) == (2, True, 1)
