"""Every block of .docs/engines.md counts as one pass does, where its package is installed."""

import re
from pathlib import Path

import numpy as np
import pytest

from fmnist_tf.report import Report

pytestmark = pytest.mark.heavy
PAGE = Path(__file__).parents[2] / ".docs" / "engines.md"
#: Heading of the block -> the package that it needs.
PACKAGES = {"Apache Beam": "apache_beam", "Dask": "dask.dataframe", "DuckDB, or any SQL": "duckdb", "Spark": "pyspark"}


def blocks():
    """Heading -> code of each block."""
    return dict(re.findall(r"^## (.+?)$.*?^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE))


def write_shards(folder):
    """Three files; gives the confusion matrix of all."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    folder.mkdir()
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 3, 90), rng.dirichlet([1, 1, 1], 90)
    table = pa.table({"y": y, "p": scores.argmax(1)} | {f"p_{k}": scores[:, k] for k in range(3)})
    for k in range(3):
        parquet.write_table(table.slice(30 * k, 30), folder / f"{k}.parquet")
    return np.histogram2d(y, scores.argmax(1), 3)[0]


def test_the_page_holds_a_block_for_each_engine():
    assert blocks().keys() == PACKAGES.keys()


@pytest.mark.parametrize("heading", PACKAGES)
def test_a_block_of_the_page_gives_the_report_of_one_pass(heading, tmp_path, monkeypatch):
    pytest.importorskip(PACKAGES[heading], reason=f"needs {PACKAGES[heading]}, which .ci/heavy installs")
    monkeypatch.chdir(tmp_path)
    matrix = write_shards(tmp_path / "shards")
    names = {}
    exec(compile(blocks()[heading], str(PAGE), "exec"), names)
    assert names["report"].to_dict() == Report(matrix).to_dict()
