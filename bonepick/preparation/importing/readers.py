"""Readers of the files of an account: for each split, a function that reads its rows from the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from bonepick.core.progress import progress
from bonepick.data.row_loop import BlockResult, RowLoop, each_block
from bonepick.data.rows import Row
from bonepick.data.shards import Shard
from bonepick.preparation.importing.account import Account, DataFile
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.csv_files import read_csv
from bonepick.preparation.importing.formats import Format
from bonepick.preparation.importing.reading import Reading
from bonepick.preparation.importing.split_readers import SplitReaders
from bonepick.preparation.importing.tables_in_json import refuse_tables


def account_readers(account: Account, reading: Reading) -> SplitReaders[Row]:
    """Return the readers of the files of each split."""
    return {split: partial(_read_split, split, files, reading) for split, files in account.splits.items()}


def _read_split(split: str, files: Sequence[DataFile], reading: Reading) -> Iterator[BlockResult[Row]]:
    for form, group in groupby(files, lambda file: file.format):
        shards = [file.shard for file in group]
        if form == "JSONL":  # in worker processes
            step = _WithNames(reading.labels)
            yield from refuse_tables(
                each_block(shards, RowLoop(step, reading.on_error), reading.workers, f"read {split}")
            )
            continue
        with progress(f"read {split}") as advance:
            for shard in shards:
                for block in _read_file(form, shard, reading):
                    block.items = list(map(reading.labels.named, block.items))
                    yield block
                    advance(len(block.items) + len(block.rejected))


def _read_file(form: Format, shard: Shard, reading: Reading) -> Iterator[BlockResult[Row]]:
    if form in ("CSV", "TSV"):
        return read_csv(shard, reading.dialects[form], reading)
    # Arrow takes long to load, and other commands are in this program
    from bonepick.preparation.importing.tables import arrow_batches, parquet_batches, read_table

    return read_table(shard, parquet_batches if form == "Parquet" else arrow_batches, reading)


@dataclass(frozen=True)
class _WithNames:
    """A row as it is, but for the names of its classes."""

    labels: ClassLabels

    def __call__(self, row: Row, raw: bytes) -> Row:
        return self.labels.named(row)
