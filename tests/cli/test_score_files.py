"""`fmnist-tf score` on files as people write them: every reading gives scikit-learn's matrix or one line of refusal."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

pa = pytest.importorskip("pyarrow", reason="needs the extra 'files'")
parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra 'files'")

RNG = np.random.default_rng(3)
NAMES = np.array(["bird", "cat", "dog"])
IDS, SCORES = RNG.integers(0, 3, 60), RNG.dirichlet([1, 1, 1], 60)
CHOSEN = SCORES.argmax(1)
TABLE = pd.DataFrame(SCORES[:, [2, 0, 1]], columns=["dog", "bird", "cat"]).assign(
    y=NAMES[IDS], p=NAMES[CHOSEN], i=IDS, j=CHOSEN, w=RNG.integers(1, 4, 60)
)
RIGHT = float(np.mean(IDS == CHOSEN))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


WRITERS = {
    "a.csv": lambda path: TABLE.to_csv(path, index=False),
    "index.csv": TABLE.to_csv,
    "semicolon.csv": lambda path: TABLE.to_csv(path, index=False, sep=";", decimal=","),
    "a.tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t", decimal=","),
    "quoted.csv": lambda path: TABLE.to_csv(path, index=False, quoting=1),
    "a.parquet": TABLE.to_parquet,
    "a.jsonl": lambda path: TABLE.to_json(path, orient="records", lines=True),
}
COLUMNS = {
    "names": ["--label", "y", "--pred", "p"],
    "ids": ["--label", "i", "--pred", "j"],
    "scores by name": ["--label", "y", "--scores", "cat,dog,bird"],
    "ids and scores": ["--label", "i", "--scores", "bird,cat,dog"],
}


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS.keys())
@pytest.mark.parametrize("file", WRITERS)
def test_columns_of_one_file(file, columns, score):
    WRITERS[file](file)
    found = score(file, *columns)
    assert (found.status, found.accuracy) == (0, RIGHT)
    assert sorted(found.support.values()) == sorted(np.bincount(IDS))


def test_separator_and_decimal_sign_are_said(score):
    WRITERS["semicolon.csv"]("p.csv")
    assert "p.csv is read with ';' between columns and decimal commas" in score("p.csv", *COLUMNS["names"]).err


def test_two_columns_of_one_name_are_refused(score):
    table = pa.Table.from_arrays([pa.array(IDS)] * 3, names=["i", "j", "j"])
    parquet.write_table(table, "a.parquet")
    assert "a.parquet: two columns are called 'j'" in score("a.parquet", *COLUMNS["ids"]).err


def shards():
    """Three files whose columns stand in other orders."""
    for k in range(3):
        part = TABLE.iloc[k::3]
        yield part[part.columns[::-1]] if k == 1 else part


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS.keys())
@pytest.mark.parametrize("files", [["shards"], ["shards/*.csv"], ["shards/0.csv", "shards/1.csv", "shards/2.csv"]])
def test_shards_meet_by_the_names_of_their_columns(files, columns, tmp_path, score):
    (tmp_path / "shards").mkdir()
    for k, shard in enumerate(shards()):
        shard.to_csv(f"shards/{k}.csv", index=False)
    assert score(*files, *columns).accuracy == pytest.approx(RIGHT, rel=1e-15)


def test_a_shard_without_the_column_is_named(score):
    TABLE.to_csv("0.csv", index=False)
    TABLE.drop(columns="p").to_csv("1.csv", index=False)
    assert "1.csv has no column 'p'" in score("0.csv", "1.csv", "--label", "y", "--pred", "p").err


def test_a_later_shard_may_hold_wider_values(score):
    pd.DataFrame({"y": [0, 1], "p": [0, 1]}).to_csv("0.csv", index=False)
    pd.DataFrame({"y": [0, 1, 1], "p": [0.5, 0.7, 0.2]}).to_csv("1.csv", index=False)
    found = score("0.csv", "1.csv", "--label", "y", "--scores", "p")
    assert (found.status, found.accuracy) == (0, 0.8)


def test_folders_called_key_value_give_a_column(tmp_path, score):
    for k in (0, 1):
        (tmp_path / f"hive/i={k}").mkdir(parents=True)
        pd.DataFrame({"j": [k] * 3 + [1 - k]}).to_parquet(f"hive/i={k}/part.parquet")
    found = score("hive", "--label", "i", "--pred", "j")
    assert (found.accuracy, found.support) == (0.75, {"0": 4.0, "1": 4.0})


def test_a_pattern_takes_columns_in_natural_order(score):
    wide = RNG.dirichlet(np.ones(12), 40)
    frame = pd.DataFrame(wide, columns=[f"p_{k}" for k in range(12)])
    frame[sorted(frame.columns)].assign(y=wide.argmax(1)).to_csv("a.csv", index=False)
    found = score("a.csv", "--label", "y", "--scores", "p_*")
    assert (found.accuracy, list(found.support)) == (1.0, [str(k) for k in range(12)])


def test_ids_meet_columns_with_numbers_by_name(score):
    frame = pd.DataFrame(SCORES, columns=["p_1", "p_2", "p_3"]).assign(y=CHOSEN + 1)
    frame[["p_3", "p_1", "p_2", "y"]].to_csv("a.csv", index=False)
    assert score("a.csv", "--label", "y", "--scores", "p_3,p_1,p_2").accuracy == 1


def test_lists_of_scores_are_columns(score):
    rows = [{"y": int(y), "p": p.tolist()} for y, p in zip(IDS, SCORES, strict=True)]
    with open("a.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    assert score("a.jsonl", "--label", "y", "--scores", "p").accuracy == RIGHT


def test_arrays_of_an_npz_are_columns(score):
    np.savez("a.npz", y=IDS, p=SCORES)
    np.savez_compressed("b.npz", y=IDS, p=np.asfortranarray(SCORES))
    assert score("a.npz", "--label", "y", "--scores", "p").accuracy == RIGHT
    assert score("b.npz", "--label", "y", "--scores", "p").accuracy == RIGHT


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def lines(*values):
    return "".join(f"{value}\n" for value in values)


@pytest.mark.parametrize("options", [[], ["--header"]])
def test_numbers_in_the_header_are_names(options, score):
    pd.Series(IDS).to_csv("y.csv", index=False, header=bool(options))
    pd.DataFrame(SCORES).to_csv("p.csv", index=False)
    found = score("y.csv", "p.csv", *options)
    assert (found.status, found.accuracy, sum(found.support.values())) == (0, RIGHT, 60)


def test_two_files_that_begin_with_a_zero_are_doubted(score):
    write("y.csv", lines(0, 1, 2, 1))
    write("p.csv", lines(0, 1, 2, 2))
    assert "--header takes it for a header" in score("y.csv", "p.csv").err
    assert score("y.csv", "p.csv", "--header").accuracy == pytest.approx(2 / 3)
    assert "--header" not in score("y.csv", "p.csv", "--no-header").err


@pytest.mark.parametrize("names", [["y.csv", "p.csv"], ["plain.csv", "p.csv"]])
def test_an_index_column_is_refused_or_dropped(names, score):
    pd.Series(IDS).to_csv("y.csv")
    pd.Series(IDS).to_csv("plain.csv", index=False, header=False)
    pd.DataFrame(SCORES).to_csv("p.csv")
    refused = score(*names)
    assert (refused.status, "looks like an index; pass --drop-index" in refused.err) == (2, True)
    assert score(*names, "--drop-index").accuracy == RIGHT


def test_a_first_column_that_counts_up_is_an_index(score):
    write("y.csv", lines(0, 1, 2, 1))
    write("p.csv", lines("7,0.9,0.1", "8,0.2,0.8", "9,0.2,0.8", "10,0.2,0.8"))
    assert "the first column counts up by one and looks like an index" in score("y.csv", "p.csv").err


def test_ids_from_one_are_told_and_have_no_class_zero(score):
    np.save("y.npy", IDS + 1)
    np.save("p.npy", CHOSEN + 1)
    found = score("y.npy", "p.npy")
    assert (found.accuracy, list(found.support)) == (RIGHT, ["1", "2", "3"])
    assert "class ids run from 1 to 3" in found.err


def test_ids_from_one_meet_columns_of_scores(score):
    np.save("y.npy", IDS + 1)
    np.save("p.npy", SCORES)
    found = score("y.npy", "p.npy")
    assert (found.accuracy, list(found.support)) == (RIGHT, ["1", "2", "3"])


@pytest.mark.parametrize(
    "text", ["cat\ndog\ncat\n", "label\ncat\ndog\ncat\n", "True\nFalse\nTrue\n", '"a,b"\nc\n"a,b"\n']
)
def test_text_and_booleans_are_labels(text, score):
    write("y.csv", text)
    found = score("y.csv", "y.csv")
    assert (found.status, found.accuracy, sum(found.support.values())) == (0, 1.0, 3.0)


def test_an_unknown_text_is_answered_with_the_nearest_class(score):
    TABLE.assign(y=TABLE.y.replace("cat", "cta")).to_csv("a.csv", index=False)
    found = score("a.csv", "--label", "y", "--scores", "cat,dog,bird")
    assert (found.status, "'cta' is none of the 3 classes of a.csv; did you mean 'cat'?" in found.err) == (2, True)


def test_text_without_names_of_columns_asks_for_them(score):
    TABLE[["y"]].to_csv("y.csv", index=False)
    np.savetxt("p.csv", SCORES, delimiter=",")
    assert "--classes" in score("y.csv", "p.csv").err
    write("names.txt", lines(*NAMES))
    assert score("y.csv", "p.csv", "--classes", "names.txt").accuracy == RIGHT


def test_numbers_beside_text_are_names(score):
    write("a.csv", lines("y,p", "1,1", "x,1", "2,x", "2,2"))
    found = score("a.csv", "--label", "y", "--pred", "p")
    assert (found.accuracy, found.support) == (0.5, {"1": 1.0, "2": 2.0, "x": 1.0})


@pytest.mark.parametrize(
    "text",
    [lines("0,21", "0,32", "0,87", "0,94"), lines("p", "0,21", "0,32", "0,87", "0,94"), lines(0.21, 0.32, 0.87, 0.94)],
)
def test_one_column_of_probabilities_needs_no_threshold(text, score):
    write("y.csv", lines(0, 0, 1, 1))
    write("p.csv", text)
    found = score("y.csv", "p.csv")
    assert (found.status, found.accuracy) == (0, 1.0)
    assert "scores above 0.5 are yes" in found.err


def test_fractions_far_below_integers_are_scores(score):
    write("y.csv", lines(*[0] * 300, 1))
    write("p.csv", lines(*[0] * 300, 0.75))
    assert score("y.csv", "p.csv").accuracy == 1


def test_two_texts_are_no_and_yes(score):
    write("y.csv", lines("ill", "well", "ill", "well"))
    write("p.csv", lines(0.2, 0.9, 0.6, 0.8))
    found = score("y.csv", "p.csv")
    assert (found.accuracy, list(found.support)) == (0.75, ["ill", "well"])


def test_both_numbers_of_rows_are_named(score):
    np.save("y.npy", IDS[:-2])
    np.save("p.npy", CHOSEN)
    assert "y.npy has 58 rows and p.npy has 60" in score("y.npy", "p.npy").err


ONE_MORE = {
    "a zero that pandas wrote": ([0, 0, 1, 2], SCORES[:3], "if the first line of y.csv is a header, pass --header"),
    "a zero above labels": ([0, 0, 1, 2], [0, 1, 2], "is a header, write a name in its place, such as"),
    "a text that is a row": (["dog", "cat", "bird", "cat"], ["cat", "dog", "cat", "cat"], "is a row, pass --no-header"),
    "a number": ([2, 0, 1, 2], [0, 1, 2], "y.csv has 4 rows and p.csv has 3"),
}


@pytest.mark.parametrize(("labels", "predictions", "remedy"), ONE_MORE.values(), ids=ONE_MORE.keys())
def test_one_row_more_is_refused_and_not_read_as_a_header(labels, predictions, remedy, score):
    write("y.csv", lines(*labels))
    pd.DataFrame(predictions).to_csv("p.csv", index=False, header=np.ndim(predictions) == 2)
    found = score("y.csv", "p.csv")
    assert (found.status, remedy in found.err, " rows and p.csv has " in found.err) == (2, True, True)


def test_a_zero_above_labels_is_a_header_where_the_option_says_so(score):
    write("y.csv", lines(0, 0, 1, 2))
    pd.DataFrame(np.eye(3) * 0.7 + 0.1).to_csv("p.csv", index=False)
    assert score("y.csv", "p.csv", "--header").accuracy == 1


def test_a_name_above_numbers_is_a_header(score):
    write("y.csv", lines("label", 0, 1, 2))
    np.save("p.npy", np.eye(3) * 0.7 + 0.1)
    assert score("y.csv", "p.npy").accuracy == 1


def test_one_hot_labels_meet_scores_by_name(score):
    pd.DataFrame(np.eye(3, dtype=int)[IDS], columns=NAMES).to_csv("y.csv", index=False)
    TABLE[["dog", "bird", "cat"]].to_csv("p.csv", index=False)
    assert score("y.csv", "p.csv").accuracy == RIGHT


def test_several_ones_a_row_name_the_threshold(score):
    np.save("y.npy", np.array([[1, 1, 0], [0, 1, 0]]))
    np.save("p.npy", np.array([1, 1]))
    found = score("y.npy", "p.npy")
    assert (found.status, "--threshold 0.5" in found.err) == (2, True)


DAMAGED = {
    "bad.parquet": b"PAR1 and no more",
    "bad.jsonl": b'{"y": 1}\n{bad',
    "bad.csv": bytes(range(256)),
    "ragged.csv": b"y,p\n1,2\n1,2,3\n",
    "empty.csv": b"",
    "twice.csv": b"y,y,p\n1,1,1\n",
    "hole.csv": b"y,p\n1,1\n,0\n0,0\n",
    "bad.npz": b"PK\x03\x04 and no more",
    "a.xlsx": b"PK",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_that_cannot_be_read_ends_with_one_line(name, tmp_path, score):
    (tmp_path / name).write_bytes(DAMAGED[name])
    found = score(name, "--label", "y", "--pred", "p")
    assert (found.status, found.err.count("\n"), name in found.err) == (2, 1, True)


def test_pickled_arrays_are_refused(tmp_path, score):
    np.save("y.npy", np.array([{"a": 1}], object), allow_pickle=True)
    np.savez("y.npz", y=np.array([{"a": 1}], object))
    assert score("y.npy", "y.npy").status == 2
    assert score("y.npz", "--label", "y", "--pred", "y").status == 2


def test_counts_are_those_of_scikit_learn_whatever_the_pieces(monkeypatch, score):
    TABLE.to_csv("a.csv", index=False)
    whole = score("a.csv", *COLUMNS["ids and scores"]).report
    monkeypatch.setattr("fmnist_tf.report.from_files.options.NUMBERS_A_PIECE", 21)
    assert score("a.csv", *COLUMNS["ids and scores"]).report == whole
    support = [cells["support"] for cells in whole["classes"].values()]
    assert support == confusion_matrix(IDS, CHOSEN).sum(axis=1).tolist()
