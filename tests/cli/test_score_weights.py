"""`fmnist-tf score --weight`: weights of rows."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyarrow", reason="needs the extra 'files'")

RNG = np.random.default_rng(3)
ROWS = pd.DataFrame({"i": RNG.integers(0, 3, 60), "j": RNG.integers(0, 3, 60), "w": RNG.integers(1, 4, 60)})
IDS = ["--label", "i", "--pred", "j", "--weight", "w"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_weights_are_those_of_the_rows(score):
    ROWS.to_parquet("a.parquet")
    expected = np.average(ROWS.i == ROWS.j, weights=ROWS.w)
    assert score("a.parquet", *IDS).accuracy == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("weight", "reason"),
    [(-1.0, "weights must be finite and not negative"), (1e200, "weights so large or small"), (1e-200, "divide them")],
)
def test_weights_that_are_no_weights_are_refused(weight, reason, score):
    ROWS.assign(w=weight).to_parquet("a.parquet")
    found = score("a.parquet", *IDS)
    assert (found.status, reason in found.err) == (2, True)


@pytest.mark.parametrize("names", [[0, 1, 2], ["bird", "cat", "dog"]])
def test_a_class_whose_rows_weigh_nothing_still_is_a_class(names, score):
    rows = pd.DataFrame({"i": [0, 1, 1, 2], "j": [0, 1, 0, 2], "w": [1.0, 2.0, 1.0, 0.0]})
    rows.replace({"i": dict(enumerate(names)), "j": dict(enumerate(names))}).to_csv("a.csv", index=False)
    found = score("a.csv", *IDS)
    assert (found.status, list(found.support.values())) == (0, [1, 3, 0])
