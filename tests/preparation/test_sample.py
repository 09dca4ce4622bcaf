"""A sample keeps a share of each split, or what fits a size, chosen by seed and row alone."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import OnError, RowParams
from bonepick.preparation.balance import BalanceParams, balance_dataset
from bonepick.preparation.sample import SampleParams, bytes_of, sample_dataset
from bonepick.text.identity import NormalizerIdentity

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
Row = dict[str, Any]
ROWS: list[Row] = [{"n": n, "text": "x" * (1 + n % 37), "score": n % 2, "extra": {"k": [n]}} for n in range(400)]


def sampled(inputs: list[Path], output: Path, on_error: OnError = "fail", workers: int = 1, **params: Any) -> Path:
    sample_dataset(inputs, output, SampleParams(**params), RowParams(on_error=on_error), Run(workers))
    return output


def rows_of(folder: Path, read: Read) -> list[Row]:
    return [row for path in sorted(folder.rglob("*.zst")) for row in read(path)]


def line_bytes(rows: list[Row]) -> int:
    return sum(len(json.dumps(row)) + 1 for row in rows)  # as the fixture `write` writes them


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    files = {"train/a.jsonl": ROWS[:200], "train/b.jsonl.gz": ROWS[200:300], "test/a.jsonl.zst": ROWS[300:]}
    return write(tmp_path / "in", files)


def test_each_split_keeps_its_share_and_rows_all_fields_and_their_order(
    tmp_path: Path, source: Path, read: Read
) -> None:
    out = sampled([source], tmp_path / "out", rate=0.3)
    assert sorted(path.name for path in (out / "train").iterdir()) == ["a.jsonl.zst", "b.jsonl.zst"]
    for split, whole in (("train", ROWS[:300]), ("test", ROWS[300:])):
        found = rows_of(out / split, read)
        assert found == [row for row in whole if row in found]
        assert 0.2 < len(found) / len(whole) < 0.4
    described = json.loads((out / "dataset.json").read_text())
    assert described["made_by"]["params"] == {"rate": 0.3, "seed": 42, "size": ""}
    train = rows_of(out / "train", read)
    assert described["splits"]["train"]["labels"] == {
        label: sum(r["score"] == int(label) for r in train) for label in "01"
    }


def test_the_choice_depends_on_seed_and_row_alone(tmp_path: Path, source: Path, write: Write, read: Read) -> None:
    turned = write(tmp_path / "turned", {"test/z.jsonl": ROWS[::-1]})
    chosen = [
        {row["n"] for row in rows_of(sampled([folder], tmp_path / f"{folder.name}-{seed}", rate=0.5, seed=seed), read)}
        for folder, seed in ((source, 1), (turned, 1), (source, 2))
    ]
    assert chosen[0] == chosen[1] != chosen[2]


def test_a_bigger_rate_keeps_what_a_smaller_one_kept(tmp_path: Path, source: Path, read: Read) -> None:
    small, big = (
        {row["n"] for row in rows_of(sampled([source], tmp_path / str(rate), rate=rate), read)} for rate in (0.2, 0.4)
    )
    assert small < big


def test_a_sample_of_a_balanced_dataset_is_a_share_of_it(tmp_path: Path, write: Write, read: Read) -> None:
    """Balance keeps the rows of the lowest hashes: were the hash the same one, all of them would be chosen here."""
    write(tmp_path / "in", {"train/a.jsonl": [{**row, "score": row["n"] % 4 == 0} for row in ROWS]})
    balance_dataset([tmp_path / "in"], tmp_path / "even", BalanceParams(), RowParams())
    found = rows_of(sampled([tmp_path / "even"], tmp_path / "out", rate=0.4), read)
    assert 50 < len(found) < 110  # of 200


@pytest.mark.parametrize("size", [1000, 5003, 12345])
def test_a_size_is_filled_until_no_row_fits_and_splits_keep_their_shares(
    tmp_path: Path, source: Path, read: Read, size: int
) -> None:
    out = sampled([source], tmp_path / "out", size=f"{size}B")
    kept = rows_of(out, read)
    left_out = [row for row in ROWS if row not in kept]
    assert size - min(map(len, map(json.dumps, left_out))) - 1 < line_bytes(kept) <= size
    share = line_bytes(ROWS[300:]) / line_bytes(ROWS)
    longest = max(line_bytes([row]) for row in ROWS)
    assert size * share - longest < line_bytes(rows_of(out / "test", read)) <= size * share
    found = rows_of(out / "train", read)
    assert found == [row for row in ROWS[:300] if row in found], "order"


def test_what_the_smaller_split_leaves_goes_to_the_bigger(tmp_path: Path, write: Write, read: Read) -> None:
    rows = [{"text": f"{n:04}", "score": 1} for n in range(100)]
    write(tmp_path / "in", {"train/a.jsonl": rows[:80], "valid/a.jsonl": rows[80:90], "test/a.jsonl": rows[90:]})
    one = line_bytes(rows[:1])
    out = sampled([tmp_path / "in"], tmp_path / "out", size=str(10 * one - 1))
    counts = {split: len(rows_of(out / split, read)) for split in ("train", "valid", "test")}
    assert counts == {"train": 8, "valid": 1, "test": 0}


def test_equal_rows_fill_a_size_too(tmp_path: Path, write: Write, read: Read) -> None:
    rows = [{"text": "same", "score": 1}] * 50
    write(tmp_path / "in", {"train/a.jsonl": rows})
    assert len(rows_of(sampled([tmp_path / "in"], tmp_path / "out", size=str(line_bytes(rows[:7]))), read)) == 7


def test_a_huge_row_does_not_end_the_sample(tmp_path: Path, write: Write, read: Read) -> None:
    rows = [{"text": "y" * 100_000}, *ROWS]
    write(tmp_path / "in", {"a.jsonl": rows})
    for seed in range(4):
        out = sampled([tmp_path / "in"], tmp_path / f"out{seed}", size="20kB", seed=seed)
        assert line_bytes(rows_of(out, read)) > 19_900


def test_a_size_beyond_the_input_keeps_all_and_says_so(
    tmp_path: Path, source: Path, write: Write, read: Read, notes: list[str]
) -> None:
    write(source, {"valid/empty.jsonl": b""})
    out = sampled([source], tmp_path / "out", size="1GB")
    assert rows_of(out / "train", read) == ROWS[:300]
    assert rows_of(out / "valid", read) == []
    assert f"all rows are {line_bytes(ROWS):,} bytes" in notes[0]
    assert f"400 rows (train 300, test 100), {line_bytes(ROWS):,} bytes of lines, 0 rows left out" in notes[-1]


def test_the_size_told_is_that_of_the_lines_written(tmp_path: Path, source: Path, read: Read, notes: list[str]) -> None:
    kept = rows_of(sampled([source], tmp_path / "out", rate=0.3), read)
    assert notes[-1].startswith(f"sample: {len(kept)} rows (train ")
    assert f"), {line_bytes(kept):,} bytes of lines, {400 - len(kept)} rows left out" in notes[-1]


@pytest.mark.parametrize("amount", [{"rate": 0.4}, {"size": "8kB"}])
def test_bytes_are_the_same_for_two_workers_and_other_packing(
    tmp_path: Path, source: Path, write: Write, tree: Tree, small_blocks: int, amount: dict[str, Any]
) -> None:
    expected = tree(sampled([source], tmp_path / "one", **amount))
    assert tree(sampled([source], tmp_path / "two", workers=2, **amount)) == expected
    files = {"train/a.json.gz": ROWS[:200], "train/b.jsonl": ROWS[200:300], "test/a.jsonl": ROWS[300:]}
    assert tree(sampled([write(tmp_path / "other", files)], tmp_path / "three", **amount)) == expected


def test_inputs_with_equal_file_names_are_kept_apart(tmp_path: Path, write: Write, tree: Tree, read: Read) -> None:
    first = write(tmp_path / "x" / "in", {"train/a.jsonl": ROWS[:200]})
    second = write(tmp_path / "y" / "in", {"train/a.jsonl": ROWS[200:], "valid/a.jsonl": ROWS[:100]})
    for number, amount in enumerate(({"rate": 0.5}, {"size": "10kB"})):
        out = sampled([first, second], tmp_path / f"out{number}", **amount)
        files = ["dataset.json", "train/0/a.jsonl.zst", "train/1/a.jsonl.zst", "valid/1/a.jsonl.zst"]
        assert sorted(tree(out)) == [".bonepick.json", *files]
        assert all(row["n"] < 200 for row in read(out / "train" / "0" / "a.jsonl.zst"))
        assert {row["n"] >= 200 for row in read(out / "train" / "1" / "a.jsonl.zst")} == {True}


def test_trees_without_splits_and_labels_work(tmp_path: Path, write: Write, tree: Tree, read: Read) -> None:
    inputs = [write(tmp_path / name, {"deep/a.jsonl.gz": [{"n": n} for n in range(100)]}) for name in "xy"]
    out = sampled(inputs[:1], tmp_path / "one", rate=0.5)
    assert sorted(tree(out)) == [".bonepick.json", "dataset.json", "deep/a.jsonl.zst"]
    out = sampled(inputs, tmp_path / "two", rate=0.5)
    assert sorted(tree(out)) == [".bonepick.json", "0/deep/a.jsonl.zst", "1/deep/a.jsonl.zst", "dataset.json"]
    assert 20 < len(read(out / "0" / "deep" / "a.jsonl.zst")) < 80


def test_inputs_that_do_not_go_together_are_refused(tmp_path: Path, source: Path, write: Write) -> None:
    plain = write(tmp_path / "plain", {"a.jsonl": ROWS})
    with pytest.raises(BonepickError, match="one has splits, the other has none"):
        sampled([source, plain], tmp_path / "out", rate=0.5)
    with pytest.raises(BonepickError, match="given twice"):
        sampled([source, source / "train" / ".."], tmp_path / "out", rate=0.5)
    with pytest.raises(BonepickError, match="overlap"):
        sampled([source], source / "train" / "out", rate=0.5)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("amount", [{"rate": 0.5}, {"size": "9kB"}])
def test_bad_rows_are_rejected_once_and_shift_no_choice(
    tmp_path: Path, write: Write, read: Read, amount: dict[str, Any]
) -> None:
    good = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)
    write(tmp_path / "good", {"train/a.jsonl": good})
    write(tmp_path / "bad", {"train/a.jsonl": b"[1]\n\n" + good + b"nonsense"})
    out = sampled([tmp_path / "bad"], tmp_path / "out", on_error="quarantine", **amount)
    assert rows_of(out, read) == rows_of(sampled([tmp_path / "good"], tmp_path / "expected", **amount), read)
    assert [row["line"] for row in read(out / "quarantine" / "train" / "a.jsonl")] == [1, 403]
    with pytest.raises(BonepickError, match=r"bad/train/a\.jsonl:1: row is \[1\]"):
        sampled([tmp_path / "bad"], tmp_path / "strict", **amount)


def test_the_normalizer_of_the_input_goes_along(tmp_path: Path, source: Path) -> None:
    normalizer = asdict(NormalizerIdentity("potion", 1))
    described = {"made_by": {}, "splits": {}, "digest": "", "normalizer": normalizer}
    (source / "dataset.json").write_text(json.dumps(described))
    out = sampled([source], tmp_path / "out", rate=0.5)
    assert json.loads((out / "dataset.json").read_text())["normalizer"] == normalizer


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("1", 1),
        ("12B", 12),
        ("3kB", 3000),
        ("3 KB", 3000),
        ("500MB", 500_000_000),
        ("1.5GB", 1_500_000_000),
        ("0.1TB", 100_000_000_000),
        ("2KiB", 2048),
        ("1MiB", 1 << 20),
        ("0.5gib", 1 << 29),
    ],
)
def test_sizes(size: str, expected: int) -> None:
    assert bytes_of(size) == expected


@pytest.mark.parametrize("size", ["MB", "-1MB", "1e6", "5 apples", "1.MB", "iB", "1ib", "5%", "١MB"])
def test_what_is_no_size_is_refused_before_any_row_is_read(size: str) -> None:
    with pytest.raises(UsageError, match="wanted bytes such as 500MB"):
        SampleParams(size=size)


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan")])
def test_a_rate_is_a_share_below_1(rate: float) -> None:
    with pytest.raises(UsageError, match="rate is"):
        SampleParams(rate=rate)


@pytest.mark.parametrize("params", [{}, {"rate": 0.5, "size": "1MB"}])
def test_exactly_one_of_rate_and_size_is_wanted(tmp_path: Path, source: Path, params: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"of --rate \(above 0\) and --size given: wanted one"):
        sampled([source], tmp_path / "out", **params)
