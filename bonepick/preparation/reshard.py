"""Reshard: the same rows in shards of near equal size; test and validation rows carved from train if wanted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.params import Fault, Params, Seed
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.numbered_shards import NumberedShards
from bonepick.data.row_loop import RowLoop, each_block
from bonepick.data.rows import Row, RowParams, encode, field_of
from bonepick.data.shards import Shard
from bonepick.data.splitting import Amount, amount_faults, make_splitter
from bonepick.data.unchanged import unchanged
from bonepick.data.writer import Line, new_dataset
from bonepick.preparation.importing.carve import GroupedBlock, amounts_to_carve, groups_of, lines_by_split
from bonepick.preparation.sample import line_of


@dataclass(frozen=True, kw_only=True)
class ReshardParams(Params):
    """How many shards, and what is carved from train."""

    shards: Annotated[int, Meta(ge=0)] = 0
    """Shards per split, equal in rows to within one."""
    rows_per_shard: Annotated[int, Meta(ge=0)] = 0
    """In place of a number of shards: rows per shard."""
    test_split: Amount = 0.0
    """Test rows to take from train: below 1 a share, from 1 on a count. A dataset's own test split is kept instead."""
    valid_split: Amount = 0.0
    """Validation rows, given like the test rows."""
    seed: Seed = 42
    """Seed of the split."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield amounts that no split can have."""
        yield from amount_faults(self.test_split, self.valid_split)


@dataclass(frozen=True)
class ReshardStep:
    """One row as the group that it is split by (its text, as in import), and as it is, with its label."""

    rows: RowParams
    grouped: bool

    def __call__(self, row: Row, raw: bytes) -> tuple[str, Line]:
        """Return them; the group is empty where nobody asks for it."""
        text = field_of(row, self.rows.text_field) if self.grouped else ""
        return text if isinstance(text, str) else encode(row).decode(), line_of(self.rows, row, raw)


def reshard_dataset(
    input_dir: Path, output_dir: Path, params: ReshardParams, rows: RowParams, run: Run = Run()
) -> DatasetInfo:
    """Write the rows of a dataset, or of a plain tree of shards, to numbered shards, in their order.

    Raises:
        UsageError: neither a number of shards nor rows per shard is given, or both; or the shares leave no train rows.
        BonepickError: the input is no dataset of rows, or has no train rows to carve from; a row is rejected and
            `on_error` is `fail`, the input changes meanwhile, or the output is occupied.
    """
    if bool(params.shards) == bool(params.rows_per_shard):
        came = "both" if params.shards else "neither"
        raise UsageError(f"{came} of --shards and --rows-per-shard (from 1 on) given: wanted one")
    dataset = Dataset.open_rows(input_dir, mixed=True)
    test, valid = _amounts(dataset, params)
    shards = dataset.shards
    if test or valid:  # a tree without splits is train then, as in import
        shards = [replace(shard, split=shard.split or "train") for shard in shards]
    step = ReshardStep(rows, grouped=bool(test or valid))

    def blocks_of(some: Sequence[Shard]) -> Iterator[GroupedBlock]:
        return each_block(some, RowLoop(step, rows.on_error), run.workers, "reshard", rows.limits)

    def groups() -> Iterator[str]:
        return groups_of(blocks_of([shard for shard in shards if shard.split == "train"]))

    with new_dataset(output_dir, [input_dir], run) as writer, unchanged([shard.path for shard in shards]):
        split_of = make_splitter(params.seed, test, valid, groups)
        row_counts = Counter[str]()
        for block in blocks_of(shards) if params.shards else ():
            row_counts.update({split: len(lines) for split, lines in lines_by_split(block, split_of).items()})
        numbered = NumberedShards(writer, _numbering(params, row_counts))
        for block in blocks_of(shards):
            for split, lines in lines_by_split(block, split_of).items():
                numbered.write(split, lines)
            writer.reject(block)
        return writer.finish(Provenance("reshard", params, dataset.normalizer, text_field=dataset.normalized_field))


def _amounts(dataset: Dataset, params: ReshardParams) -> tuple[float, float]:
    splits = {shard.split for shard in dataset.shards}
    test, valid = amounts_to_carve(dataset.path, splits, params.test_split, params.valid_split)
    if (test or valid) and not splits & {"train", ""}:
        raise BonepickError(f"{dataset.path} has no train/ to take test or validation rows from")
    return test, valid


def _numbering(params: ReshardParams, row_counts: Counter[str]) -> Callable[[str, int], int]:
    """Return the function split, position of a row -> number of its shard."""
    if params.rows_per_shard:
        return lambda split, position: position // params.rows_per_shard
    for split, rows in row_counts.items():
        if rows < params.shards:
            note(f"reshard: {split or 'the input'} has only {rows:,} rows: they make as many shards")
    shards = {split: min(params.shards, rows) for split, rows in row_counts.items()}
    return lambda split, position: position * shards[split] // row_counts[split]
