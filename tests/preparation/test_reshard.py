"""Resharding changes where rows lie, not the rows nor their order; carving is import's splitting."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import OnError, RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.reshard import ReshardParams, reshard_dataset
from bonepick.text.identity import NormalizerIdentity

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
Row = dict[str, Any]
# every text twice, far apart
ROWS: list[Row] = [{"n": n, "text": f"text {n % 50}", "score": n % 3} for n in range(100)]


def resharded(folder: Path, output: Path, on_error: OnError = "fail", workers: int = 1, **params: Any) -> Path:
    reshard_dataset(folder, output, ReshardParams(**params), RowParams(on_error=on_error), Run(workers))
    return output


def shards_of(folder: Path, read: Read) -> dict[str, list[Row]]:
    return {path.relative_to(folder).as_posix(): read(path) for path in sorted(folder.rglob("*.zst"))}


def splits_of(folder: Path, read: Read) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, rows in shards_of(folder, read).items():
        found.setdefault(name.split("/")[0], []).extend(row["n"] for row in rows)
    return found


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "in", {"train/b/x.jsonl.gz": ROWS[61:], "train/a.jsonl": ROWS[:61]})


@pytest.fixture
def complete(tmp_path: Path, write: Write) -> Path:
    return write(
        tmp_path / "complete", {"train/a.jsonl": ROWS[:70], "valid/a.jsonl": ROWS[70:80], "test/a.jsonl": ROWS[80:]}
    )


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 64, 99, 100])
def test_n_shards_of_near_equal_rows_in_their_order(
    tmp_path: Path, source: Path, read: Read, small_blocks: int, shards: int
) -> None:
    found = shards_of(resharded(source, tmp_path / "out", shards=shards), read)
    assert list(found) == [f"train/{number:05}.jsonl.zst" for number in range(shards)]
    assert [row for rows in found.values() for row in rows] == ROWS
    sizes = {len(rows) for rows in found.values()}
    assert max(sizes) - min(sizes) <= 1


def test_each_split_gets_its_shards(tmp_path: Path, complete: Path, read: Read) -> None:
    found = shards_of(resharded(complete, tmp_path / "out", shards=4), read)
    assert [len(rows) for name, rows in found.items() if name.startswith("test")] == [5, 5, 5, 5]
    assert sorted(len(rows) for name, rows in found.items() if name.startswith("valid")) == [2, 2, 3, 3]
    assert splits_of(tmp_path / "out", read) == {
        "train": list(range(70)),
        "valid": list(range(70, 80)),
        "test": list(range(80, 100)),
    }


def test_fewer_rows_than_shards_are_a_row_a_shard_and_that_is_said(
    tmp_path: Path, complete: Path, read: Read, notes: list[str]
) -> None:
    found = shards_of(resharded(complete, tmp_path / "out", shards=15), read)
    assert [name for name in found if name.startswith("valid")] == [f"valid/{n:05}.jsonl.zst" for n in range(10)]
    assert [note for note in notes if "valid has only 10 rows" in note]
    assert not [note for note in notes if "train" in note and "rows (train" not in note]


def test_rows_per_shard(tmp_path: Path, complete: Path, read: Read, small_blocks: int) -> None:
    found = shards_of(resharded(complete, tmp_path / "out", rows_per_shard=20), read)
    assert [len(rows) for name, rows in found.items() if name.startswith("train")] == [20, 20, 20, 10]
    assert [len(rows) for name, rows in found.items() if name.startswith("valid")] == [10]
    assert [row for name, rows in found.items() if name.startswith("train") for row in rows] == ROWS[:70]


def test_a_tree_without_splits_stays_one_and_needs_no_texts(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "in", {"deep/b.jsonl": [{"n": 1}, {"n": 2}], "a.jsonl": [{"n": 0}]})
    found = shards_of(resharded(tmp_path / "in", tmp_path / "out", shards=2), read)
    assert found == {"00000.jsonl.zst": [{"n": 0}, {"n": 1}], "00001.jsonl.zst": [{"n": 2}]}


def test_content_is_what_it_was(tmp_path: Path, complete: Path) -> None:
    one, other = (
        json.loads((resharded(complete, tmp_path / name, **amount) / "dataset.json").read_text())
        for name, amount in (("one", {"shards": 3}), ("other", {"rows_per_shard": 1}))
    )
    assert one["digest"] == other["digest"]
    assert one["splits"]["valid"] == {"rows": 10, "rejected": 0, "labels": {"0": 3, "1": 4, "2": 3}}


@pytest.mark.parametrize(
    "amounts", [{"test_split": 0.3, "valid_split": 0.2}, {"test_split": 21.0, "valid_split": 10.0}]
)
def test_carving_takes_the_rows_that_import_would_take(
    tmp_path: Path, source: Path, read: Read, amounts: dict[str, float]
) -> None:
    import_dataset(ImportParams(name=str(source / "train"), seed=7, **amounts), tmp_path / "imported", RowParams())
    expected = splits_of(tmp_path / "imported", read)
    assert len(expected) == 3
    assert splits_of(resharded(source, tmp_path / "out", shards=2, seed=7, **amounts), read) == expected
    assert splits_of(resharded(source / "train", tmp_path / "plain", shards=2, seed=7, **amounts), read) == expected
    for split in expected:
        sizes = [len(read(path)) for path in (tmp_path / "out" / split).iterdir()]
        assert len(sizes) == 2
        assert max(sizes) - min(sizes) <= 1


def test_a_split_of_the_datasets_own_is_kept_and_said(
    tmp_path: Path, write: Write, read: Read, notes: list[str]
) -> None:
    write(tmp_path / "in", {"train/a.jsonl": ROWS[:80], "test/a.jsonl": ROWS[80:]})
    out = resharded(tmp_path / "in", tmp_path / "out", shards=1, test_split=0.5, valid_split=0.3)
    found = splits_of(out, read)
    assert found["test"] == list(range(80, 100))
    assert sorted(found["train"] + found["valid"]) == list(range(80))
    assert 10 < len(found["valid"]) < 40
    assert "has a test split of its own: it is kept, and test_split is ignored" in notes[0]
    assert not [note for note in notes if "valid_split" in note]


def test_a_count_is_filled_from_train_alone(tmp_path: Path, write: Write, read: Read) -> None:
    texts = [{"n": n, "text": "frequent" if n >= 20 else f"text {n}"} for n in range(40)]
    write(tmp_path / "in", {"train/a.jsonl": texts[:21], "test/a.jsonl": texts[21:]})
    for seed in range(8):
        out = resharded(tmp_path / "in", tmp_path / f"out{seed}", shards=1, valid_split=20.0, seed=seed)
        assert len(splits_of(out, read)["valid"]) == 20, "one row of the frequent text is in train, not twenty"


def test_rows_without_a_text_are_carved_as_import_would_do_it(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "in", {"a.jsonl": [{"n": n, "text": None} for n in range(60)]})
    import_dataset(ImportParams(name=str(tmp_path / "in"), test_split=0.4), tmp_path / "imported", RowParams())
    expected = splits_of(tmp_path / "imported", read)
    assert sorted(expected) == ["test", "train"]
    assert splits_of(resharded(tmp_path / "in", tmp_path / "out", shards=1, test_split=0.4), read) == expected


def test_there_must_be_train_rows_to_carve_from(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "in", {"test/a.jsonl": ROWS})
    with pytest.raises(BonepickError, match="no train/"):
        resharded(tmp_path / "in", tmp_path / "out", shards=1, valid_split=0.3)
    with pytest.raises(UsageError, match="leave no training rows"):
        resharded(tmp_path / "in" / "test", tmp_path / "out", shards=1, test_split=0.5, valid_split=0.5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize("amount", [{"shards": 3}, {"rows_per_shard": 9}])
def test_bytes_are_the_same_for_two_workers_and_other_shards(
    tmp_path: Path, source: Path, tree: Tree, small_blocks: int, amount: dict[str, int]
) -> None:
    expected = tree(resharded(source, tmp_path / "one", test_split=0.2, **amount))
    assert tree(resharded(source, tmp_path / "two", workers=2, test_split=0.2, **amount)) == expected
    again = resharded(
        resharded(source, tmp_path / "between", rows_per_shard=7), tmp_path / "again", test_split=0.2, **amount
    )
    assert tree(again) == expected


def test_bad_rows_are_rejected_and_not_counted_for_the_shards(
    tmp_path: Path, write: Write, read: Read, tree: Tree
) -> None:
    lines = [json.dumps(row).encode() for row in ROWS[:4]]
    write(tmp_path / "in", {"train/a.jsonl": b"\n".join([b"bad", *lines[:2], b"3", *lines[2:]])})
    out = resharded(tmp_path / "in", tmp_path / "out", on_error="quarantine", shards=2)
    assert [[row["n"] for row in rows] for rows in shards_of(out, read).values()] == [[0, 1], [2, 3]]
    assert [row["line"] for row in read(out / "quarantine" / "train" / "a.jsonl")] == [1, 4]
    assert json.loads((out / "dataset.json").read_text())["splits"]["train"]["rejected"] == 2
    with pytest.raises(BonepickError, match=r"train/a\.jsonl:1: not valid JSON"):
        resharded(tmp_path / "in", tmp_path / "strict", shards=2)


def test_the_normalizer_of_the_input_goes_along(tmp_path: Path, source: Path) -> None:
    normalizer = asdict(NormalizerIdentity("potion", 1))
    described = {"made_by": {}, "splits": {}, "digest": "", "normalizer": normalizer}
    (source / "dataset.json").write_text(json.dumps(described))
    out = resharded(source, tmp_path / "out", shards=1)
    assert json.loads((out / "dataset.json").read_text())["normalizer"] == normalizer


@pytest.mark.parametrize("params", [{}, {"shards": 2, "rows_per_shard": 3}])
def test_exactly_one_way_to_say_how_many_shards(tmp_path: Path, source: Path, params: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"of --shards and --rows-per-shard \(from 1 on\) given: wanted one"):
        resharded(source, tmp_path / "out", **params)
    with pytest.raises(BonepickError, match="overlap"):
        resharded(source, source / "out", shards=1)
