"""Tokens are counted as the tokenizer itself counts them, per dataset and split."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers.processors import TemplateProcessing

from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.count_tokens import TokenCounts, count_tokens
from bonepick.text.tokenizer import PACKAGED_SHA256, load_tokenizer
from tests.tiny import tiny_tokenizer

Write = Callable[..., Path]
TEXTS = ["Hello world", "héé  日本語", "one two three four", "a\n\nb", "🙂"] * 4
ROWS = [{"text": text} for text in TEXTS]


@pytest.fixture
def words(tmp_path: Path) -> str:
    """Return a tokenizer.json that takes each word as a token, adds two at the ends and would cut after three."""
    inner = tiny_tokenizer([])
    inner.post_processor = TemplateProcessing(single="[PAD] $A [PAD]", special_tokens=[("[PAD]", 1)])
    inner.enable_truncation(3)
    inner.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path / "tokenizer.json")


def figures(found: TokenCounts) -> list[tuple[object, ...]]:
    return [(c.split, c.documents, c.bytes, c.characters, c.tokens) for c in found.counts]


def expected(split: str, texts: list[str], tokens: Callable[[str], int]) -> tuple[object, ...]:
    return split, len(texts), sum(len(t.encode()) for t in texts), sum(map(len, texts)), sum(map(tokens, texts))


def test_the_packaged_tokenizer_counts_what_it_spells(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"test/a.jsonl": ROWS[:3], "train/a.jsonl": ROWS[3:9], "train/b.jsonl.gz": ROWS[9:]})
    found = count_tokens([tmp_path / "in"], RowParams())

    def tokens(text: str) -> int:
        return len(load_tokenizer("packaged").spell(text, add_special_tokens=False))

    wanted = [("train", TEXTS[3:]), ("test", TEXTS[:3]), ("all", TEXTS)]
    assert figures(found) == [expected(split, texts, tokens) for split, texts in wanted]
    assert found.tokenizer == PACKAGED_SHA256


def test_any_tokenizer_counts_all_of_a_text_and_nothing_more(tmp_path: Path, write: Write, words: str) -> None:
    write(tmp_path / "in", {"deep/a.jsonl": ROWS})
    found = count_tokens([tmp_path / "in"], RowParams(), words)
    assert figures(found) == [expected("all", TEXTS, lambda text: len(text.split()))]


def test_datasets_are_counted_each_and_workers_change_nothing(
    tmp_path: Path, write: Write, words: str, small_blocks: int
) -> None:
    inputs = [write(tmp_path / "x", {"train/a.jsonl": ROWS}), write(tmp_path / "y", {"a.jsonl": ROWS[:2]})]
    found = count_tokens(inputs, RowParams(), words)
    assert [(count.dataset, count.split, count.documents) for count in found.counts] == [
        (str(inputs[0]), "train", 20),
        (str(inputs[0]), "all", 20),
        (str(inputs[1]), "all", 2),
    ]
    assert count_tokens(inputs, RowParams(), words, Run(workers=2)) == found


def test_table_and_json_have_the_ratios(tmp_path: Path, write: Write, words: str) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"text": "é" * 500 + " b"}] * 4 + [{"text": "one two three"}]})
    found = count_tokens([tmp_path / "in"], RowParams(), words)
    parsed = json.loads(found.json())
    assert parsed["tokenizer"] == found.tokenizer == load_tokenizer(words).digest
    assert parsed["counts"][0] == {
        "dataset": str(tmp_path / "in"),
        "split": "train",
        "documents": 5,
        "bytes": 4021,
        "characters": 2021,
        "tokens": 11,
        "rejected": 0,
        "tokens_per_document": 2.2,
        "tokens_per_byte": round(11 / 4021, 6),
        "bytes_per_token": round(4021 / 11, 6),
    }
    head, train, every = str(found).splitlines()
    assert head.split()[2:] == [
        "documents",
        "bytes",
        "characters",
        "tokens",
        "tokens/doc",
        "tokens/byte",
        "bytes/token",
    ]
    assert train.split() == [str(tmp_path / "in"), "train", "5", "4,021", "2,021", "11", "2.2", "0.003", "365.545"]
    assert every.split()[1:] == ["all", *train.split()[2:]]
    assert len(head) == len(train) == len(every)


def test_nothing_to_divide_by_is_no_ratio(tmp_path: Path, write: Write, words: str) -> None:
    write(tmp_path / "in", {"a.jsonl": b""})
    found = count_tokens([tmp_path / "in"], RowParams(), words)
    assert json.loads(found.json())["counts"][0]["bytes_per_token"] is None
    assert str(found).splitlines()[1].split()[-3:] == ["-", "-", "-"]


def test_bad_rows_stop_or_are_counted(tmp_path: Path, write: Write, words: str, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [ROWS[0], {"text": " "}, {"body": "x"}], "test/a.jsonl": b"[]\n"})
    with pytest.raises(BonepickError, match=r"train/a\.jsonl:2: text field 'text' is empty"):
        count_tokens([tmp_path / "in"], RowParams(), words)
    found = count_tokens([tmp_path / "in"], RowParams(on_error="quarantine"), words)
    assert [(c.split, c.documents, c.rejected) for c in found.counts] == [
        ("train", 1, 2),
        ("test", 0, 1),
        ("all", 1, 3),
    ]
    assert notes == ["count-tokens: 3 rows were rejected"]


def test_a_tokenizer_that_cannot_be_read_is_no_fault_of_the_rows(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"a.jsonl": ROWS})
    (tmp_path / "tokenizer.json").write_text("{}")
    rows: Any = RowParams(on_error="quarantine")
    with pytest.raises(BonepickError, match=r"is damaged .*: take another tokenizer"):
        count_tokens([tmp_path / "in"], rows, str(tmp_path / "tokenizer.json"))
    with pytest.raises(BonepickError, match="no tokenizer at"):
        count_tokens([tmp_path / "in"], rows, str(tmp_path / "nowhere.json"))
