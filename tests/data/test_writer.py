"""What a dataset's writer writes, and `dataset.json`: what made a dataset and what is in it, the same everywhere."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.params import Params
from bonepick.core.run import Run
from bonepick.data.dataset_info import DatasetInfo, Provenance, SplitInfo
from bonepick.data.line_writer import LineWriter
from bonepick.data.numbered_shards import NumberedShards
from bonepick.data.row_loop import BlockResult, RejectedRow
from bonepick.data.shards import Shard, read_blocks
from bonepick.data.writer import DatasetWriter, Line, new_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset
from bonepick.text.identity import NormalizerIdentity

Write, Read, Tree = Callable[..., Path], Callable[[Path], list[dict[str, Any]]], Callable[[Path], dict[str, bytes]]
Call = tuple[str, list[bytes], list[str]]


@dataclass(frozen=True, kw_only=True)
class Knobs(Params):
    rate: float = 0.5


def written(folder: Path, *calls: Call, normalizer: NormalizerIdentity | None = None) -> DatasetInfo:
    """Write lines, the first of which has the labels; each call to a file of its own."""
    with DatasetWriter(folder) as writer:
        for number, (split, lines, labels) in enumerate(calls):
            first = [Line(line, labels if place == 0 else ()) for place, line in enumerate(lines)]
            writer.write(split, f"{split}/{number}.jsonl", first)
        return writer.finish(Provenance("transform", Knobs(), normalizer))


def rejected(split: str, *rows: RejectedRow) -> BlockResult[object]:
    return BlockResult(Shard(Path(f"in/{split}/deep/a.jsonl.gz"), split, "deep/a"), rejected=list(rows))


@pytest.mark.parametrize("ending", [".zst", ".gz", ".xz", ".bz2"])
def test_a_flipped_bit_never_reads_as_other_rows(tmp_path: Path, ending: str) -> None:
    rng = random.Random(1)
    lines = [f'{{"text": "{rng.getrandbits(64):x}"}}'.encode() for _ in range(40)]
    path = tmp_path / f"a.jsonl{ending}"
    with LineWriter(path) as writer:
        writer.write(lines)
    whole, refused = path.read_bytes(), 0
    for bit in range(0, 8 * len(whole), 7):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            found = b"".join(block.data for block in read_blocks(Shard(path, "", "a")))
        except BonepickError as error:
            assert str(error).startswith(f"{path}")
            assert "\n" not in str(error)
            refused += 1
        else:
            assert found.splitlines() == lines
    assert refused > len(whole), "most bits are of rows"


def test_the_whole_description(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path) as writer:
        writer.write("train", "train/a.jsonl", [Line(b"a", ["pos"]), Line(b"b", ["neg"])])
        writer.write("test", "test/a.jsonl", [Line(b"c", ["pos"])])
        writer.reject(rejected("train", *[RejectedRow(line, "why", b"x") for line in (1, 2, 3)]))
        info = writer.finish(Provenance("transform", Knobs(), NormalizerIdentity("potion", 1)))
    digests = {"test": sha256(b"c\n").hexdigest(), "train": sha256(b"a\nb\n").hexdigest()}
    whole = sha256("".join(f"{split}:{digest}\n" for split, digest in digests.items()).encode()).hexdigest()
    raw = (tmp_path / "dataset.json").read_text()
    assert json.loads(raw) == {
        "format": 1,
        "made_by": {"operation": "transform", "params": {"rate": 0.5}},
        "splits": {
            "test": {"rows": 1, "rejected": 0, "labels": {"pos": 1}},
            "train": {"rows": 2, "rejected": 3, "labels": {"neg": 1, "pos": 1}},
        },
        "normalizer": {
            "name": "potion",
            "version": 1,
            "tokenizer": None,
            "max_length": None,
            "max_length_unit": None,
        },
        "digest": whole,
        "label_form": {"multi_label": False, "bin_edges": []},
        "embedding": None,
        "text_field": None,
    }
    assert raw == json.dumps(json.loads(raw), indent=2, sort_keys=True) + "\n"
    assert (info.rows, info.rejected, info.rows_by_split) == (3, 3, {"train": 2, "test": 1})


def test_it_reads_back(tmp_path: Path) -> None:
    info = written(tmp_path, ("train", [b"a"], ["pos"]))
    assert DatasetInfo.load(tmp_path) == info
    assert info.splits == {"train": SplitInfo(rows=1, labels={"pos": 1})}


def test_the_digest_depends_on_lines_and_their_split_and_not_on_how_they_came(tmp_path: Path) -> None:
    def digest(*calls: Call) -> str:
        return written(tmp_path / str(len(list(tmp_path.iterdir()))), *calls).digest

    whole = digest(("train", [b"a", b"b"], []), ("test", [b"c"], []))
    assert whole == digest(("test", [b"c"], []), ("train", [b"a"], []), ("train", [b"b"], []))
    others = [
        digest(("train", [b"b", b"a"], []), ("test", [b"c"], [])),
        digest(("train", [b"a", b"b", b"c"], [])),
        digest(("test", [b"a", b"b"], []), ("train", [b"c"], [])),
        digest(("train", [b"ab"], []), ("test", [b"c"], [])),
    ]
    assert len({whole, *others}) == 5


def test_labels_that_are_all_different_are_not_listed(tmp_path: Path) -> None:
    few = written(tmp_path / "few", ("train", [b"a"], [str(n) for n in range(100)]))
    many = written(tmp_path / "many", ("train", [b"a"], [str(n) for n in range(101)]))
    assert (len(few.splits["train"].labels), many.splits["train"].labels) == (100, {})


def test_the_same_rows_have_the_same_description_wherever_they_lie_and_however_they_are_packed(
    tmp_path: Path, write: Write
) -> None:
    rows = [{"text": f"t{n}", "score": n} for n in range(9)]
    for folder, names in (("x", ["a.jsonl", "b.jsonl"]), ("y/deep", ["0.json.zst", "1.jsonl.gz"])):
        files = {f"train/{names[0]}": rows[:4], f"train/{names[1]}": rows[4:]}
        transform_dataset(write(tmp_path / folder / "in", files), tmp_path / folder / "out", TransformParams())
    described = [(tmp_path / folder / "out" / "dataset.json").read_text() for folder in ("x", "y/deep")]
    assert described[0] == described[1]
    assert "/" not in described[0]


def test_files_are_there_even_without_lines_and_are_written_in_one_run(tmp_path: Path, tree: Tree) -> None:
    with DatasetWriter(tmp_path) as writer:
        writer.write("train", "train/a.jsonl", [])
        writer.write("test", "test/a.jsonl", [Line(b"1")])
        writer.write("train", "train/b.jsonl", [Line(b"2")])
        writer.write("test", "test/a.jsonl", [Line(b"3")])
        with pytest.raises(FileExistsError):
            writer.write("train", "train/a.jsonl", [Line(b"4")])
    assert tree(tmp_path) == {"train/a.jsonl": b"", "test/a.jsonl": b"1\n3\n", "train/b.jsonl": b"2\n"}


def test_rejected_rows_lie_beside_the_splits_with_their_reasons(tmp_path: Path, read: Read) -> None:
    with DatasetWriter(tmp_path) as writer:
        for line in (4, 9):
            writer.reject(rejected("test", RejectedRow(line, "no label", b"\xff" * line)))
        writer.reject(rejected("train"))
        info = writer.finish(Provenance("x", Knobs()))
    rows = read(tmp_path / "quarantine/test/deep/a.jsonl")
    assert [base64.b64decode(row.pop("raw_base64")) for row in rows] == [b"\xff" * 4, b"\xff" * 9]
    assert rows == [{"line": line, "reason": "no label", "raw": "\\xff" * line} for line in (4, 9)]
    assert {split: (counts.rows, counts.rejected) for split, counts in info.splits.items()} == {
        "train": (0, 0),
        "test": (0, 2),
    }
    assert not (tmp_path / "quarantine/train").exists()


def test_the_summary_is_said_once_when_all_is_in_place(tmp_path: Path, notes: list[str]) -> None:
    with new_dataset(tmp_path / "out", [], Run()) as writer:
        writer.write("train", "train/a.jsonl", [Line(b"1", remark="odd"), Line(b"2", remark="odd"), Line(b"3")])
        writer.write("valid", "valid/a.jsonl", [Line(b"4", remark="long")])
        writer.reject(rejected("train", RejectedRow(1, "why", b"")))
        writer.finish(Provenance("sample", Knobs()))
        assert (notes, (tmp_path / "out").exists()) == ([], False)
    where = tmp_path / "out"
    counts = f"4 rows (train 3, valid 1), 1 rejected under {where}/quarantine, 1 long, 2 odd"
    assert notes == [f"sample: {counts} -> {where}"]


def test_a_fault_leaves_nothing_and_says_no_summary(tmp_path: Path, notes: list[str]) -> None:
    with pytest.raises(BonepickError, match="broken"), new_dataset(tmp_path / "out", [], Run()) as writer:
        writer.write("train", "train/a.jsonl", [Line(b"1")])
        writer.finish(Provenance("sample", Knobs()))
        raise BonepickError("broken")
    assert (notes, list(tmp_path.iterdir())) == ([], [])


def test_numbered_shards_do_not_depend_on_how_rows_arrive(tmp_path: Path, tree: Tree, read: Read) -> None:
    lines = [Line(b"%d" % n) for n in range(10)]
    for name, calls in (("one", [lines]), ("each", [[line] for line in lines]), ("odd", [[], lines[:7], lines[7:]])):
        with DatasetWriter(tmp_path / name) as writer:
            shards = NumberedShards(writer, lambda split, position: position // (3 if split else 4))
            for call in calls:
                shards.write("test", call)
                shards.write("", call)
    assert tree(tmp_path / "one") == tree(tmp_path / "each") == tree(tmp_path / "odd")
    assert {name: read(tmp_path / "one" / name) for name in tree(tmp_path / "one")} == {
        "test/00000.jsonl.zst": [0, 1, 2],
        "test/00001.jsonl.zst": [3, 4, 5],
        "test/00002.jsonl.zst": [6, 7, 8],
        "test/00003.jsonl.zst": [9],
        "00000.jsonl.zst": [0, 1, 2, 3],
        "00001.jsonl.zst": [4, 5, 6, 7],
        "00002.jsonl.zst": [8, 9],
    }
