"""Rows to evaluate on: numbered, described as they were before normalization, in the form that the model takes."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.manifest import Manifest
from bonepick.core.errors import BonepickError
from bonepick.data.dataset import Dataset
from bonepick.data.rows import RowParams
from bonepick.evaluation.read_texts import Texts, read_texts
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.text.normalizer import Normalizer

Write = Callable[..., Path]


def manifest(normalizer: str | None = "potion") -> Manifest:
    identity: Any = Normalizer(normalizer).identity if normalizer else None
    return Manifest("model2vec", ["bad", "fair", "good"], {}, identity, 1, [], {}, {})


def read(*directories: Path, normalizer: str | None = "potion", workers: int = 1, **rows: Any) -> Texts:
    return read_texts(directories, manifest(normalizer), RowParams(**rows), "packaged", workers)


def test_rows_are_described_as_they_were_and_given_as_the_model_wants_them(write: Write, tmp_path: Path) -> None:
    text = "Déjà\n\nVU"
    rows = [
        {"text": text, "score": " Good ", "source": "web", "group": 7},
        {"text": "x", "score": "bad", "source": None},
    ]
    found = read(write(tmp_path / "own", test=rows))
    assert found.texts == ["deja¶vu", "x"]
    assert found.columns == {
        "dataset": ["own", "own"],
        "split": ["test", "test"],
        "row": [0, 1],
        "digest": [hashlib.sha256(value.encode()).hexdigest() for value in (text, "x")],
        "length": [8, 1],
        "words": [2, 1],
        "source": ["web", None],
        "group": ["7", None],
        "topic": [None, None],
        "gold": ["good", "bad"],
    }
    assert found.excerpts == ["Déjà VU", "x"]


def test_rows_are_numbered_within_dataset_and_split(
    write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any]
) -> None:
    """In the order of shards, test before valid, datasets as given; train is not read."""
    two = write(tmp_path / "two", test=rows_of(4, 1), valid=rows_of(3, 2), train=rows_of(9, 3))
    one = write(tmp_path / "one", test=rows_of(5, 4))
    (two / "train" / "0.jsonl").write_bytes(b"\xff")
    columns = read(two, one).columns
    found = list(zip(columns["dataset"], columns["split"], columns["row"], strict=True))
    assert found == [
        *(("two", "test", i) for i in range(4)),
        *(("two", "valid", i) for i in range(3)),
        *(("one", "test", i) for i in range(5)),
    ]
    shards = [0, 2, 1, 3]  # two shards, dealt in turn
    assert columns["group"][:4] == [str(rows_of(4, 1)[i]["group"]) for i in shards]


def test_more_workers_change_nothing(world: Any) -> None:
    one, two = read(world.raw), read(world.raw, workers=2)
    assert (one.texts, one.columns) == (two.texts, two.columns)


def test_a_normalized_dataset_gives_the_same_texts_and_knows_no_digests(world: Any) -> None:
    raw, normalized = read(world.raw), read(world.normalized)
    assert raw.texts == normalized.texts
    assert set(normalized.columns["digest"]) == set(normalized.columns["length"]) == {None}
    for name in ("dataset", "split", "row", "source", "group", "gold"):
        assert raw.columns[name] == normalized.columns[name]


def test_converted_lines_give_the_same_texts_and_carry_less(world: Any) -> None:
    raw, lines = read(world.raw), read(world.lines)
    assert raw.texts == lines.texts
    for name in ("dataset", "split", "row", "source", "group", "gold"):
        assert raw.columns[name] == lines.columns[name]
    for name in ("digest", "length"):
        assert set(lines.columns[name]) == {None}


def test_converted_lines_are_from_where_their_rows_were_from(write: Write, tmp_path: Path) -> None:
    rows = [{"text": f"x{i}", "score": "bad", "source": "ab"[i], "group": i} for i in range(2)]
    convert_to_fasttext(write(tmp_path / "own", test=rows), tmp_path / "lines", ConvertParams(), RowParams())
    found = read(tmp_path / "lines", normalizer="whitespace")
    assert (found.columns["source"], found.columns["group"]) == (["a", "b"], ["0", "1"])


def test_texts_go_as_they_are_where_the_model_knows_no_normalizer(write: Write, tmp_path: Path) -> None:
    found = read(write(tmp_path / "own", test=[{"text": " A\n", "score": 1}]), normalizer=None)
    assert (found.texts, found.columns["length"]) == ([" A\n"], [3])


@pytest.mark.parametrize("normalizer", ["whitespace", "ultrafine"])
@pytest.mark.parametrize("convert", [False, True])
def test_a_dataset_with_another_normalizer_is_refused(
    world: Any, tmp_path: Path, normalizer: str, convert: bool
) -> None:
    if convert:
        convert_to_fasttext(world.raw, tmp_path / "other", ConvertParams(normalizer=normalizer), RowParams())
    else:
        normalize_dataset(world.raw, tmp_path / "other", NormalizeParams(normalizer=normalizer), RowParams())
    with pytest.raises(BonepickError, match="take the rows before normalization"):
        read(tmp_path / "other")


@pytest.mark.parametrize(
    ("change", "refused"),
    [({"version": 2}, True), ({"tokenizer": "f" * 64}, True), ({"name": "whitespace"}, True), ({}, False)],
)
def test_the_same_normalizer_is_name_version_and_tokenizer(
    world: Any, tmp_path: Path, change: dict[str, Any], refused: bool
) -> None:
    info = json.loads((world.normalized / "dataset.json").read_bytes())
    info["normalizer"] |= change
    (tmp_path / "dataset.json").write_text(json.dumps(info), encoding="utf-8")
    wanted = manifest().normalizer
    (tmp_path / "test").symlink_to(world.normalized / "test")
    if refused:
        with pytest.raises(BonepickError, match="wanted is potion"):
            Dataset.open(tmp_path).normalizer_left(wanted)
    else:
        assert Dataset.open(tmp_path).normalizer_left(wanted) is None


def test_where_one_side_is_unknown_that_is_said(write: Write, world: Any, tmp_path: Path, notes: list[str]) -> None:
    foreign = write(tmp_path / "own", test=[{"text": "a", "score": 1}])
    read(foreign)
    assert len(notes) == 1 and "potion is applied" in notes[0]
    notes.clear()
    read(world.normalized, normalizer=None)
    assert len(notes) == 1 and "not known" in notes[0]
    notes.clear()
    read(foreign, normalizer=None)
    assert len(notes) == 1 and "own are taken as they are" in notes[0]
    notes.clear()
    read(world.normalized)
    assert notes == []


def test_what_is_said_of_lines_made_elsewhere_is_true(tmp_path: Path, notes: list[str]) -> None:
    """No `dataset.json`: it is said that the normalizer is applied, so it must be."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test.txt").write_text("__label__Good  GOOD1\tbad1\n", encoding="utf-8")
    found = read(tmp_path / "own")
    applied = any("is applied" in said for said in notes)
    assert found.texts == (["good1↦bad1"] if applied else [" GOOD1\tbad1"])
    assert found.columns["gold"] == ["good"]


@pytest.mark.parametrize(
    ("line", "gold", "text"),
    [
        (b"__label__pos a b\n", "pos", "a b"),
        (b"__label__pos\n", "pos", ""),
        (b"__label__pos a\r\n", "pos", "a"),
        (b"__label__pos\ta\n", "pos", "a"),
        (b"__label__Very_Good a\n", "very_good", "a"),
        (b"__label__3 a", "3", "a"),
    ],
)
def test_lines_as_others_write_them(line: bytes, gold: str, text: str, tmp_path: Path) -> None:
    """fastText ends a token at tabs and carriage returns too."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test.txt").write_bytes(line)
    found = read(tmp_path / "own", normalizer=None)
    assert (found.columns["gold"], [text.strip() for text in found.texts]) == ([gold], [text])


@pytest.mark.parametrize("line", [b"no label\n", b"__label__ a\n", b"__label__a \xff\n", b"__label__\xe2\x80\x83 a\n"])
def test_a_line_that_cannot_be_used_is_named(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test.txt").write_bytes(b"__label__a fine\n" + line)
    with pytest.raises(BonepickError, match=r"own/test\.txt:2"):
        read(tmp_path / "own", normalizer=None)


def test_lines_that_cannot_be_used_are_rejected_and_counted(tmp_path: Path, notes: list[str]) -> None:
    (tmp_path / "own").mkdir()
    lines = (
        b"\xef\xbb\xbf__label__a one\n\n  \nno label\n__label__b caf\xe9\n__label__a __label__b two\n__label__b last"
    )
    (tmp_path / "own" / "test.txt").write_bytes(lines)
    found = read(tmp_path / "own", normalizer=None, on_error="quarantine")
    assert (found.texts, found.columns["gold"], found.columns["row"]) == (["one", "last"], ["a", "b"], [0, 4])
    (said,) = [note for note in notes if "rejected" in note]
    assert "3 rows were rejected" in said
    assert all(f"own/test.txt:{number}: " in said for number in (4, 5, 6))
    assert "byte 0xe9" in said and "--multi-label" in said


def test_a_bad_row_stops_evaluation_or_is_left_out_and_counted(
    write: Write, tmp_path: Path, notes: list[str], rows_of: Callable[[int, int], Any]
) -> None:
    rows = rows_of(6, 1)
    rows[2] = {"text": " ", "score": "bad"}
    folder = write(tmp_path / "own", test=rows)
    with pytest.raises(BonepickError, match=r"own/test/0\.jsonl:2: text field 'text' is empty"):
        read(folder)
    assert len(read(folder, on_error="quarantine").texts) == 5
    assert any("1 rows were rejected" in said for said in notes)


def test_other_fields_can_be_named(write: Write, tmp_path: Path) -> None:
    folder = write(tmp_path / "own", test=[{"body": "a", "meta": {"grade": 2}}])
    found = read(folder, text_field="body", label_field=".meta.grade")
    assert (found.texts, found.columns["gold"]) == (["a"], ["2"])


def test_without_test_rows_it_says_so(write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any]) -> None:
    folder = write(tmp_path / "own", valid=rows_of(3, 1), train=rows_of(3, 1))
    with pytest.raises(BonepickError, match=r"no test rows in .*own"):
        read(folder)


def test_one_dataset_with_test_rows_is_enough(write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any]) -> None:
    without = write(tmp_path / "a", valid=rows_of(3, 1))
    assert read(without, write(tmp_path / "b", test=rows_of(2, 1))).columns["split"] == ["valid"] * 3 + ["test"] * 2


def test_two_datasets_of_one_name_are_refused(write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any]) -> None:
    folders = [write(tmp_path / parent / "own", test=rows_of(2, 1)) for parent in ("a", "b")]
    with pytest.raises(BonepickError, match="two datasets are called 'own'"):
        read(*folders)


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="missing is not there"):
        read(tmp_path / "missing")


def test_a_folder_that_is_not_there_is_all_that_is_said(tmp_path: Path, notes: list[str]) -> None:
    with pytest.raises(BonepickError, match="nowhere is not there"):
        read(tmp_path / "nowhere")
    assert notes == []
