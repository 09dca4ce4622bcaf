"""Convert writes one fastText line a row, and no text can pass for a label."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.label_forms import ONE_LABEL
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, ConvertStep, convert_to_fasttext
from bonepick.text.normalizer import Normalizer

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
ROWS = [{"text": f" Text\t{n}\nend ", "score": ("Very Good", "bad")[n % 2]} for n in range(20)]
WHITESPACE = ConvertParams(normalizer="whitespace")


def converted(tmp_path: Path, write: Write, *rows: dict[str, Any], name: str = "whitespace", **more: Any) -> bytes:
    write(tmp_path / "in", {"train/a.jsonl": rows})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(normalizer=name), RowParams(**more))
    return (tmp_path / "out" / "train.txt").read_bytes()


def test_all_shards_of_a_split_are_one_file_in_their_order(tmp_path: Path, write: Write, tree: Tree) -> None:
    write(tmp_path / "in", {"train/b.jsonl": ROWS[:2], "train/a/x.jsonl.gz": ROWS[2:4], "valid/z.jsonl": ROWS[4:5]})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", WHITESPACE, RowParams())
    made = tree(tmp_path / "out")
    assert sorted(made) == [".bonepick.json", "dataset.json", "train.txt", "valid.txt"]
    assert made["train.txt"].decode() == (
        "__label__very_good Text 2 end\n"
        "__label__bad Text 3 end\n"
        "__label__very_good Text 0 end\n"
        "__label__bad Text 1 end\n"
    )
    assert made["valid.txt"].decode() == "__label__very_good Text 4 end\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("__label__pos", "__label__1 label__pos"),
        ("a __label__pos b", "__label__1 a label__pos b"),
        ("____label__pos", "__label__1 label__pos"),
        ("a\n__label__pos", "__label__1 a label__pos"),
        ("a__label__pos", "__label__1 a__label__pos"),
        ("a\u2028b\x85c", "__label__1 a b c"),
        ("a\0b\x0bc\x0cd\re", "__label__1 a b c d e"),
    ],
)
def test_a_text_cannot_pass_for_a_label_or_for_a_second_line(
    tmp_path: Path, write: Write, text: str, line: str
) -> None:
    assert converted(tmp_path, write, {"text": text, "score": 1}).decode() == line + "\n"


def test_line_breaks_that_a_normalizer_leaves_become_spaces(tmp_path: Path, write: Write) -> None:
    made = converted(tmp_path, write, {"text": "a\nb\n\n__label__c", "score": 1}, name="plsfix")
    assert made == b"__label__1 a b label__c\n"


TEXTS = st.text(max_size=40) | st.text(alphabet="_label \n\r\0\x0b\x0c\x85\u2028", max_size=60)


@given(text=TEXTS, label=TEXTS | st.integers(), name=st.sampled_from(["whitespace", "plsfix"]))
def test_every_row_is_one_line_with_one_label(text: str, label: object, name: str) -> None:
    """fastText cuts lines at \\n, and tokens at these bytes; a token that begins with the prefix is a label."""
    step = ConvertStep(Normalizer(name), RowParams(), ONE_LABEL)
    try:
        line = step({"text": text, "score": label}, b"").data
    except BonepickError:
        return
    assert b"\n" not in line
    for separator in b"\r\t\v\f\0":
        line = line.replace(bytes([separator]), b" ")
    labels = [token for token in line.split(b" ") if token.startswith(b"__label__")]
    assert labels == [line.split(b" ")[0]]
    assert len(labels[0]) > len(b"__label__")


def test_a_text_of_which_nothing_is_left_is_a_bad_row(tmp_path: Path, write: Write, read: Read) -> None:
    rows = [{"text": "\u0301", "score": 1}, {"text": "a", "score": 1}]
    assert converted(tmp_path, write, *rows, name="potion", on_error="quarantine") == b"__label__1 a\n"
    assert [row["line"] for row in read(tmp_path / "out" / "quarantine" / "train" / "a.jsonl")] == [1]


def test_bad_rows_go_to_the_sidecar_of_their_shard(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [ROWS[0], {"text": "x"}], "train/b.jsonl": b"[]\n"})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", WHITESPACE, RowParams(on_error="quarantine"))
    assert (tmp_path / "out" / "train.txt").read_bytes() == b"__label__very_good Text 0 end\n"
    for name, line in (("a", 2), ("b", 1)):
        assert [row["line"] for row in read(tmp_path / "out" / "quarantine" / "train" / f"{name}.jsonl")] == [line]
    with pytest.raises(BonepickError, match=r"in/train/a\.jsonl:2: label field 'score' is missing"):
        convert_to_fasttext(tmp_path / "in", tmp_path / "strict", WHITESPACE, RowParams())


def test_the_description_says_normalizer_and_labels(tmp_path: Path, write: Write) -> None:
    converted(tmp_path, write, *ROWS[:3])
    described = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert described["normalizer"] == asdict(Normalizer("whitespace").identity)
    assert described["splits"] == {"train": {"rows": 3, "rejected": 0, "labels": {"bad": 1, "very_good": 2}}}
    assert described["made_by"]["operation"] == "convert"


def test_a_tree_without_splits_is_refused(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"a.jsonl": ROWS})
    with pytest.raises(BonepickError, match="has no train/, valid/ or test/ folder"):
        convert_to_fasttext(tmp_path / "in", tmp_path / "out", WHITESPACE, RowParams())


def test_bytes_are_the_same_for_two_workers_and_other_packing(
    tmp_path: Path, write: Write, tree: Tree, small_blocks: int
) -> None:
    source = write(
        tmp_path / "in", {"train/b.jsonl": ROWS[:10], "train/a.jsonl.gz": ROWS[10:], "test/c.json": ROWS[:3]}
    )
    convert_to_fasttext(source, tmp_path / "one", WHITESPACE, RowParams())
    convert_to_fasttext(source, tmp_path / "two", WHITESPACE, RowParams(), Run(workers=2))
    files = {"train/b.jsonl.zst": ROWS[:10], "train/a.json": ROWS[10:], "test/c.jsonl": ROWS[:3]}
    convert_to_fasttext(write(tmp_path / "other", files), tmp_path / "three", WHITESPACE, RowParams())
    assert tree(tmp_path / "one") == tree(tmp_path / "two") == tree(tmp_path / "three")


def numbered(scores: list[Any]) -> list[dict[str, Any]]:
    return [{"text": f"text {number}", "score": score} for number, score in enumerate(scores)]


def labels_in(path: Path) -> list[str]:
    return [line.split()[0].removeprefix("__label__") for line in path.read_text().splitlines()]


def test_bins_are_learned_on_train_alone_and_kept(tmp_path: Path, write: Write, notes: list[str]) -> None:
    files = {"train/a.jsonl": numbered([1, 2.5, 3, 4, 5, 6]), "test/a.jsonl": numbered([-9, 3, 99, 4.5])}
    write(tmp_path / "in", files)
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(auto=3), RowParams())
    assert labels_in(tmp_path / "out/train.txt") == ["0", "0", "1", "1", "2", "2"]
    assert labels_in(tmp_path / "out/test.txt") == ["0", "1", "2", "1"]
    described = json.loads((tmp_path / "out/dataset.json").read_text())
    assert described["label_form"] == {"multi_label": False, "bin_edges": [3.0, 5.0]}
    assert any("0: below 3 (2 rows), 1: 3 to below 5 (2 rows), 2: 5 and above (2 rows)" in note for note in notes)


def test_bins_that_fall_together_are_said(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": numbered([0] * 8 + [1, 2])})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(auto=5), RowParams())
    assert sorted(set(labels_in(tmp_path / "out/train.txt"))) == ["0", "1"]
    assert any("2 of the 5 that were asked for" in note for note in notes)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"train/a.jsonl": [3, 3]}, "all labels there are 3"),
        ({"test/a.jsonl": [3, 4]}, "there are none with a label"),
        ({"train/a.jsonl": [3, "4"]}, r"a\.jsonl:2: label is '4', wanted a number"),
    ],
)
def test_bins_need_different_numbers_in_train(
    tmp_path: Path, write: Write, files: dict[str, list[Any]], reason: str
) -> None:
    write(tmp_path / "in", {name: numbered(scores) for name, scores in files.items()})
    with pytest.raises(BonepickError, match=reason):
        convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(auto=2), RowParams())
    assert not (tmp_path / "out").exists()


def test_rejected_rows_are_not_learned_from(tmp_path: Path, write: Write) -> None:
    rows = [*numbered([1, 2, 3, 4]), {"text": " ", "score": 900}, {"text": "x", "score": "high"}]
    write(tmp_path / "in", {"train/a.jsonl": rows})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(auto=2), RowParams(on_error="quarantine"))
    described = json.loads((tmp_path / "out/dataset.json").read_text())
    assert described["label_form"]["bin_edges"] == [3.0]
    assert described["splits"]["train"] == {"rows": 4, "rejected": 2, "labels": {"0": 2, "1": 2}}


@pytest.mark.parametrize("wrong", [{"auto": 1}, {"auto": 3, "multi_label": True}, {"auto": -1}])
def test_bins_that_make_no_sense_are_a_usage_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="auto is"):
        ConvertParams(**wrong)


def test_an_object_of_labels_becomes_several(tmp_path: Path, write: Write, read: Read) -> None:
    topics = [{"maths": 1, "code": 1}, {"maths": 0, "code": 0}, {"maths": 1, "code": 0}, {"maths": "yes"}, "code"]
    write(tmp_path / "in", {"train/a.jsonl": numbered(topics)})
    params = ConvertParams(multi_label=True)
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", params, RowParams(on_error="quarantine"))
    assert (tmp_path / "out/train.txt").read_text().splitlines() == [
        "__label__code __label__maths text 0",
        "text 1",
        "__label__maths text 2",
    ]
    described = json.loads((tmp_path / "out/dataset.json").read_text())
    assert described["label_form"] == {"multi_label": True, "bin_edges": []}
    assert described["splits"]["train"] == {"rows": 3, "rejected": 2, "labels": {"code": 1, "maths": 2}}
    assert [row["line"] for row in read(tmp_path / "out/quarantine/train/a.jsonl")] == [4, 5]


def test_texts_are_cut_before_they_are_normalized(tmp_path: Path, write: Write, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [{"text": "a  b  c", "score": 1}, {"text": "short", "score": 0}]})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(max_length=5), RowParams())
    assert (tmp_path / "out/train.txt").read_text() == "__label__1 a b\n__label__0 short\n"
    described = json.loads((tmp_path / "out/dataset.json").read_text())
    assert (described["normalizer"]["max_length"], described["normalizer"]["max_length_unit"]) == (5, "characters")
    assert any("2 rows, 1 texts cut (longer than 5 characters)" in note for note in notes)


def test_a_label_that_rows_name_and_none_has_is_counted_as_none(tmp_path: Path, write: Write) -> None:
    rows = [{"text": "x", "score": {"Code": code, "long": 0}} for code in (1, 0)]
    write(tmp_path / "in", {"train/a.jsonl": rows, "test/a.jsonl": [{"text": "x", "score": {"long": 1}}]})
    convert_to_fasttext(tmp_path / "in", tmp_path / "out", ConvertParams(multi_label=True), RowParams())
    splits = json.loads((tmp_path / "out" / "dataset.json").read_text())["splits"]
    assert {name: split["labels"] for name, split in splits.items()} == {
        "train": {"code": 1, "long": 0},
        "test": {"long": 1},
    }
    assert (tmp_path / "out" / "train.txt").read_text() == "__label__code x\nx\n"
