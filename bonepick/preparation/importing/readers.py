"""Readers of the files of an account: for each split, a function that reads its rows from the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from bonepick.core.progress import progress
from bonepick.data.bytes_read import BytesRead, bytes_of
from bonepick.data.row_loop import BlockResult, RowLoop, each_block
from bonepick.data.rows import Row
from bonepick.data.shards import Shard
from bonepick.data.unchanged import Unchanged
from bonepick.preparation.importing.account import Account, DataFile
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.csv_files import read_csv
from bonepick.preparation.importing.formats import Format
from bonepick.preparation.importing.reading import Reading
from bonepick.preparation.importing.split_readers import SplitReaders
from bonepick.preparation.importing.tables_in_json import refuse_tables


def account_readers(account: Account, reading: Reading) -> SplitReaders[Row]:
    """Return the readers of the files of each split, which must stay as they are from now on.

    Splits may be read twice: to count what goes where, and to write it.
    """
    before = Unchanged(file.shard.path for files in account.splits.values() for file in files)
    return {split: partial(_read_unchanged, before, split, files, reading) for split, files in account.splits.items()}


def _read_unchanged(
    before: Unchanged, split: str, files: Sequence[DataFile], reading: Reading
) -> Iterator[BlockResult[Row]]:
    with before.meanwhile():
        yield from _read_split(split, files, reading)


def _read_split(split: str, files: Sequence[DataFile], reading: Reading) -> Iterator[BlockResult[Row]]:
    for form, group in groupby(files, lambda file: file.format):
        shards = [file.shard for file in group]
        if form == "JSONL":  # in worker processes
            step = _WithNames(reading.labels)
            yield from refuse_tables(
                each_block(shards, RowLoop(step, reading.on_error), reading.workers, f"read {split}")
            )
            continue
        read = _read_csv if form in ("CSV", "TSV") else _read_tables
        for block in read(form, split, shards, reading):
            block.items = list(map(reading.labels.named, block.items))
            yield block


def _read_csv(form: Format, split: str, shards: Sequence[Shard], reading: Reading) -> Iterator[BlockResult[Row]]:
    read = BytesRead()
    with progress(f"read {split}", "bytes", bytes_of(shard.path for shard in shards)) as advance:
        for shard in shards:
            for block in read_csv(shard, reading.dialects[form], reading, read):
                yield block
                advance(read.new())


def _read_tables(form: Format, split: str, shards: Sequence[Shard], reading: Reading) -> Iterator[BlockResult[Row]]:
    # Arrow takes long to load, and other commands are in this program
    from bonepick.preparation.importing.tables import arrow_batches, parquet_batches, read_table, rows_in

    batches = parquet_batches if form == "Parquet" else arrow_batches
    with progress(f"read {split}", "rows", rows_in(shards) if form == "Parquet" else None) as advance:
        for shard in shards:
            for block in read_table(shard, batches, reading):
                yield block
                advance(len(block.items) + len(block.rejected))


@dataclass(frozen=True)
class _WithNames:
    """A row as it is, but for the names of its classes."""

    labels: ClassLabels

    def __call__(self, row: Row, raw: bytes) -> Row:
        return self.labels.named(row)
