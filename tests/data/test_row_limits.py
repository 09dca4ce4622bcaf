"""Rows that are too long or nested too deeply are rejected, on every way that a row can go, and hold nothing up."""

import base64
import json
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.params import OnError
from bonepick.core.run import Run
from bonepick.data import row_limits, row_loop, rows, shards
from bonepick.data.row_limits import KEPT_BYTES, MAX_NESTING, MAX_ROW_BYTES
from bonepick.data.row_loop import BlockResult, RejectedRow, RowLoop, then
from bonepick.data.rows import Row, RowParams, decode, encode
from bonepick.data.shards import Shard, read_blocks
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset

Read = Callable[[Path], list[Row]]
GOOD = b'{"text": "a made-up text", "score": 1}'


def nested(levels: int, kind: str = "lists") -> bytes:
    """A row of so many levels, itself the first."""
    inner = levels - 1
    deep = b"[" * inner + b"]" * inner if kind == "lists" else b'{"a":' * inner + b"0" + b"}" * inner
    return b'{"text": "x", "score": 1, "deep": ' + deep + b"}"


def as_it_is(row: Row, raw: bytes) -> Row:
    return row


def rejected_and_good(path: Path) -> tuple[list[RejectedRow], list[Row]]:
    results = [RowLoop(as_it_is, "quarantine")(block) for block in read_blocks(Shard(path, "train", "a"))]
    return [row for result in results for row in result.rejected], [row for result in results for row in result.items]


@pytest.fixture
def short_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take rows of 2,000 bytes at most, and read in pieces of 64."""
    for module in (row_limits, row_loop, rows, shards):
        monkeypatch.setattr(module, "MAX_ROW_BYTES", 2000)
    monkeypatch.setattr(shards, "BLOCK_BYTES", 64)


@pytest.mark.parametrize("size", [2001, 2060, 9000])
@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_row_that_is_too_long_is_rejected_with_its_line_and_its_beginning(
    tmp_path: Path, short_rows: None, size: int, place: int, end: bytes
) -> None:
    long = b'{"text": "' + b"x" * (size - 12) + b'"}'
    lines = [GOOD, b"", GOOD]
    lines.insert(place, long)
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines) + end)
    (row,), good = rejected_and_good(tmp_path / "a.jsonl")
    assert row.line == place + 1
    assert row.reason.startswith(f"row is {size:,} bytes long, wanted 2,000 at most")
    assert row.raw == long[:KEPT_BYTES]
    assert good == [json.loads(GOOD)] * 2


def test_a_row_of_just_the_limit_is_read(tmp_path: Path, short_rows: None) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "' + b"x" * 1988 + b'"}\n' + GOOD)
    rejected, good = rejected_and_good(tmp_path / "a.jsonl")
    assert (len(rejected), len(good)) == (0, 2)


LINES = st.lists(
    st.sampled_from([GOOD, b"", b"  ", b"nonsense", b"\xff", b"x" * 2000, b"y" * 2001, b" " * 5000, nested(300)])
    | st.binary(max_size=30).map(lambda line: line.replace(b"\n", b""))
)


@given(lines=LINES, block_bytes=st.integers(1, 3000))
def test_rows_in_are_rows_out_and_rejected_rows_however_long(lines: list[bytes], block_bytes: int) -> None:
    content = b"\n".join([GOOD, *lines])
    with pytest.MonkeyPatch.context() as patch, tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for module in (row_limits, row_loop, rows, shards):
            patch.setattr(module, "MAX_ROW_BYTES", 2000)
        patch.setattr(shards, "BLOCK_BYTES", block_bytes)
        Path(file.name).write_bytes(content)
        results = [RowLoop(as_it_is, "quarantine")(b) for b in read_blocks(Shard(Path(file.name), "", "a"))]
    numbers = [number for result in results for number in [*result.lines, *(row.line for row in result.rejected)]]
    numbered = dict(enumerate(content.split(b"\n"), 1))
    rows_there = {number for number, line in numbered.items() if line and not line.isspace()}
    long_blanks = {number for number, line in numbered.items() if line.isspace() and len(line) > 2000}
    assert len(numbers) == len(set(numbers))
    assert rows_there <= set(numbers) <= rows_there | long_blanks
    for row in (row for result in results for row in result.rejected):
        assert row.reason
        assert row.raw == (numbered[row.line] if len(numbered[row.line]) <= 2000 else numbered[row.line][:KEPT_BYTES])


def test_a_file_of_one_endless_row_takes_little_memory(tmp_path: Path) -> None:
    """It unpacks to twice the limit; the parts that lie in memory before that is known are no more than the limit."""
    compressor = zstandard.ZstdCompressor().compressobj()
    with (tmp_path / "a.jsonl.zst").open("wb") as stream:
        stream.write(compressor.compress(b'{"text": "'))
        for _ in range(2 * MAX_ROW_BYTES >> 20):
            stream.write(compressor.compress(bytes(1 << 20)))
        stream.write(compressor.compress(b'"}\n' + GOOD) + compressor.flush())
    tracemalloc.start()
    try:
        (row,), good = rejected_and_good(tmp_path / "a.jsonl.zst")
        assert tracemalloc.get_traced_memory()[1] < 1.4 * MAX_ROW_BYTES
    finally:
        tracemalloc.stop()
    assert (row.line, len(row.raw), len(good)) == (1, KEPT_BYTES, 1)
    assert "wanted 256,000,000 at most" in row.reason


@pytest.mark.parametrize("kind", ["lists", "objects"])
def test_nesting_goes_as_deep_as_is_said(kind: str) -> None:
    row = decode(nested(MAX_NESTING, kind))
    assert decode(encode(row)) == row
    for levels in (MAX_NESTING + 1, 500, 990, 5000, 100_000):
        with pytest.raises(BonepickError, match="row is nested too deeply: wanted 200"):
            decode(nested(levels, kind))


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert decode(encode({"text": "[{" * 500, "more": ["[" * 500]}))["text"] == "[{" * 500


@pytest.mark.parametrize("levels", [MAX_NESTING + 1, 500, 990])
@pytest.mark.parametrize("way", ["import", "import -g", "transform", "normalize"])
@pytest.mark.parametrize("workers", [1, 2])
def test_deep_rows_are_rejected_by_whatever_reads_them(
    tmp_path: Path, read: Read, levels: int, way: str, workers: int
) -> None:
    (tmp_path / "in" / "train").mkdir(parents=True)
    lines = [GOOD, nested(levels), GOOD, nested(levels, "objects"), nested(MAX_NESTING)]
    (tmp_path / "in" / "train" / "a.jsonl").write_bytes(b"\n".join(lines))

    def run(on_error: OnError, out: Path) -> None:
        if way == "transform":
            everything = TransformParams(text=".")
            transform_dataset(tmp_path / "in", out, everything, on_error, Run(workers))
        elif way == "normalize":
            normalize_dataset(tmp_path / "in", out, NormalizeParams(), RowParams(on_error=on_error), Run(workers))
        else:
            group = ".deep | tojson" if way.endswith("-g") else ""
            params = ImportParams(name=str(tmp_path / "in"), group_by=group)
            import_dataset(params, out, RowParams(on_error=on_error), Run(workers))

    run("quarantine", tmp_path / "out")
    (sidecar,) = (tmp_path / "out" / "quarantine" / "train").iterdir()
    assert [(row["line"], row["raw"].encode()) for row in read(sidecar)] == [(2, lines[1]), (4, lines[3])]
    with pytest.raises(BonepickError, match=r"a\.jsonl:2: row is nested too deeply"):
        run("fail", tmp_path / "out2")


@pytest.mark.parametrize("on_error", get_args(OnError))
def test_a_step_that_recurses_without_end_rejects_its_row(on_error: OnError) -> None:
    def endless(row: Row) -> None:
        endless(row)

    block = BlockResult(Shard(Path("a.jsonl"), "", "a"), [{"text": "x"}], [7])
    if on_error == "fail":
        with pytest.raises(BonepickError, match=r"a\.jsonl:7: row is nested too deeply"):
            then(block, endless, on_error)
    else:
        assert [row.line for row in then(block, endless, on_error).rejected] == [7]


def test_what_is_quoted_of_a_deep_or_a_large_value_is_short() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert shortened(deep) == "[" * 77 + "..."
    assert shortened({"a": [1, "x" * 10**7], "b": b"y"}).startswith("{'a': [1, 'xxx")
    assert shortened(10**5000) == "a value of type int"
    ordinary = {"a": [1, None, "é\n", 2.5, {}, []], 3: b"\0"}
    assert shortened(ordinary) == repr(ordinary)


@pytest.mark.parametrize("raw", [b"not json \xff\xfe", b'{"text": "\xed\xa0\x80"}', b"\x80", b'{"text": "caf\xe9"}'])
def test_a_rejected_line_that_is_no_utf_8_can_be_had_back(tmp_path: Path, read: Read, raw: bytes) -> None:
    (tmp_path / "in" / "train").mkdir(parents=True)
    (tmp_path / "in" / "train" / "a.jsonl").write_bytes(GOOD + b"\n" + raw + b"\nnonsense\n")
    import_dataset(ImportParams(name=str(tmp_path / "in")), tmp_path / "out", RowParams(on_error="quarantine"))
    not_utf_8, other = read(tmp_path / "out" / "quarantine" / "train" / "a.jsonl")
    assert base64.b64decode(not_utf_8["raw_base64"]) == raw
    assert not_utf_8["raw"] == raw.decode(errors="backslashreplace")
    assert other == {"line": 3, "reason": other["reason"], "raw": "nonsense"}
