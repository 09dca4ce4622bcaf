"""Normalize changes the texts and nothing else."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import zstandard

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset
from bonepick.text.normalizer import Normalizer

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
ROWS = [
    {
        "id": n,
        "text": f" Déjà\n\nvu  {n} &amp; __label__x",
        "score": n % 3,
        "meta": {"f": 1.0, "big": 2**70, "deep": [None]},
    }
    for n in range(20)
]
WHITESPACE = NormalizeParams(normalizer="whitespace")
QUARANTINE = RowParams(on_error="quarantine")


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "in", {"train/b.jsonl": ROWS[:12], "train/a.jsonl.gz": ROWS[12:], "test/b.json": ROWS[:3]})


def lines(path: Path) -> list[bytes]:
    return zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().splitlines()


@pytest.mark.parametrize(
    ("name", "text"), [("whitespace", "Déjà vu 0 &amp; __label__x"), ("potion", "deja¶vu 0 & __label__x")]
)
def test_texts_are_normalized_and_all_else_stays(
    tmp_path: Path, source: Path, read: Read, name: str, text: str
) -> None:
    normalize_dataset(source, tmp_path / "out", NormalizeParams(normalizer=name), RowParams())
    made = read(tmp_path / "out" / "train" / "b.jsonl.zst")
    assert made[0]["text"] == text
    assert [{**row, "text": ""} for row in made] == [{**row, "text": ""} for row in ROWS[:12]]
    assert [list(row) for row in made] == [list(row) for row in ROWS[:12]], "the order of fields"
    assert read(tmp_path / "out" / "test" / "b.jsonl.zst") == made[:3]
    assert b'"f":1.0' in lines(tmp_path / "out" / "train" / "b.jsonl.zst")[0].replace(b" ", b"")


def test_the_description_says_which_normalizer_and_counts_canonical_labels(tmp_path: Path, write: Write) -> None:
    write(
        tmp_path / "in", {"train/a.jsonl": [{"text": "x", "score": score} for score in ("Pos", "pos ", "__label__neg")]}
    )
    normalize_dataset(tmp_path / "in", tmp_path / "out", NormalizeParams(normalizer="potion"), RowParams())
    described = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert described["normalizer"] == asdict(Normalizer("potion").identity)
    assert described["splits"]["train"] == {"rows": 3, "rejected": 0, "labels": {"neg": 1, "pos": 2}}
    assert described["made_by"] == {"operation": "normalize", "params": {"normalizer": "potion", "max_length": 0}}


def test_other_fields_can_hold_text_and_label(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"body": " a  b ", "text": " c  d ", "meta": {"grade": 3}}]})
    normalize_dataset(
        tmp_path / "in", tmp_path / "out", WHITESPACE, RowParams(text_field="body", label_field=".meta.grade")
    )
    assert read(tmp_path / "out" / "train" / "a.jsonl.zst") == [{"body": "a b", "text": " c  d ", "meta": {"grade": 3}}]


def test_a_text_field_that_is_an_expression_reads_back_normalized_or_is_refused(
    tmp_path: Path, write: Write, read: Read
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"meta": {"body": " a  b "}, "score": 3}]})
    rows = RowParams(text_field=".meta.body")
    try:
        normalize_dataset(tmp_path / "in", tmp_path / "out", WHITESPACE, rows)
    except UsageError:
        return
    (made,) = read(tmp_path / "out" / "train" / "a.jsonl.zst")
    assert rows.text(made) == "a b"


@pytest.mark.parametrize("field", ["text_field", "label_field"])
def test_a_field_expression_that_does_not_compile_is_refused_before_any_row(field: str) -> None:
    # as a bad row it would set every row aside under quarantine
    with pytest.raises(BonepickError, match=r"'\.text\[' does not compile"):
        RowParams(on_error="quarantine", **{field: ".text["})  # type: ignore[arg-type]


BAD = [{"score": 1}, {"text": "x"}, {"text": "\n", "score": 1}, {"text": "x", "score": []}, {"text": None, "score": 1}]


def test_bad_rows_go_to_quarantine_and_the_others_keep_their_order(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [ROWS[0], *BAD, ROWS[1]]})
    normalize_dataset(tmp_path / "in", tmp_path / "out", WHITESPACE, QUARANTINE)
    assert [row["id"] for row in read(tmp_path / "out" / "train" / "a.jsonl.zst")] == [0, 1]
    aside = read(tmp_path / "out" / "quarantine" / "train" / "a.jsonl")
    assert [(row["line"], json.loads(row["raw"])) for row in aside] == list(enumerate(BAD, 2))
    assert len({row["reason"] for row in aside}) == 5
    described = json.loads((tmp_path / "out" / "dataset.json").read_text())["splits"]["train"]
    assert (described["rows"], described["rejected"]) == (2, 5)


def test_a_text_of_which_nothing_is_left_is_a_bad_row(tmp_path: Path, write: Write, read: Read) -> None:
    """What reads the output would refuse it: a lone accent is a text, but not one after marks are removed."""
    write(tmp_path / "in", {"train/a.jsonl": [{"text": "\u0301", "score": 1}, {"text": "a", "score": 1}]})
    normalize_dataset(tmp_path / "in", tmp_path / "out", NormalizeParams(normalizer="potion"), QUARANTINE)
    made = read(tmp_path / "out" / "train" / "a.jsonl.zst")
    assert [RowParams().text(row) for row in made] == ["a"]


def test_a_text_that_the_normalizer_fails_on_is_a_bad_row(
    tmp_path: Path, write: Write, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """What a library in Rust raises."""

    def panic(text: str) -> str:
        if text == "bad":
            raise PanicException("byte index 3")
        return text

    monkeypatch.setattr("bonepick.text.normalizer._function", lambda name, tokenizer: panic)
    write(tmp_path / "in", {"train/a.jsonl": [{"text": text, "score": 1} for text in ("good", "bad")]})
    normalize_dataset(tmp_path / "in", tmp_path / "out", WHITESPACE, QUARANTINE)
    (aside,) = read(tmp_path / "out" / "quarantine" / "train" / "a.jsonl")
    assert (aside["line"], "byte index 3" in aside["reason"]) == (2, True)


def test_texts_that_are_cut_are_counted_in_the_summary(tmp_path: Path, write: Write, notes: list[str]) -> None:
    rows = [{"text": "word " * length, "score": 1} for length in (10, 210_000)]
    write(tmp_path / "in", {"train/a.jsonl": rows})
    normalize_dataset(tmp_path / "in", tmp_path / "out", NormalizeParams(normalizer="plsfix"), RowParams())
    assert any("2 rows, 1 texts cut (longer than 1,048,576 characters)" in note for note in notes)


def test_an_unknown_normalizer_is_refused_before_any_row(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"train/a.jsonl": b"not json\n"})
    with pytest.raises(UsageError, match="unknown normalizer 'best': want one of whitespace, plsfix"):
        normalize_dataset(tmp_path / "in", tmp_path / "out", NormalizeParams(normalizer="best"), RowParams())


def test_bytes_are_the_same_for_two_workers_and_other_packing(
    tmp_path: Path, source: Path, write: Write, tree: Tree, small_blocks: int
) -> None:
    params = NormalizeParams(normalizer="potion")
    normalize_dataset(source, tmp_path / "one", params, RowParams())
    normalize_dataset(source, tmp_path / "two", params, RowParams(), Run(workers=2))
    files = {"train/b.json.zst": ROWS[:12], "train/a.jsonl": ROWS[12:], "test/b.jsonl.gzip": ROWS[:3]}
    normalize_dataset(write(tmp_path / "other", files), tmp_path / "three", params, RowParams())
    assert tree(tmp_path / "one") == tree(tmp_path / "two") == tree(tmp_path / "three")


def test_a_dataset_is_not_normalized_twice(tmp_path: Path, source: Path) -> None:
    """The model would be trained on texts that went through both, and evaluated on texts that went through one."""
    normalize_dataset(source, tmp_path / "once", WHITESPACE, RowParams())
    with pytest.raises(BonepickError, match=r"is normalized already with whitespace \(version 1\)"):
        normalize_dataset(tmp_path / "once", tmp_path / "twice", WHITESPACE, RowParams())
    transform_dataset(tmp_path / "once", tmp_path / "reshaped", TransformParams())
    with pytest.raises(BonepickError, match="is normalized already"):
        convert_to_fasttext(tmp_path / "reshaped", tmp_path / "twice", ConvertParams(), RowParams())
    assert not (tmp_path / "twice").exists()
