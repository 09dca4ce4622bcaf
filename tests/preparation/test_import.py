"""Import takes rows from somewhere else, splits them so that equal ones stay together, and loses none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
# every text twice, far apart
ROWS = [{"text": f"text {n % 50}", "score": n % 4, "host": f"h{n % 7}", "n": n} for n in range(100)]
QUARANTINE = RowParams(on_error="quarantine")


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(tmp_path / "source", {"b.jsonl": ROWS[50:], "a.jsonl.gz": ROWS[:50]})


def imported(folder: Path, output: Path, rows: RowParams = RowParams(), **params: Any) -> Path:
    import_dataset(ImportParams(name=str(folder), **params), output, rows)
    return output


def splits_of(folder: Path, read: Read) -> dict[str, list[dict[str, Any]]]:
    return {
        split.name: [row for shard in sorted(split.glob("*")) for row in read(shard)]
        for split in sorted(folder.iterdir())
        if split.is_dir()
    }


def test_all_rows_come_over_with_all_fields_in_the_order_of_files_and_lines(
    tmp_path: Path, source: Path, read: Read
) -> None:
    assert splits_of(imported(source, tmp_path / "out"), read) == {"train": ROWS}


def test_equal_texts_never_straddle_splits_and_no_row_is_lost(tmp_path: Path, source: Path, read: Read) -> None:
    found = splits_of(imported(source, tmp_path / "out", test_split=0.3, valid_split=0.2), read)
    assert sorted(found) == ["test", "train", "valid"]
    assert sorted(row["n"] for rows in found.values() for row in rows) == list(range(100))
    texts = {split: {row["text"] for row in rows} for split, rows in found.items()}
    assert not texts["test"] & texts["train"]
    assert not texts["test"] & texts["valid"]
    assert not texts["valid"] & texts["train"]
    assert all([row["n"] for row in rows] == sorted(row["n"] for row in rows) for rows in found.values())


@pytest.mark.parametrize("group_by", [".host", ".n % 7", "{n: (.n % 7)}"])
def test_a_group_falls_into_one_split(tmp_path: Path, source: Path, read: Read, group_by: str) -> None:
    found = splits_of(imported(source, tmp_path / "out", test_split=0.5, group_by=group_by), read)
    groups = {split: {row["n"] % 7 for row in rows} for split, rows in found.items()}
    assert set(groups) == {"test", "train"}
    assert not groups["test"] & groups["train"]


def test_added_rows_move_none(tmp_path: Path, source: Path, write: Write, read: Read) -> None:
    before = splits_of(imported(source, tmp_path / "before", test_split=0.3), read)
    write(source, {"0.jsonl": [{"text": f"new {n}", "score": 0, "n": -n - 1} for n in range(30)]})
    after = splits_of(imported(source, tmp_path / "after", test_split=0.3), read)
    for split in ("test", "train"):
        assert [row for row in after[split] if row["n"] >= 0] == before[split]


def test_a_count_of_rows_takes_whole_groups_up_to_at_most_that_many(tmp_path: Path, source: Path, read: Read) -> None:
    found = splits_of(imported(source, tmp_path / "out", test_split=21.0, valid_split=10.0), read)
    assert {split: len(rows) for split, rows in found.items()} == {"test": 20, "valid": 10, "train": 70}


def test_a_split_of_the_datasets_own_is_kept_and_said(
    tmp_path: Path, write: Write, read: Read, notes: list[str]
) -> None:
    write(tmp_path / "source", {"train/a.jsonl": ROWS[:80], "test/a.jsonl": ROWS[80:]})
    found = splits_of(imported(tmp_path / "source", tmp_path / "out", test_split=0.5, valid_split=0.3), read)
    assert found["test"] == ROWS[80:]
    assert found["valid"]
    assert len(found["valid"]) + len(found["train"]) == 80
    assert any("has a test split of its own: it is kept, and test_split is ignored" in note for note in notes)
    assert not any("valid_split is ignored" in note for note in notes)


def test_shards_hold_the_rows_that_are_asked_for(tmp_path: Path, source: Path, read: Read) -> None:
    folder = imported(source, tmp_path / "out", batch_size=40) / "train"
    assert {path.name: len(read(path)) for path in sorted(folder.iterdir())} == {
        "00000.jsonl.zst": 40,
        "00001.jsonl.zst": 40,
        "00002.jsonl.zst": 20,
    }


def test_bytes_are_the_same_for_two_workers_other_packing_and_another_folder(
    tmp_path: Path, source: Path, write: Write, tree: Tree, small_blocks: int
) -> None:
    expected = tree(imported(source, tmp_path / "out", test_split=0.3))
    params = ImportParams(name=str(source), test_split=0.3)
    import_dataset(params, tmp_path / "two", RowParams(), Run(workers=2))
    assert tree(tmp_path / "two") == expected
    other = write(tmp_path / "elsewhere" / "source", {"a.json": ROWS[:50], "b.jsonl.zst": ROWS[50:]})
    assert tree(imported(other, tmp_path / "other", test_split=0.3)) == expected


def test_the_description_counts_rows_and_says_no_path(tmp_path: Path, source: Path) -> None:
    folder = imported(source, tmp_path / "out", test_split=0.3)
    raw = (folder / "dataset.json").read_text()
    described = json.loads(raw)
    assert described["made_by"]["operation"] == "import"
    assert described["made_by"]["params"]["name"] == "source"
    assert described["made_by"]["params"]["test_split"] == 0.3
    assert sum(split["rows"] for split in described["splits"].values()) == 100
    assert str(tmp_path) not in raw


def test_the_current_folder_may_be_the_source(tmp_path: Path, source: Path, read: Read, monkeypatch: Any) -> None:
    monkeypatch.chdir(source)
    assert splits_of(imported(Path(), tmp_path / "out"), read) == {"train": ROWS}


def test_bad_rows_go_to_quarantine_and_are_counted(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "source", {"part/a.jsonl": b'{"text": "x"}\nnot json\n\n[1]\n{"text": "y"}\n'})
    folder = imported(tmp_path / "source", tmp_path / "out", QUARANTINE)
    assert read(folder / "train" / "00000.jsonl.zst") == [{"text": "x"}, {"text": "y"}]
    aside = read(folder / "quarantine" / "train" / "part" / "a.jsonl")
    assert [(row["line"], row["raw"]) for row in aside] == [(2, "not json"), (4, "[1]")]
    assert json.loads((folder / "dataset.json").read_text())["splits"]["train"] == {
        "rows": 2,
        "rejected": 2,
        "labels": {},
    }


def test_a_bad_row_stops_the_run_with_file_and_line_and_leaves_nothing(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "source", {"a.jsonl": b'{"text": "x"}\nnot json\n'})
    with pytest.raises(BonepickError, match=r"source/a\.jsonl:2: not valid JSON"):
        imported(tmp_path / "source", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_group_by_that_does_not_compile_is_refused_before_any_row(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "source", {"a.jsonl": b"not json\n"})
    with pytest.raises(BonepickError, match=r"'\.host\[' does not compile"):
        imported(tmp_path / "source", tmp_path / "out", group_by=".host[")


def test_a_row_that_group_by_fails_on_is_a_bad_row_like_others(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "source", {"a.jsonl": [{"text": "x", "url": "a/b"}, {"text": "y", "url": 3}]})
    params = {"group_by": '.url | split("/")[0]', "test_split": 0.5}
    with pytest.raises(BonepickError, match=r"source/a\.jsonl:2: jq expression"):
        imported(tmp_path / "source", tmp_path / "out", **params)
    folder = imported(tmp_path / "source", tmp_path / "out", QUARANTINE, **params)
    assert [row["line"] for row in read(folder / "quarantine" / "train" / "a.jsonl")] == [2]


@pytest.mark.parametrize("output", ["", "part", ".."])
def test_an_output_that_overlaps_the_source_is_refused(tmp_path: Path, source: Path, tree: Tree, output: str) -> None:
    before = tree(tmp_path)
    with pytest.raises(BonepickError):
        import_dataset(ImportParams(name=str(source)), source / output, RowParams(), Run(overwrite=True))
    assert tree(tmp_path) == before


def test_an_occupied_output_is_refused_unless_overwritten(tmp_path: Path, source: Path, read: Read) -> None:
    folder = imported(source, tmp_path / "out")
    with pytest.raises(BonepickError, match="exists and is not empty"):
        imported(source, tmp_path / "out")
    import_dataset(ImportParams(name=str(source), batch_size=1000), folder, RowParams(), Run(overwrite=True))
    assert len(read(folder / "train" / "00000.jsonl.zst")) == 100


@pytest.mark.parametrize("amounts", [{"test_split": float("inf")}, {"valid_split": float("nan")}, {"test_split": -0.1}])
def test_an_amount_that_is_neither_share_nor_count_is_a_usage_error(
    tmp_path: Path, source: Path, amounts: dict[str, float]
) -> None:
    with pytest.raises(UsageError, match=next(iter(amounts))):
        imported(source, tmp_path / "out", **amounts)


@pytest.mark.parametrize("name", ["test.jsonl", "a b.json.zst"])
def test_one_file_will_do(tmp_path: Path, write: Write, read: Read, name: str) -> None:
    write(tmp_path, {name: ROWS})
    folder = imported(tmp_path / name, tmp_path / "out")
    assert splits_of(folder, read) == {"train": ROWS}
    assert json.loads((folder / "dataset.json").read_text())["made_by"]["params"]["name"] == name


def test_a_file_that_holds_no_rows_is_refused_and_not_looked_for_on_the_hub(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"a.txt": b"x"})
    with pytest.raises(BonepickError, match=r"a\.txt holds no files of rows"):
        imported(tmp_path / "a.txt", tmp_path / "out")


def test_what_is_no_folder_is_refused_where_local_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match="nowhere is not there"):
        imported(tmp_path / "nowhere", tmp_path / "out", source="local")


def test_a_folder_with_a_split_of_another_name_drops_no_rows(tmp_path: Path, write: Write, read: Read) -> None:
    """The hub's usual name for it is taken from a hub dataset, so a folder that was cloned from there has it too."""
    write(tmp_path / "source", {"train/a.jsonl": ROWS[:80], "validation/a.jsonl": ROWS[80:]})
    try:
        found = splits_of(imported(tmp_path / "source", tmp_path / "out"), read)
    except BonepickError:
        return  # refusing is as good
    assert sum(map(len, found.values())) == 100


def test_integers_of_any_size_stay_exact(tmp_path: Path, write: Write, read: Read) -> None:
    """A double, which jq and others take them for, is exact to 2**53 only."""
    rows = [{"text": str(n), "n": n} for n in (2**53 + 1, -(2**63) - 1, 2**64 + 1, 10**40 + 1)]
    write(tmp_path / "source", {"a.jsonl": rows})
    assert splits_of(imported(tmp_path / "source", tmp_path / "out", group_by=".n"), read) == {"train": rows}


def test_what_a_folder_has_no_use_for_is_said(tmp_path: Path, source: Path, notes: list[str]) -> None:
    imported(source, tmp_path / "out", revision="v1")
    assert any("revision 'v1' is ignored" in note for note in notes)


def test_a_count_that_no_group_fits_leaves_the_split_empty_and_says_so(
    tmp_path: Path, write: Callable[..., Path], notes: list[str]
) -> None:
    rows = [{"text": f"t{number}", "host": f"h{number % 2}"} for number in range(40)]
    write(tmp_path / "source", {"a.jsonl": rows})
    folder = imported(tmp_path / "source", tmp_path / "out", group_by=".host", test_split=5)
    assert not (folder / "test").exists()
    assert any("test/ is empty: no group of rows fell into it (--test-split 5)" in note for note in notes)


def test_numbers_that_json_does_not_have_are_counted(
    tmp_path: Path, read: Callable[[Path], list[dict[str, Any]]], notes: list[str]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "source").mkdir()
    table = pa.table({"text": ["a", "b", "c"], "score": [1.5, float("nan"), 2.0], "x": [[0.0], [1.0], [float("inf")]]})
    pq.write_table(table, tmp_path / "source" / "rows.parquet")
    folder = imported(tmp_path / "source", tmp_path / "out")
    found = read(folder / "train" / "00000.jsonl.zst")
    assert [(row["score"], row["x"]) for row in found] == [(1.5, [0.0]), (None, [1.0]), (2.0, [None])]
    assert any("3 rows, 2 with NaN or infinite numbers (null in JSON)" in note for note in notes)


def test_a_split_that_leaves_no_training_rows_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    write(tmp_path / "source", {"a.jsonl": [{"text": f"t{number}", "host": "h"} for number in range(40)]})
    with pytest.raises(BonepickError, match=r"no rows are left for train/, all 40 are in test: .*--group-by"):
        imported(tmp_path / "source", tmp_path / "out", group_by=".host", test_split=0.9999)
    with pytest.raises(UsageError, match=r"test_split 1\.5: wanted a share below 1, or a whole number of rows"):
        imported(tmp_path / "source", tmp_path / "out", test_split=1.5)
    assert not (tmp_path / "out").exists()


def test_rows_that_a_group_expression_fails_on_are_rejected_as_json(
    tmp_path: Path, write: Callable[..., Path], read: Callable[[Path], list[dict[str, Any]]]
) -> None:
    bad = {"text": "é", "host": None, "n": [1.5, None]}
    write(tmp_path / "source", {"a.jsonl": [{"text": "a", "host": "x.y"}, bad]})
    folder = imported(tmp_path / "source", tmp_path / "out", QUARANTINE, group_by='.host | split(".")[0]')
    assert [json.loads(row["raw"]) for row in read(folder / "quarantine/train/a.jsonl")] == [bad]
