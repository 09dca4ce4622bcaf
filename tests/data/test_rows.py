"""The row loop: every row ends in the results or, with its reason, rejected; a fault says file and line."""

import gzip
import operator
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core import progress
from bonepick.core.errors import BonepickError
from bonepick.data.row_loop import RejectedRow, RowLoop, each_block
from bonepick.data.rows import RowParams, decode, encode, field_of
from bonepick.data.shards import Block, Shard

SHARD = Shard(Path("data/train/a.jsonl"), "train", "a")
ROWS = RowParams()
# wider than 64 bits, not Unicode, and what else real crawls hold
HOSTILE = [
    b'{"text": "good", "score": 1}',
    b'{"text": "good", "score": 1}\r',
    b'{"text": "\\u0000", "score": "a b"}',
    b'{"text": "", "score": 1}',
    b'{"text": " ", "score": 1}',
    b'{"text": "x"}',
    b'{"score": 1}',
    b'{"text": 3, "score": 1}',
    b'{"text": "x", "score": NaN}',
    b'{"text": "x", "score": 1e999}',
    b'{"text": "x", "score": null}',
    b'{"text": "x", "score": [1]}',
    b'{"text": "x", "score": 123456789012345678901234567890}',
    b'{"text": "\\ud800", "score": 1}',
    b'{"text": "\xff", "score": 1}',
    b'{"text": "x", "score": 1} {}',
    b'{"text": "x", "score": 1',
    b"[1]",
    b"null",
    b"",
    b"  \t\r",
    b"\0",
]
DEEP = [b"[" * 100_000, b'{"text": "x", "score": 1, "deep": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"]


def label_of(row: dict[str, Any], raw: bytes) -> str:
    ROWS.text(row)
    return ROWS.label(row)


def is_row(line: bytes) -> bool:
    return bool(line.strip(b" \t\r\x0b\x0c"))


@given(st.lists(st.sampled_from(HOSTILE) | st.binary(max_size=30).map(lambda line: line.replace(b"\n", b""))))
def test_rows_in_are_rows_out_and_rejected_rows(lines: list[bytes]) -> None:
    done = RowLoop(label_of, "quarantine")(Block(SHARD, 5, b"\n".join(lines)))
    numbered = {number: line for number, line in enumerate(lines, 5) if is_row(line)}
    assert sorted([*done.lines, *(row.line for row in done.rejected)]) == list(numbered)
    assert len(done.items) == len(done.lines)
    assert all(row.reason and row.raw == numbered[row.line] for row in done.rejected)


@pytest.mark.parametrize("line", [line for line in [*HOSTILE, *DEEP] if is_row(line)], ids=lambda line: repr(line[:34]))
def test_each_hostile_line_is_good_or_one_error_with_file_and_line(line: bytes) -> None:
    block = Block(SHARD, 7, b"\n" + line + b"\n")
    good = RowLoop(label_of, "quarantine")(block).items
    if good:
        assert RowLoop(label_of, "fail")(block).items == good
        return
    with pytest.raises(
        BonepickError, match=r"^data/train/a\.jsonl:8: .*; mend the row.*--on-error quarantine"
    ) as error:
        RowLoop(label_of, "fail")(block)
    assert len(str(error.value)) < 400, "the offending value is shortened"
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"score": 1}, "text field 'text' is missing; the row has score: name the one with the text (--text-field)"),
        ({}, "text field 'text' is missing; the row is empty: name the one with the text (--text-field)"),
        ({"text": None, "score": 1}, "text field 'text' is None, wanted a string"),
        ({"text": 3, "score": 1}, "text field 'text' is 3, wanted a string"),
        ({"text": " \n", "score": 1}, "text field 'text' is empty"),
        (
            {"text": "x", "label": 1, "url": "y"},
            "label field 'score' is missing; the row has text, label, url: name the one with the label (--label-field)",
        ),
        ({"text": "x", "score": None}, "label field 'score' is null"),
        (
            {"text": "x", "score": {}},
            "label is {}, an object: wanted one label (rows that have several: convert-to-fasttext, train-fasttext and "
            "eval take them with --multi-label)",
        ),
    ],
)
def test_reasons_name_the_field_and_what_came(row: dict[str, Any], reason: str) -> None:
    done = RowLoop(label_of, "quarantine")(Block(SHARD, 1, encode(row)))
    assert done.rejected == [RejectedRow(1, reason, encode(row))]


def test_what_a_row_lacks_is_told_before_anything_is_read_of_it() -> None:
    row = {"content": "x", "label": None, "score": None}
    assert RowParams(text_field="content").lacking(row) == []
    assert RowParams(text_field=".content", label_field=".meta.grade").lacking({**row, "meta": {"grade": 0}}) == []
    text, label = RowParams(text_field=".body", label_field=".content.grade").lacking(row)
    assert text.startswith("text field '.body' yields null; the row has content, label, score: ")
    assert "jq expression '.content.grade' fails: " in label
    text, label = RowParams(label_field="quality").lacking(row)
    assert text.startswith("text field 'text' is missing; the row has content, label, score: ")
    assert label.endswith("name the one with the label (--label-field)")


def test_a_row_of_very_many_fields_is_shown_in_short() -> None:
    (sentence, _) = ROWS.lacking({f"field \n{n}" + "x" * 500: n for n in range(5000)})
    assert len(sentence) < 800 and sentence.isprintable()


def test_other_faults_than_bad_rows_are_not_hidden() -> None:
    def broken(row: dict[str, Any], raw: bytes) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        RowLoop(broken, "quarantine")(Block(SHARD, 1, b"{}"))


def test_fields_are_names_or_jq_expressions() -> None:
    row = {"a.b": 1, "meta": {"kind": "x", "tags": ["y", "z"]}}
    assert field_of(row, "a.b") == 1
    assert field_of(row, "meta.kind") is None
    assert field_of(row, ".meta.kind") == "x"
    assert field_of(row, '.meta.tags | join(" ")') == "y z"
    assert RowParams(text_field=".meta.kind", label_field=".meta.tags[0]").text(row) == "x"
    assert RowParams(label_field=".meta.tags[0]").label(row) == "y"


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_what_is_encoded_is_one_line_and_decodes_to_the_same(row: dict[str, Any]) -> None:
    raw = encode(row)
    assert b"\n" not in raw
    assert decode(raw) == row


@pytest.mark.parametrize("value", [object(), "\ud800"], ids=["object", "surrogate"])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(BonepickError, match="row cannot be written as JSON"):
        encode({"a": value})


def test_blocks_come_in_order_with_the_lines_of_their_files(
    tmp_path: Path, small_blocks: int, write: Callable[..., Path]
) -> None:
    write(tmp_path, {f"{name}.jsonl": [{"text": f"{name} {n}", "score": n} for n in range(20)] for name in "ab"})
    shards = [Shard(tmp_path / f"{name}.jsonl", "", name) for name in "ba"]
    blocks = list(each_block(shards, RowLoop(label_of, "fail"), 1, "read"))
    assert len(blocks) > 4
    assert [label for done in blocks for label in done.items] == [str(n) for n in range(20)] * 2
    assert [line for done in blocks for line in done.lines] == list(range(1, 21)) * 2


def test_a_bad_row_in_a_later_block_is_named_with_its_line_of_the_file(
    tmp_path: Path, small_blocks: int, write: Callable[..., Path]
) -> None:
    rows = [{"text": "x", "score": n} for n in range(20)]
    write(tmp_path, {"a.jsonl.zst": [*rows, {"text": "x"}, *rows]})
    with pytest.raises(BonepickError, match=r"a\.jsonl\.zst:21: label field 'score' is missing"):
        list(each_block([Shard(tmp_path / "a.jsonl.zst", "", "a")], RowLoop(label_of, "fail"), 1, "read"))


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_of_the_bytes_of_all_files_as_they_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    heard, advances = list[tuple[str, str, float | None]](), list[float]()

    class Notebook(progress.Silence):
        def watch(self, what: str, unit: str, total: float | None) -> AbstractContextManager[progress.Advance]:
            heard.append((what, unit, total))
            return nullcontext(advances.append)

    monkeypatch.setattr(progress, "_listener", Notebook())
    shards = [Shard(tmp_path / f"train/{name}", "train", "a") for name in ("a.jsonl.gz", "b.jsonl", "c.jsonl.gz")]
    (tmp_path / "train").mkdir()
    for number, shard in enumerate(shards):
        data = b'{"text": "x"}\n' * 200_000 * number
        shard.path.write_bytes(gzip.compress(data) if shard.path.name.endswith(".gz") else data)
    sizes = [shard.path.stat().st_size for shard in shards]
    blocks = list(each_block(shards, RowLoop(operator.eq, "fail", bytes), workers, "read"))
    assert heard == [("read", "bytes", sum(sizes))]
    assert sum(advances) == sum(sizes)
    assert len(advances) == len(blocks) > 5
