"""Tables of every format give the same columns, in pieces of any size, and nothing is unpickled."""

import json
import sys
import threading
import zipfile

import numpy as np
import pytest

from fmnist_tf.files.patterns import match_names
from fmnist_tf.files.tables import Reading, Texts, WiderColumn, find_files, open_table
from fmnist_tf.files.tables.dialect import read_sample, sniff
from fmnist_tf.files.tables.plain import PlainTable

pytest.importorskip("pyarrow", reason="needs the extra 'files'")

ROWS = [(1, 0.5, True, "cat"), (0, 0.25, False, "dog"), (2, 1.0, True, "cat")]
NAMES = ("i", "x", "b", "t")


def write_csv(path):
    path.write_text("\n".join([",".join(NAMES), *(",".join(map(str, row)) for row in ROWS)]))


def write_jsonl(path):
    path.write_text("\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS))


def write_parquet(path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))), path)


WRITERS = {".csv": write_csv, ".jsonl": write_jsonl, ".parquet": write_parquet}


def plain(path):
    """The table that the csv module reads, where pyarrow is not installed."""
    dialect = sniff(read_sample(path), str(path), Reading())
    return PlainTable(path=str(path), columns=dialect.columns, typed=False, dialect=dialect)


def joined(table, names, rows):
    """All rows of some columns as lists."""
    pieces = list(table.pieces(names, rows))
    assert max(len(piece[0]) for piece in pieces) <= rows
    return [[value for piece in pieces for value in as_list(piece[k])] for k in range(len(names))]


def as_list(values):
    return [values.values[k] for k in values.indices] if isinstance(values, Texts) else values.tolist()


@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.parametrize("suffix", [*WRITERS, "plain"])
def test_every_format_gives_the_same_columns(suffix, rows, tmp_path):
    path = tmp_path / f"a{suffix.replace('plain', '.csv')}"
    WRITERS[path.suffix](path)
    table = plain(path) if suffix == "plain" else open_table([path])
    assert [tuple(column) for column in table.columns] == [
        ("i", "integer", 1),
        ("x", "float", 1),
        ("b", "boolean", 1),
        ("t", "text", 1),
    ]
    assert joined(table, ["t", "i", "x", "b"], rows) == [[row[k] for row in ROWS] for k in (3, 0, 1, 2)]


@pytest.mark.parametrize("open_it", [plain, lambda path: open_table([path])], ids=["csv module", "pyarrow"])
def test_a_wider_value_further_down_is_told(open_it, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("y,p\n" + "1,1\n" * 300 + "1,0.5\n")
    with pytest.raises(WiderColumn) as error:
        list(open_it(path).pieces(["p"], 1000))
    assert (error.value.column, error.value.kind) == ("p", "float")


@pytest.mark.parametrize("open_it", [plain, lambda path: open_table([path])], ids=["csv module", "pyarrow"])
def test_a_missing_text_is_told_with_its_row(open_it, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("y,p\ncat,1\n,1\n")
    with pytest.raises(ValueError, match="column 'y' has no value in row 2"):
        list(open_it(path).pieces(["y"], 1000))


def test_decimal_commas_are_read_alike_with_and_without_pyarrow(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("p;q\n0,5;1\n0,25;2\n")
    assert joined(plain(path), ["p"], 10) == joined(open_table([path]), ["p"], 10) == [[0.5, 0.25]]


def test_an_array_is_one_column_of_its_width(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6, dtype=">f4").reshape(3, 2))
    table = open_table([tmp_path / "a.npy"])
    assert table.columns[0].width == 2
    assert joined(table, ["0"], 2) == [[[0, 1], [2, 3], [4, 5]]]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_is_read_in_pieces(save, order, tmp_path):
    save(tmp_path / "a.npz", y=np.arange(3, dtype="u1"), p=np.arange(6.0).reshape(3, 2).copy(order))
    table = open_table([tmp_path / "a.npz"])
    assert joined(table, ["p", "y"], 2) == [[[0, 1], [2, 3], [4, 5]], [0, 1, 2]]


def test_an_archive_that_ends_early_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive, archive.open("y.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<i8", "fortran_order": False, "shape": (1 << 40,)})
    with pytest.raises(ValueError, match="array 'y' ends early"):
        list(open_table([tmp_path / "a.npz"]).pieces(["y"], 1000))


def test_without_pyarrow_other_formats_name_the_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "fmnist_tf.files.tables.arrow", raising=False)
    monkeypatch.delattr("fmnist_tf.files.tables.arrow", raising=False)
    write_csv(tmp_path / "a.csv")
    (tmp_path / "a.parquet").write_bytes(b"")
    assert joined(open_table([tmp_path / "a.csv"]), ["i"], 2) == [[1, 0, 2]]
    with pytest.raises(ImportError, match=r"pip install 'fmnist-tf\[files\]'"):
        open_table([tmp_path / "a.parquet"])


def test_folders_hold_no_drafts_and_no_marks(tmp_path):
    for name in ("b.csv", "a.csv", "_SUCCESS", ".hidden.csv", "notes.md", "_temporary/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1\n")
    assert [path.name for path in find_files([str(tmp_path)])] == ["a.csv", "b.csv"]


def test_a_file_that_two_patterns_name_is_read_once(tmp_path):
    write_csv(tmp_path / "a.csv")
    assert find_files([str(tmp_path), str(tmp_path / "*.csv")]) == [tmp_path / "a.csv"]


def test_names_and_patterns_may_be_mixed():
    known = ["y", "p_10", "p_9", "p_1", "other"]
    assert match_names("other,p_*", known, "a") == [("other", "other"), ("p_1", "1"), ("p_9", "9"), ("p_10", "10")]


@pytest.mark.parametrize(("pattern", "reason"), [("p_11", "did you mean 'p_1'"), ("q*", "no column"), ("y,y", "twice")])
def test_an_unknown_name_is_answered_with_those_there_are(pattern, reason):
    with pytest.raises(ValueError, match=reason):
        match_names(pattern, ["y", "p_1", "z"], "a.csv")


@pytest.mark.parametrize("group", [2**21, 2**17])
def test_a_parquet_file_is_never_decoded_whole(group, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"i": np.zeros(2**21, np.int64)}), tmp_path / "a.parquet", row_group_size=group)
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in open_table([tmp_path / "a.parquet"]).pieces(["i"], 2**18)]
    assert max(held) < 2**21 * 8 / 2


def test_a_column_of_lists_may_begin_with_a_hole(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"p": pa.array([None, [0.5, 0.5]])}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="column 'p' does not hold 1 numbers in row 1"):
        list(open_table([tmp_path / "a.parquet"]).pieces(["p"], 10))


def test_a_parquet_file_that_is_not_read_to_its_end_is_closed(tmp_path):
    write_parquet(tmp_path / "a.parquet")
    pieces = open_table([tmp_path / "a.parquet"]).pieces(["i"], 1)
    assert next(pieces)[0].tolist() == [1]
    pieces.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
