"""An input that changes between two passes over it is one error, whatever the change breaks."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.open_rows import open_rows
from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data import row_loop
from bonepick.data.rows import RowParams
from bonepick.preparation.balance import BalanceParams, balance_dataset
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.label_distribution import label_distribution
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.preparation.reshard import ReshardParams, reshard_dataset
from bonepick.preparation.sample import SampleParams, sample_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset

Write = Callable[..., Path]
WHITESPACE = NormalizeParams(normalizer="whitespace")
ROWS = [{"text": f"text {n}", "score": n % 3} for n in range(30)]

TWO_PASSES: dict[str, Callable[[Path, Path], Any]] = {
    "balance": lambda source, out: balance_dataset([source], out, BalanceParams(), RowParams()),
    "convert --auto": lambda source, out: convert_to_fasttext(source, out, ConvertParams(auto=2), RowParams()),
    "sample --size": lambda source, out: sample_dataset([source], out, SampleParams(size="500B"), RowParams()),
    "import, counting": lambda source, out: import_dataset(
        ImportParams(name=str(source / "train"), test_split=5), out, RowParams()
    ),
    "reshard": lambda source, out: reshard_dataset(source, out, ReshardParams(shards=2), RowParams()),
}


def grow(file: Path) -> None:
    with file.open("a") as stream:
        stream.write('{"text": "new", "score": 9}\n' * 5)


def shrink(file: Path) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS[:3]))


def reverse(file: Path) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in reversed(ROWS)))
    os.utime(file, ns=(0, 0))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


@pytest.mark.parametrize("change", [grow, shrink, reverse, cut, Path.unlink], ids=lambda change: change.__name__)
@pytest.mark.parametrize("operation", TWO_PASSES)
def test_a_change_between_two_passes_is_one_line(
    operation: str, change: Callable[[Path], None], tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "in", {"train/a.jsonl": ROWS}) / "train/a.jsonl"
    passes = 0

    def read_blocks(shard: Any, digest: Any = None) -> Iterator[Any]:
        nonlocal passes
        passes += 1
        if passes == 2:
            change(file)
        return kept(shard, digest)

    kept = row_loop.read_blocks
    monkeypatch.setattr(row_loop, "read_blocks", read_blocks)
    with pytest.raises(BonepickError, match=r"in/train/a\.jsonl was changed while it was read: run again"):
        TWO_PASSES[operation](tmp_path / "in", tmp_path / "out")
    assert passes == 2
    assert not (tmp_path / "out").exists()


ONE_PASS: dict[str, Callable[[Path, Path], Any]] = {
    "transform": lambda source, out: transform_dataset(source, out, TransformParams(label="{score: .score}")),
    "normalize": lambda source, out: normalize_dataset(source, out, WHITESPACE, RowParams()),
    "import": lambda source, out: import_dataset(ImportParams(name=str(source)), out, RowParams()),
    "label-distribution": lambda source, out: label_distribution([source], RowParams()),
}


@pytest.mark.parametrize("change", [grow, reverse, Path.unlink], ids=lambda change: change.__name__)
@pytest.mark.parametrize("operation", ONE_PASS)
def test_a_change_while_it_is_read_is_the_same_line(
    operation: str, change: Callable[[Path], None], tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "in", {"train/a.jsonl": ROWS}) / "train/a.jsonl"

    def read_blocks(shard: Any, digest: Any = None) -> Iterator[Any]:
        yield from kept(shard, digest)
        change(file)

    kept = row_loop.read_blocks
    monkeypatch.setattr(row_loop, "read_blocks", read_blocks)
    with pytest.raises(BonepickError, match=r"in/train/a\.jsonl was changed while it was read: run again"):
        ONE_PASS[operation](tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_training_rows_that_changed_since_they_were_opened_are_refused(tmp_path: Path, write: Write) -> None:
    folder = write(tmp_path / "in", {"train/a.jsonl": ROWS, "valid/a.jsonl": ROWS})
    rows = open_rows(TrainingInput([folder]), TrainParams(), tmp_path, Run())
    assert sum(len(batch.items) for batch in rows.batches("train")) == 30
    grow(folder / "train/a.jsonl")
    with pytest.raises(BonepickError, match=r"train/a\.jsonl was changed while it was read"):
        list(rows.batches("train"))
