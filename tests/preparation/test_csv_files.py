"""CSV and TSV: strictly one dialect, every line a row's or named, no value guessed."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.shards import Shard
from bonepick.preparation.importing import csv_files
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.csv_files import read_csv
from bonepick.preparation.importing.dialect import Dialect
from bonepick.preparation.importing.reading import Reading

CSV, TSV = Dialect(",", '"'), Dialect("\t", "")
Read = Callable[..., tuple[list[dict[str, Any]], list[tuple[int, str]]]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Return the rows of a file of some bytes, and the line and reason of each that was rejected."""
    file = tmp_path_factory.mktemp("csv") / "a.csv"

    def rows_of(data: bytes, dialect: Dialect = CSV, on_error: OnError = "quarantine", name: str = "") -> Any:
        target = file.with_name(name) if name else file
        target.write_bytes(data)
        blocks = list(read_csv(Shard(target, "train", "a"), dialect, Reading(on_error, 1, "text", {}, ClassLabels())))
        rejected = [(row.line, row.reason) for block in blocks for row in block.rejected]
        return [row for block in blocks for row in block.items], rejected

    return rows_of


def test_values_are_what_they_look_like_only_where_json_has_such_numbers(read: Read) -> None:
    rows, _ = read(
        b"text,label,n\n12,NA,3\nnull,None,-1.50\n,007,1e5\n1.5,true,12345678901234567890\nx,nan,-0\ny,Infinity,\n"
    )
    assert rows == [
        {"text": "12", "label": "NA", "n": 3},
        {"text": "null", "label": "None", "n": -1.5},
        {"text": "", "label": "007", "n": "1e5"},
        {"text": "1.5", "label": "true", "n": "12345678901234567890"},
        {"text": "x", "label": "nan", "n": "-0"},
        {"text": "y", "label": "Infinity", "n": ""},
    ]


def test_quotes_hold_delimiters_and_line_breaks_and_are_text_in_tsv(read: Read) -> None:
    assert read(b'text,n\r\n"a, ""b""\nc",1\r\n\r\nd,2\r\n') == (
        [{"text": 'a, "b"\nc', "n": 1}, {"text": "d", "n": 2}],
        [],
    )
    lone = b'text\tn\n"To be\t1\nand it ends" here\t2\n'
    assert read(lone, TSV)[0] == [{"text": '"To be', "n": 1}, {"text": 'and it ends" here', "n": 2}]
    rows, _ = read(b"text;n\n'a;b';1\n", Dialect(";", "'"))
    assert rows == [{"text": "a;b", "n": 1}]
    rows, _ = read(b'text,n\n"he said \\"x\\", then",1\n', Dialect(",", '"', "\\"))
    assert rows == [{"text": 'he said "x", then', "n": 1}]


def test_a_row_that_breaks_the_dialect_takes_no_other_with_it(read: Read) -> None:
    rows, rejected = read(b'text,n\na,1\n"lone,2\nb,3\nc,4,5\n"d" e,6\nf\ng,7\n')
    assert [row["n"] for row in rows] == [1, 3, 7]
    assert [line for line, _ in rejected] == [3, 5, 6, 7]
    assert "breaks the dialect" in rejected[0][1]
    assert rejected[1][1].startswith("3 fields came, wanted 2 fields (fields between ',', in quotes \"; --delimiter")


def test_a_fault_is_named_by_file_and_line(read: Read) -> None:
    with pytest.raises(BonepickError, match=r"a\.csv:3: 1 fields came, wanted 2 fields"):
        read(b"text,n\na,1\nb\n", on_error="fail")
    with pytest.raises(BonepickError, match=r"a\.csv:1: wanted a name for each field; it breaks the dialect"):
        read(b'"text" x,n\na,1\n')


@pytest.mark.parametrize(("header", "came"), [("text,n,text", "'text' comes 2 times"), ("text,,,", "'' comes 3 times")])
def test_a_name_that_comes_twice_is_named(read: Read, header: str, came: str) -> None:
    with pytest.raises(BonepickError, match=rf"a\.csv:1: {came} in the first line, wanted a name for each field"):
        read(f"{header}\na,1,2\n".encode())


@pytest.mark.parametrize(
    ("first", "among"),
    [
        ("a good text,3", "'3'"),
        ("a good text,-1.5", "'-1.5'"),
        (f"{'long ' * 30},pos", "'long long long long long long long l..."),
        ('"two\nlines",pos', r"'two\nlines'"),
    ],
)
def test_a_first_line_that_looks_like_a_row_is_said(read: Read, notes: list[str], first: str, among: str) -> None:
    rows, rejected = read(f"{first}\nanother,3\n".encode())
    assert (len(rows), rejected) == (1, [])
    (said,) = notes
    assert f"a.csv:1: the first line is taken for the names of the fields, {among} among them" in said
    assert said.endswith("where this is a row, put a line of names before it, such as text,score")


def test_a_first_line_of_names_is_not_talked_about(read: Read, notes: list[str]) -> None:
    read(b",text,score,Is it good? (1 to 5),2nd\n0,a,1,2,3\n")
    assert notes == []


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_asked_for(read: Read, mark: str) -> None:
    data = f"text{mark}n\na, b{mark}1\n".encode()
    with pytest.raises(BonepickError, match=r"a\.csv:1: one field, with .* in it .*: --delimiter"):
        read(data)
    assert read(data, Dialect(mark, '"'))[0] == [{"text": "a, b", "n": 1}]


def test_bytes_that_are_no_text_reject_their_row(read: Read) -> None:
    rows, rejected = read("text,n\né,1\n".encode() + b"\xe9,2\n")
    assert rows == [{"text": "é", "n": 1}]
    assert rejected[0][0] == 3
    assert rejected[0][1].startswith("not valid UTF-8: ['\\udce9', '2']: iconv -f CP1252 -t UTF-8")
    with pytest.raises(BonepickError, match=r"a\.csv:1: not valid UTF-8: \['t.*xt', 'n'\]: iconv -f CP1252 -t UTF-8"):
        read(b"t\xe9xt,n\na,1\n")


def test_a_quote_that_nothing_closes_costs_one_row(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "MAX_ROW", 1_000)
    rows, rejected = read(b'text,n\n"open,1\n' + b"a,2\n" * 10)
    assert (len(rows), len(rejected)) == (10, 1)
    rows, rejected = read(b'text,n\n"open,1\n' + b"a,2\n" * 300)
    assert (len(rows), rejected[0][0]) == (300, 2)
    assert "is a quote left open?" in rejected[0][1]


def test_a_mark_at_the_start_and_packing(read: Read) -> None:
    data = b"\xef\xbb\xbftext,n\na,1\n"
    assert read(data) == ([{"text": "a", "n": 1}], [])
    assert read(gzip.compress(data), name="a.csv.gz") == ([{"text": "a", "n": 1}], [])
    assert read(b"") == ([], [])
    assert read(b"text,n\n") == ([], [])


@given(st.lists(st.tuples(st.text(), st.text()), max_size=20))
def test_what_the_library_writes_is_read_back(read: Read, pairs: list[tuple[str, str]]) -> None:
    pairs = [(a, b) for a, b in pairs if not any("\ud800" <= c <= "\udfff" for c in a + b)]
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [("text", "id"), *((a, f"i{b}") for a, b in pairs)]
    )
    rows, rejected = read(stream.getvalue().encode())
    assert rows == [{"text": a, "id": f"i{b}"} for a, b in pairs]
    assert rejected == []


LINES = st.lists(st.lists(st.sampled_from(list("ab,\"'\\\t")) | st.just("é"), max_size=8).map("".join), max_size=12)


@given(LINES, st.sampled_from([TSV, Dialect(",", "")]))
def test_without_quotes_lines_are_rows(read: Read, lines: list[str], dialect: Dialect) -> None:
    rows, rejected = read("".join(f"{line}\n" for line in ["text" + dialect.delimiter + "n", *lines]).encode(), dialect)
    assert len(rows) + len(rejected) == sum(1 for line in lines if line)


@given(LINES)
def test_each_line_is_of_one_row_or_rejected(read: Read, lines: list[str]) -> None:
    rows, rejected = read("".join(f"{line}\n" for line in ["text,n", *lines]).encode())
    breaks = sum(str(value).count("\n") for row in rows for value in row.values())
    assert len(rows) + breaks + len(rejected) + lines.count("") >= len(lines)
    assert len(rows) + len(rejected) <= len(lines)


def test_a_file_may_lie_anywhere(tmp_path: Path, read: Read) -> None:
    (tmp_path / "b.csv").write_bytes(b"text\nx\n")
    (block,) = read_csv(Shard(tmp_path / "b.csv", "test", "b"), CSV, Reading("fail", 1, "text", {}, ClassLabels()))
    assert (block.items, block.lines, block.shard.split) == ([{"text": "x"}], [2], "test")
