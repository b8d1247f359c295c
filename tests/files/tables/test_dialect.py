"""How a text file is written is told from its whole header and its first rows."""

import pytest

from fmnist_tf.files.tables import Reading
from fmnist_tf.files.tables.dialect import read_lines, read_sample, sniff


def of(*lines, **options):
    return sniff(lines, "a.csv", Reading(**options))


def kinds(dialect):
    return [column.kind for column in dialect.columns]


def names(dialect):
    return [column.name for column in dialect.columns]


@pytest.mark.parametrize("separator", ["\t", ";", "|", ",", " "])
def test_the_separator_cuts_all_lines_alike(separator):
    found = of(*(separator.join(row) for row in (["a", "b"], ["0.5", "1"], ["0.2", "0"])))
    assert (found.separator, names(found), kinds(found)) == (separator, ["a", "b"], ["float", "integer"])


def test_a_separator_within_quotes_is_text():
    found = of("y,p", '"a;b",c', '"d;e",f')
    assert (found.separator, kinds(found)) == (",", ["text", "text"])


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["a;b", "0,5;1", "0,25;0"], ";"),
        (["a\tb", "0,5\t1", "0,25\t0"], "\t"),
        (['"0,5","0,5"', '"0,25","0,75"'], ","),
        (["p", "0,5", "0,25"], ";"),
        (["0,51", "0,25", "1,0"], ";"),
    ],
)
def test_decimal_commas_are_recognised(lines, separator):
    found = of(*lines)
    assert (found.decimal, found.separator) == (",", separator)
    assert "decimal commas" in found.notes[0]


@pytest.mark.parametrize("lines", [["0,1", "1,0", "0,1"], ["3,7", "12,2"], ["a,b", "0,12", "1,3"], ["0.5,0.5"]])
def test_two_columns_stay_two_columns(lines):
    found = of(*lines)
    assert (found.decimal, len(found.columns), found.notes) == (".", 2, ())


def test_decimal_commas_between_commas_are_refused():
    with pytest.raises(ValueError, match=r"names 2 columns, the first row has 4; decimal commas ask for ';'"):
        of("a,b", "0,1,0,9")


@pytest.mark.parametrize(
    ("lines", "headed"),
    [
        (["0,1,2", "0.1,0.2,0.7"], True),
        (["1,2,3", "0.1,0.2,0.7"], True),
        (["0,1", "0.3,0.7"], True),
        (["0,1", "1,0"], False),
        (["0", "1", "2"], False),
        (["0.1,0.9", "0.2,0.8"], False),
        (["cat", "dog", "cat"], False),
        (["label", "cat", "dog"], True),
        (["True", "False"], False),
        (["nan,0.5", "0.5,0.5"], False),
    ],
)
def test_a_header_is_told_from_a_row(lines, headed):
    assert of(*lines).headed == headed


def test_a_header_may_be_told():
    assert names(of("0", "1", header=True)) == ["0"]
    assert not of("label", "cat", header=False).headed


def test_a_comment_before_the_rows_may_be_the_header():
    assert names(of("# cat,dog", "0.1,0.9")) == ["cat", "dog"]
    assert of("# written by me", "0.1,0.9").skipped == 1


@pytest.mark.parametrize(
    "lines",
    [
        [",p", "3,0.5", "7,0.5"],
        ["a,b", "0,0.5", "1,0.5", "2,0.1"],
        ["7,0.5,0.5", "8,0.1,0.9"],
        ["cat,dog", "row1,0.5,0.5"],
    ],
)
def test_an_index_is_refused_dropped_or_kept(lines):
    with pytest.raises(ValueError, match="looks like an index; pass --drop-index, or write the file with index=False"):
        of(*lines)
    dropped = of(*lines, drop_index=True)
    assert dropped.kept[0] == 1
    assert of(*lines, drop_index=None).kept[0] == 0


def test_one_hot_rows_are_no_index():
    assert len(of("0,1", "1,0").columns) == 2


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (["1", "-2"], "integer"),
        (["1", "1.5"], "float"),
        (["1", ""], "float"),
        (["nan", "1e5"], "float"),
        (["True", "false"], "boolean"),
        (["1", "x"], "text"),
        (["12345678901234567890", "1"], "float"),
        (["1_000", "2"], "text"),
    ],
)
def test_a_column_has_the_narrowest_kind(fields, kind):
    assert kinds(of("y,z", *(f"{field},z" for field in fields))) == [kind, "text"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,b", "1,2", "1,2,3"], "row 2: expected 2 columns, got 3"),
        (["a,a", "1,2"], "names 'a' twice"),
        (["a,b"], "holds no rows below its header"),
    ],
)
def test_what_is_no_table_is_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        of(*lines)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe1\x00", b"1" * 2**21])
def test_what_is_no_text_is_refused(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"holds no rows|no text in UTF-8|longer than"):
        read_sample(tmp_path / "a.csv")


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    (tmp_path / "a.txt").write_text("\ufeffcat\r\n\n dog \n", encoding="utf-8")
    assert read_lines(tmp_path / "a.txt") == ["cat", "dog"]
