"""Reshard: the same rows in shards of near equal size; test and validation rows carved from train if wanted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count, groupby
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.outputs import atomic_directory
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.data.dataset import DatasetTally, common_normalizer
from bonepick.data.importing import Amount
from bonepick.data.rewriting import Line, mirrored, quarantine, summarize
from bonepick.data.rows import BlockDone, Row, RowParams, each_block, encode, field_of
from bonepick.data.sampling import line_of
from bonepick.data.shards import LineWriter, Shard, find_shards
from bonepick.data.splitting import make_splitter


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


@dataclass(frozen=True)
class ReshardStep:
    """One row as the group that it is split by (its text, as in import), and as it is, with its label."""

    rows: RowParams
    grouped: bool

    def __call__(self, row: Row, raw: bytes) -> tuple[str, Line]:
        """Return them; the group is empty where nobody asks for it."""
        text = field_of(row, self.rows.text_field) if self.grouped else ""
        return text if isinstance(text, str) else encode(row).decode(), line_of(self.rows, row, raw)


Blocks = Iterator[BlockDone[tuple[str, Line]]]


def reshard_dataset(
    input_dir: Path,
    output_dir: Path,
    params: ReshardParams,
    rows: RowParams,
    workers: int = 1,
    overwrite: bool = False,
) -> None:
    """Write the rows of a dataset, or of a plain tree of shards, to numbered shards, in their order.

    Raises:
        UsageError: neither a number of shards nor rows per shard is given, or both; or the shares leave no train rows.
        BonepickError: the input is no dataset, or has no train rows to carve from; a row cannot be read and
            `on_error` is `fail`, or the output is occupied.
    """
    if bool(params.shards) == bool(params.rows_per_shard):
        raise UsageError("give either --shards or --rows-per-shard, from 1 on, not both")
    normalizer, shards = common_normalizer([input_dir]), find_shards(input_dir)
    test, valid = _amounts(input_dir, {shard.split for shard in shards}, params)
    if test or valid:  # a tree without splits is train then, as in import
        shards = [replace(shard, split=shard.split or "train") for shard in shards]
    step, tally, writers = ReshardStep(rows, bool(test or valid)), DatasetTally(), dict[str, NumberedWriter]()

    def each(some: Sequence[Shard] = shards) -> Blocks:
        return each_block(some, step, rows.on_error, workers, "reshard", rows.limits)

    def groups() -> Iterator[str]:
        return (
            group for done in each([shard for shard in shards if shard.split == "train"]) for group, _ in done.items
        )

    with atomic_directory(output_dir, "dataset", overwrite, [input_dir]) as folder, ExitStack() as stack:
        split_of = make_splitter(params.seed, test, valid, groups)
        rows_of = Counter[str]()
        for done in each() if params.shards else ():
            rows_of.update({split: len(lines) for split, lines in _by_split(done, split_of).items()})
        for done in each():
            for split, lines in _by_split(done, split_of).items():
                if split not in writers:
                    number_of = _numbering(params, split, rows_of[split])
                    writers[split] = stack.enter_context(NumberedWriter(folder / split, number_of))
                raw = [line.data for line in lines]
                writers[split].write(raw)
                tally.add(split, raw, [label for line in lines for label in line.labels])
            tally.add(done.shard.split, [], [], len(done.set_aside))
            quarantine(folder, mirrored(done.shard), done)
        stack.close()
        tally.info("reshard", params, normalizer).save(folder)
    summarize("reshard", output_dir, tally)


class NumberedWriter:
    """Writes lines to numbered shards, named as import names them; a context manager.

    `number_of` gives the shard's number for each row's position; it never falls.
    """

    def __init__(self, folder: Path, number_of: Callable[[int], int]) -> None:
        self._folder, self._number_of, self._rows, self._number = folder, number_of, 0, -1
        self._writer = ExitStack()
        self._current: LineWriter | None = None

    def write(self, lines: list[bytes]) -> None:
        """Append lines, each without its line break."""
        for number, group in groupby(
            zip(lines, count(self._rows), strict=False), lambda pair: self._number_of(pair[1])
        ):
            if self._current is None or number != self._number:
                self._writer.close()
                self._current = self._writer.enter_context(LineWriter(self._folder / f"{number:05}.jsonl.zst"))
                self._number = number
            self._current.write([line for line, _ in group])
        self._rows += len(lines)

    def __enter__(self) -> "NumberedWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()


def _amounts(input_dir: Path, own: set[str], params: ReshardParams) -> tuple[float, float]:
    amounts = {"test": params.test_split, "valid": params.valid_split}
    for split in [split for split, amount in amounts.items() if amount and split in own]:
        note(f"{input_dir} has a {split} split of its own: it is kept, and {split}_split is ignored")
        amounts[split] = 0.0
    if any(amounts.values()) and not own & {"train", ""}:
        raise BonepickError(f"{input_dir} has no train/ to take test or validation rows from")
    return amounts["test"], amounts["valid"]


def _by_split(done: BlockDone[tuple[str, Line]], split_of: Callable[[str], str]) -> dict[str, list[Line]]:
    found, home = dict[str, list[Line]](), done.shard.split
    for group, line in done.items:
        found.setdefault(split_of(group) if home == "train" else home, []).append(line)
    return found


def _numbering(params: ReshardParams, split: str, rows: int) -> Callable[[int], int]:
    if params.rows_per_shard:
        return lambda position: position // params.rows_per_shard
    shards = min(params.shards, rows)
    if shards < params.shards:
        note(f"reshard: {split or 'the input'} has only {rows:,} rows: they make as many shards")
    return lambda position: position * shards // rows
