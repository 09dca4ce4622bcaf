"""Balance keeps exactly as many rows of each label as the rarest has; which ones depends on seed and rows alone."""

import json
import os
import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.replacing import MARKER
from bonepick.core.run import Run
from bonepick.data.rows import OnError, RowParams
from bonepick.preparation.balance import BalanceParams, balance_dataset, link_dataset
from bonepick.text.identity import NormalizerIdentity

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
Row = dict[str, Any]
# rarest first: 5 "low", 9 "mid", 26 "high"; the label is written in several ways that are the same
LABELS = ["low", "High", "mid", "high", "High ", "high", "mid", "high"]
ROWS = [{"n": n, "text": f"text {n}", "score": LABELS[n % 8]} for n in range(40)]


def balanced(inputs: list[Path], output: Path, *, seed: int = 42, on_error: OnError = "fail", **more: Any) -> Path:
    balance_dataset(inputs, output, BalanceParams(seed=seed), RowParams(on_error=on_error), **more)
    return output


def rows_of(folder: Path, read: Read) -> list[Row]:
    return [row for path in sorted(folder.rglob("*.zst")) for row in read(path)]


def counts(rows: list[Row]) -> dict[str, int]:
    return dict(Counter(row["score"].strip().lower() for row in rows))


@pytest.fixture
def source(tmp_path: Path, write: Write) -> Path:
    return write(
        tmp_path / "in", {"train/a.jsonl": ROWS[:24], "train/b.jsonl.gz": ROWS[24:], "test/a.jsonl.zst": ROWS[:17]}
    )


def test_every_label_has_as_many_rows_as_the_rarest_in_each_split(tmp_path: Path, source: Path, read: Read) -> None:
    out = balanced([source], tmp_path / "out")
    assert counts(rows_of(out / "train", read)) == {"low": 5, "mid": 5, "high": 5} != counts(ROWS)
    assert counts(rows_of(out / "test", read)) == {"low": 3, "mid": 3, "high": 3}
    assert sorted(path.name for path in (out / "train").iterdir()) == ["a.jsonl.zst", "b.jsonl.zst"]


def test_rows_keep_their_fields_their_order_and_their_very_bytes(tmp_path: Path, write: Write, read: Read) -> None:
    lines = [
        b'{"text":"a",  "score":1, "big":12345678901234567890123, "x":1.0}',
        b'{"score":0,"text":"b"}',
        b'{"text":"c","score":1}',
    ]
    write(tmp_path / "in", {"train/a.jsonl": b"\n".join(lines)})
    out = balanced([tmp_path / "in"], tmp_path / "out", splits=())
    import zstandard

    raw = zstandard.ZstdDecompressor().stream_reader((out / "train" / "a.jsonl.zst").read_bytes()).read()
    assert raw == b"".join(line + b"\n" for line in lines)


def test_the_order_of_rows_is_kept(tmp_path: Path, source: Path, read: Read) -> None:
    kept = [row["n"] for row in rows_of(balanced([source], tmp_path / "out") / "train", read)]
    assert kept == sorted(kept)
    assert len(kept) == 15


def test_splits_that_are_not_named_pass_whole(tmp_path: Path, source: Path, read: Read) -> None:
    out = balanced([source], tmp_path / "out", splits=["train"])
    assert rows_of(out / "test", read) == ROWS[:17]
    assert counts(rows_of(out / "train", read)) == {"low": 5, "mid": 5, "high": 5}


def test_an_unknown_split_is_a_usage_error(tmp_path: Path, source: Path) -> None:
    with pytest.raises(UsageError, match="dev is unknown: wanted train, valid, test"):
        balanced([source], tmp_path / "out", splits=["train", "dev"])


def test_the_choice_depends_on_the_seed(tmp_path: Path, source: Path, read: Read) -> None:
    chosen = [
        [row["n"] for row in rows_of(balanced([source], tmp_path / str(s), seed=s) / "train", read)] for s in (1, 2, 3)
    ]
    assert chosen[0] != chosen[1] or chosen[1] != chosen[2]


def test_the_choice_does_not_depend_on_where_a_row_stands(
    tmp_path: Path, source: Path, write: Write, read: Read
) -> None:
    turned = write(tmp_path / "turned", {"train/a.jsonl": ROWS[::-1]})
    chosen = [
        {row["n"] for row in rows_of(balanced([folder], tmp_path / f"{folder.name}-out") / "train", read)}
        for folder in (source, turned)
    ]
    assert chosen[0] == chosen[1]


def test_equal_rows_are_counted_each(tmp_path: Path, write: Write, read: Read) -> None:
    rows = [{"text": "same", "score": 1}] * 6 + [{"text": "other", "score": 0}] * 4
    write(tmp_path / "in", {"train/a.jsonl": rows})
    found = rows_of(balanced([tmp_path / "in"], tmp_path / "out"), read)
    assert Counter(row["score"] for row in found) == {0: 4, 1: 4}


def test_inputs_with_equal_file_names_are_balanced_together_and_kept_apart(
    tmp_path: Path, write: Write, read: Read, tree: Tree
) -> None:
    first = write(tmp_path / "x" / "in", {"train/a.jsonl": ROWS[:20]})
    second = write(tmp_path / "y" / "in", {"train/a.jsonl": ROWS[20:], "valid/a.jsonl": ROWS[:8]})
    out = balanced([first, second], tmp_path / "out")
    files = [".bonepick.json", "dataset.json", "train/0/a.jsonl.zst", "train/1/a.jsonl.zst", "valid/1/a.jsonl.zst"]
    assert sorted(tree(out)) == files
    assert counts(rows_of(out / "train", read)) == {"low": 5, "mid": 5, "high": 5}
    assert counts(rows_of(out / "valid", read)) == {"low": 1, "mid": 1, "high": 1}
    assert all(row["n"] < 20 for row in read(out / "train" / "0" / "a.jsonl.zst"))
    assert all(row["n"] >= 20 for row in read(out / "train" / "1" / "a.jsonl.zst"))


def test_rejected_rows_say_which_input_they_are_from(tmp_path: Path, write: Write, read: Read) -> None:
    inputs = [write(tmp_path / name, {"train/a.jsonl": [*ROWS[:8], {"text": name}]}) for name in ("x", "y")]
    out = balanced(inputs, tmp_path / "out", on_error="quarantine")
    found = [read(out / "quarantine" / "train" / str(number) / "a.jsonl") for number in (0, 1)]
    assert [[json.loads(row["raw"])["text"] for row in rows] for rows in found] == [["x"], ["y"]]


def test_bad_rows_count_for_nothing_and_shift_no_choice(tmp_path: Path, write: Write, read: Read) -> None:
    bad = [{"text": " ", "score": "low"}, {"text": "x"}, {"text": 3, "score": "low"}]
    write(tmp_path / "in", {"train/a.jsonl": [*bad, *ROWS[:20], *bad, *ROWS[20:]]})
    out = balanced([tmp_path / "in"], tmp_path / "out", on_error="quarantine")
    assert counts(rows_of(out / "train", read)) == {"low": 5, "mid": 5, "high": 5}
    assert [row["line"] for row in read(out / "quarantine" / "train" / "a.jsonl")] == [1, 2, 3, 24, 25, 26]
    described = json.loads((out / "dataset.json").read_text())["splits"]["train"]
    assert described == {"rows": 15, "rejected": 6, "labels": {"high": 5, "low": 5, "mid": 5}}
    with pytest.raises(BonepickError, match=r"in/train/a\.jsonl:1: text field 'text' is empty"):
        balanced([tmp_path / "in"], tmp_path / "strict")


def test_bytes_are_the_same_for_two_workers_and_other_packing(
    tmp_path: Path, source: Path, write: Write, tree: Tree, small_blocks: int
) -> None:
    expected = tree(balanced([source], tmp_path / "one"))
    assert tree(balanced([source], tmp_path / "two", run=Run(workers=2))) == expected
    files = {"train/a.json.gz": ROWS[:24], "train/b.jsonl": ROWS[24:], "test/a.jsonl": ROWS[:17]}
    assert tree(balanced([write(tmp_path / "other", files)], tmp_path / "three")) == expected


def test_a_tree_without_splits_is_refused_and_nothing_is_written_outside_the_output(
    tmp_path: Path, write: Write, tree: Tree
) -> None:
    # the shard's name is such that it stays inside this test's folder even where it is taken for an absolute path
    name = (tmp_path / "escaped").relative_to("/")
    write(tmp_path / "in", {f"{name}.jsonl": ROWS})
    before = tree(tmp_path)
    with pytest.raises(BonepickError, match="train/"):
        balanced([tmp_path / "in"], tmp_path / "out")
    assert tree(tmp_path) == before


def test_inputs_that_were_normalized_differently_are_refused(tmp_path: Path, write: Write) -> None:
    inputs = []
    for name in ("potion", "plsfix"):
        folder = write(tmp_path / name, {"train/a.jsonl": ROWS})
        described = {"made_by": {}, "splits": {}, "digest": "", "normalizer": {"name": name, "version": 1}}
        (folder / "dataset.json").write_text(json.dumps(described))
        inputs.append(folder)
    with pytest.raises(BonepickError, match=r"normalizers differ: .* has potion.*, .* has plsfix"):
        balanced(inputs, tmp_path / "out")
    balanced(inputs[:1], tmp_path / "out")
    potion = asdict(NormalizerIdentity("potion", 1))
    assert json.loads((tmp_path / "out" / "dataset.json").read_text())["normalizer"] == potion


@pytest.mark.parametrize("output", ["in", "in/inside", "."])
def test_an_output_that_overlaps_an_input_is_refused(tmp_path: Path, source: Path, output: str) -> None:
    with pytest.raises(BonepickError, match="overlap"):
        balanced([source], tmp_path / output, run=Run(overwrite=True))


def without_marker(files: dict[str, bytes]) -> dict[str, bytes]:
    marker = json.loads(files.pop(MARKER))
    assert marker["files"] == {name: len(data) for name, data in files.items()}
    return files


def test_a_link_to_an_output_has_a_marker_of_its_own(tmp_path: Path, source: Path, tree: Tree) -> None:
    """Written through the hard link, it would change the input's."""
    made = balanced([source], tmp_path / "made")
    marker = made / MARKER
    before = tree(made)
    for _ in range(2):
        link_dataset(made, tmp_path / "out", Run(overwrite=True))
    assert tree(made) == tree(tmp_path / "out") == before
    assert not marker.samefile(tmp_path / "out" / MARKER)


def test_balancing_that_is_off_passes_all_files_as_they_are(tmp_path: Path, source: Path, tree: Tree) -> None:
    (source / "dataset.json").write_text("{}")
    link_dataset(source, tmp_path / "out")
    assert without_marker(tree(tmp_path / "out")) == tree(source)
    shard = tmp_path / "out" / "train" / "a.jsonl"
    assert shard.stat().st_ino == (source / "train" / "a.jsonl").stat().st_ino, "no second copy of a corpus"
    with pytest.raises(BonepickError, match="exists and is not empty"):
        link_dataset(source, tmp_path / "out")
    with pytest.raises(BonepickError, match="overlap"):
        link_dataset(source, source / "inside")


def test_linking_copies_where_files_cannot_be_linked(
    tmp_path: Path, source: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    link_dataset(source, tmp_path / "out")
    assert without_marker(tree(tmp_path / "out")) == tree(source)


def test_linking_changes_nothing_about_the_input(tmp_path: Path, source: Path) -> None:
    """DVC's cache protects its files by their mode, and a link shares it."""
    shard = source / "train" / "a.jsonl"
    shard.chmod(0o440)
    link_dataset(source, tmp_path / "out")
    assert stat.S_IMODE(shard.stat().st_mode) == 0o440


def test_shards_that_are_links_arrive_as_files(tmp_path: Path, source: Path, tree: Tree) -> None:
    """DVC's cache can be linked to; a relative link would point nowhere from another folder."""
    (source / "train" / "c.jsonl").symlink_to("a.jsonl")
    (source / "train" / "d.jsonl").symlink_to(source / "train" / "a.jsonl")
    link_dataset(source, tmp_path / "deep" / "out")
    assert without_marker(tree(tmp_path / "deep" / "out")) == tree(source)
    assert not [path for path in (tmp_path / "deep" / "out").rglob("*") if path.is_symlink()]


def test_a_label_that_a_split_lacks_is_said(tmp_path: Path, write: Write, read: Read, notes: list[str]) -> None:
    write(tmp_path / "in", {"train/a.jsonl": [row for row in ROWS if row["score"] != "low"], "test/a.jsonl": ROWS[:17]})
    out = balanced([tmp_path / "in"], tmp_path / "out")
    assert counts(rows_of(out / "train", read)) == {"mid": 10, "high": 10}
    assert [said for said in notes if "has no row" in said] == [
        "label 'low' has no row in train/: the others are balanced without it"
    ]
    notes.clear()
    balanced([tmp_path / "in"], tmp_path / "other", splits=["test"])
    assert not any("has no row" in said for said in notes)
