"""What every source gives: for each split of it, a function that reads its rows from the start."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias, TypeVar

from bonepick.core.errors import BonepickError
from bonepick.core.progress import progress
from bonepick.data.file_kinds import TO_UTF8
from bonepick.data.files import reason
from bonepick.data.row_loop import BlockResult
from bonepick.data.rows import Row
from bonepick.data.shards import Shard
from bonepick.preparation.importing.splits import AS_NAMED, SKIPPED, SplitChoice

T = TypeVar("T")
SplitReaders: TypeAlias = dict[str, Callable[[], Iterator[BlockResult[T]]]]
"""Split -> a function that reads its rows from the start, in blocks."""

BATCH = 1_000


def readers_of(where: str, splits: Mapping[str, Iterable[Row]], choice: SplitChoice = AS_NAMED) -> SplitReaders[Row]:
    """Return the readers of splits that each can be iterated over more than once.

    Args:
        where: the dataset, for people.
        splits: name -> rows; the names may be those that splits have elsewhere.
        choice: of splits under other names.

    Raises:
        BonepickError: a name is none of a split's, or two stand for one split.
    """
    readers: SplitReaders[Row] = {}
    for name, rows in splits.items():
        split = choice.known(where, name)
        if split in readers:
            raise BonepickError(f"{where}: several splits are {split} here, {name!r} one of them (--skip-split)")
        if split != SKIPPED:
            readers[split] = partial(_in_blocks, where, split, rows)
    return readers


def _in_blocks(where: str, split: str, rows: Iterable[Row]) -> Iterator[BlockResult[Row]]:
    shard = Shard(Path(where), split, split)
    stream = iter(rows)
    rows_read = 0
    with progress(f"read {split}", "rows", len(rows) if isinstance(rows, Sized) else None) as advance:
        while batch := _next(shard, rows_read, stream):
            yield BlockResult(shard, batch, list(range(rows_read + 1, rows_read + len(batch) + 1)))
            rows_read += len(batch)
            advance(len(batch))


def _next(shard: Shard, rows_read: int, stream: Iterator[Row]) -> list[Row]:
    try:
        return list(islice(stream, BATCH))
    except BonepickError:
        raise
    except Exception as error:  # of whatever library reads the files
        hint = TO_UTF8 if isinstance(error, UnicodeDecodeError) else "check its files"
        raise BonepickError(
            f"{shard.path}: {shard.split} cannot be read beyond row {rows_read} ({reason(error)}): {hint}"
        ) from None
