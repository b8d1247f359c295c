"""`fmnist-tf score --by COLUMN`: every value of a column is scored as its rows alone would be."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from fmnist_tf import cli

pytest.importorskip("pyarrow", reason="needs the extra 'files'")

N = 90
RNG = np.random.default_rng(1)
NAMES = np.array(["bird", "cat", "dog"])
IDS, SCORES = RNG.integers(0, 3, N), RNG.dirichlet([1, 1, 1], N)
COLUMNS, CHOSEN = RNG.integers(0, 2, (N, 3)), SCORES.argmax(1)
SITES = RNG.choice(["north", "south", None], N)
TABLE = pd.DataFrame(SCORES, columns=["p_bird", "p_cat", "p_dog"]).assign(
    y=NAMES[IDS],
    p=NAMES[CHOSEN],
    i=IDS,
    **{f"t_{name}": COLUMNS[:, k] for k, name in enumerate(NAMES)},
    site=SITES,
    camera=np.where(np.arange(N) % 7, np.arange(N) % 3, np.nan),
    w=RNG.choice([0.5, 1.0, 3.0], N),
)
SITE_ROWS = {"north": SITES == "north", "south": SITES == "south", "other": TABLE.site.isna().to_numpy()}
CAMERA_ROWS = {"0": TABLE.camera == 0, "1": TABLE.camera == 1, "2": TABLE.camera == 2, "other": TABLE.camera.isna()}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def score(capsys):
    """score(*arguments): (exit status, stdout, stderr)."""

    def run(*arguments):
        status = cli.main(["score", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


WRITERS = {
    "a.csv": lambda path: TABLE.to_csv(path, index=False),
    "a.parquet": TABLE.to_parquet,
    "a.jsonl": lambda path: TABLE.to_json(path, orient="records", lines=True),
}
PREDICTIONS = {
    "names": ["--label", "y", "--pred", "p"],
    "scores": ["--label", "i", "--scores", "p_*"],
}


def by(score, *arguments):
    """Column -> value -> its row of the JSON."""
    status, out, err = score(*arguments, "--format", "json")
    assert status == 0, err
    return {name: found["values"] for name, found in json.loads(out)["by"].items()}


@pytest.mark.parametrize("given", PREDICTIONS)
@pytest.mark.parametrize("file", WRITERS)
def test_each_value_has_the_scores_of_its_rows(score, file, given):
    WRITERS[file](file)
    found = by(score, file, *PREDICTIONS[given], "--by", "site", "--by", "camera")
    for name, rows_of in {"site": SITE_ROWS, "camera": CAMERA_ROWS}.items():
        assert found[name].keys() == rows_of.keys()
        for value, rows in rows_of.items():
            true, pred = IDS[rows], CHOSEN[rows]
            assert found[name][value]["support"] == len(true)
            values = {score: cell["value"] for score, cell in found[name][value]["scores"].items()}
            assert values["accuracy"] == pytest.approx(accuracy_score(true, pred), rel=1e-12)
            wanted = f1_score(true, pred, average="macro", labels=range(3), zero_division=0)
            assert values["macro_f1"] == pytest.approx(wanted, rel=1e-12)


def test_columns_of_a_threshold_are_scored_by_value_too(score):
    TABLE.to_parquet("a.parquet")
    found = by(score, "a.parquet", "--label", "t_*", "--scores", "p_*", "--threshold", "0.3", "--by", "site")["site"]
    for value, rows in SITE_ROWS.items():
        wanted = f1_score(COLUMNS[rows], SCORES[rows] > 0.3, average="macro", zero_division=0)
        assert found[value]["scores"]["macro_f1"]["value"] == pytest.approx(wanted, rel=1e-12)


def test_one_column_of_scores_is_scored_by_value_too(score):
    TABLE.to_csv("a.csv", index=False)
    found = by(score, "a.csv", "--label", "t_cat", "--scores", "p_cat", "--by", "site")["site"]
    for value, rows in SITE_ROWS.items():
        wanted = f1_score(COLUMNS[rows, 1], SCORES[rows, 1] > 0.5, average="macro", zero_division=0)
        assert found[value]["scores"]["macro_f1"]["value"] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("given", PREDICTIONS)
def test_weights_count_in_the_values(score, given):
    TABLE.to_csv("a.csv", index=False)
    found = by(score, "a.csv", *PREDICTIONS[given], "--weight", "w", "--by", "site")["site"]
    for value, rows in SITE_ROWS.items():
        weight = TABLE.w[rows]
        assert found[value]["support"] == pytest.approx(weight.sum())
        wanted = accuracy_score(IDS[rows], CHOSEN[rows], sample_weight=weight)
        assert found[value]["scores"]["accuracy"]["value"] == pytest.approx(wanted, rel=1e-12)


def test_shards_with_a_column_in_the_names_of_folders(score, tmp_path):
    for site, rows in SITE_ROWS.items():
        (tmp_path / f"place={site}").mkdir()
        TABLE[["y", "p"]][rows].to_csv(tmp_path / f"place={site}" / "a.csv", index=False)
    found = by(score, str(tmp_path), *PREDICTIONS["names"], "--by", "place")["place"]
    assert {value: row["support"] for value, row in found.items()} == {v: sum(r) for v, r in SITE_ROWS.items()}


def test_the_worst_value_stands_first_in_text_and_markdown(score):
    TABLE.to_csv("a.csv", index=False)
    f1 = {v: f1_score(IDS[r], CHOSEN[r], average="macro") for v, r in SITE_ROWS.items()}
    for kind in ("text", "md"):
        _, out, _ = score("a.csv", *PREDICTIONS["names"], "--by", "site", "--format", kind)
        below = out[out.index("by site") :]
        assert sorted(f1, key=f1.__getitem__) == sorted(f1, key=lambda value: below.index(f"{value} "))


def test_csv_has_a_line_for_each_score_of_each_value(score):
    TABLE.to_csv("a.csv", index=False)
    _, out, _ = score("a.csv", *PREDICTIONS["names"], "--by", "site", "--format", "csv")
    lines = [line.split(",") for line in out.splitlines() if line.startswith("by site,")]
    assert {line[1] for line in lines} == set(SITE_ROWS)
    assert {line[2] for line in lines} >= {"macro_f1", "accuracy"}
    assert {float(line[-1]) for line in lines if line[1] == "north"} == {sum(SITE_ROWS["north"])}


def test_sorted_classes_keep_the_values(score):
    TABLE.to_csv("a.csv", index=False)
    plain, by_support = (
        by(score, "a.csv", *PREDICTIONS["names"], "--by", "site", *more)["site"] for more in ([], ["--sort", "support"])
    )
    for value, row in plain.items():
        assert row["scores"]["accuracy"] == by_support[value]["scores"]["accuracy"]


def test_ids_that_count_from_one_keep_their_rows(score):
    TABLE.assign(a=IDS + 1, b=CHOSEN + 1).to_csv("a.csv", index=False)
    found = by(score, "a.csv", "--label", "a", "--pred", "b", "--by", "site")["site"]
    for value, rows in SITE_ROWS.items():
        trace = np.trace(confusion_matrix(IDS[rows], CHOSEN[rows]))
        assert found[value]["scores"]["accuracy"]["value"] == pytest.approx(trace / rows.sum())


def test_a_column_of_ids_is_refused_with_the_number_of_its_values(score):
    table = pd.DataFrame({"y": np.arange(30_000) % 3, "p": np.arange(30_000) % 2, "row": np.arange(30_000)})
    table.to_parquet("a.parquet")
    status, _, err = score("a.parquet", "--label", "y", "--pred", "p", "--by", "row")
    assert status == 2
    assert "column 'row' of --by holds 30,000 different values, at most 1,000 are reported" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.csv", "--label", "y", "--pred", "p", "--by", "sight"], "sight"),
        (["a.csv", "--label", "y", "--pred", "p", "--by", "y"], "--by must name another column than those of labels"),
        (["a.csv", "--label", "y", "--pred", "p", "--by", "t_*"], "--by must name one column of one value a row"),
    ],
)
def test_columns_that_are_no_groups_are_refused(score, arguments, message):
    TABLE.to_csv("a.csv", index=False)
    status, _, err = score(*arguments)
    assert status == 2
    assert message in err


def test_two_files_have_no_groups(score, tmp_path):
    for name in ("t.npy", "p.npy"):
        np.save(tmp_path / name, IDS)
    status, _, err = score("t.npy", "p.npy", "--by", "site")
    assert status == 2
    assert "argument --label: is needed with --pred, --scores, --weight or --by" in err
