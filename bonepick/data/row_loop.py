"""The one row loop: lines in, results out, and the policy on rows that cannot be used."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from bonepick.core.children import Limits
from bonepick.core.errors import BonepickError, shortened
from bonepick.core.parallel import ordered_map
from bonepick.core.params import OnError
from bonepick.core.progress import note, progress
from bonepick.data.bytes_read import BytesRead, bytes_of
from bonepick.data.row_limits import KEPT_BYTES, MAX_ROW_BYTES, too_deep, too_long
from bonepick.data.rows import decode
from bonepick.data.shards import Block, Shard, read_blocks
from bonepick.data.unchanged import unchanged

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class RejectedRow:
    """A row that was rejected: its line number, why, and the line itself, or the beginning of one that is too long."""

    line: int
    reason: str
    raw: bytes


@dataclass
class BlockResult(Generic[T]):
    """What became of one block: an item for each good row, with its line number."""

    shard: Shard
    items: list[T] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


R = TypeVar("R", bound=BlockResult[Any])


@dataclass(frozen=True)
class RowLoop(Generic[T]):
    """Applies `step` to each row of a block; can be pickled where `step` can.

    `step` gets the decoded row and the raw line, and raises `BonepickError` with the reason for a row it cannot use.
    `read` decodes a line.
    """

    step: Callable[[Any, bytes], T]
    on_error: OnError
    read: Callable[[bytes], Any] = decode

    def __call__(self, block: Block) -> BlockResult[T]:
        """Run the step over the block's rows; blank lines are no rows.

        Raises:
            BonepickError: a row cannot be used and the policy is `fail`; the message begins with file:line.
        """
        result: BlockResult[T] = BlockResult(block.shard)
        if block.row_bytes:
            fault = too_long(block.row_bytes)
            result.rejected.append(reject(block.shard, block.first, block.data, fault, self.on_error))
            return result
        for line, raw in enumerate(block.data.split(b"\n"), block.first):
            if not raw or raw.isspace():
                continue
            try:
                result.items.append(self.step(self.read(raw), raw))
                result.lines.append(line)
            except (BonepickError, RecursionError) as error:
                result.rejected.append(reject(block.shard, line, raw, error, self.on_error))
        return result


class Rejections:
    """Rejected rows of what writes no dataset: there is no quarantine to put them in, so the first reasons are said."""

    SHOWN = 3

    def __init__(self) -> None:
        self.rows = 0
        self._first = list[str]()

    def add(self, block: BlockResult[Any]) -> None:
        """Count the rows that a block rejected."""
        self.rows += len(block.rejected)
        for row in block.rejected[: self.SHOWN - len(self._first)]:
            self._first.append(f"{block.shard.path}:{row.line}: {row.reason}")

    def say(self, where: Path | str) -> None:
        """Say how many there were, and the reasons of the first."""
        if self.rows:
            more = " ..." if self.rows > len(self._first) else ""
            note(f"{where}: {self.rows:,} rows were rejected: {'; '.join(self._first)}{more}")


def then(block: BlockResult[T], step: Callable[[T], U], on_error: OnError) -> BlockResult[U]:
    """Run one more step over the items of a block, under the same policy.

    Raises:
        BonepickError: an item cannot be used and the policy is `fail`.
    """
    result: BlockResult[U] = BlockResult(block.shard, rejected=list(block.rejected))
    for line, item in zip(block.lines, block.items, strict=True):
        try:
            result.items.append(step(item))
            result.lines.append(line)
        except (BonepickError, RecursionError) as error:
            result.rejected.append(reject(block.shard, line, _shown(item), error, on_error))
    return result


def _shown(item: object) -> bytes:
    try:
        return msgspec.json.encode(item)
    except (TypeError, UnicodeEncodeError, RecursionError):
        return shortened(item, KEPT_BYTES).encode(errors="backslashreplace")


def reject(
    shard: Shard, line: int, raw: bytes, error: BonepickError | RecursionError, on_error: OnError
) -> RejectedRow:
    """Apply the policy to a row that cannot be used.

    Raises:
        BonepickError: the policy is `fail`; the message begins with file:line.
    """
    if isinstance(error, RecursionError):
        error = too_deep("row")
    if on_error == "fail":
        raise BonepickError(
            f"{shard.path}:{line}: {error}; mend the row, or have such rows rejected by on_error: quarantine "
            "(--on-error quarantine)"
        ) from None
    return RejectedRow(line, str(error), raw if len(raw) <= MAX_ROW_BYTES else raw[:KEPT_BYTES])


def each_block(
    shards: Iterable[Shard], loop: Callable[[Block], R], workers: int, what: str, limits: Limits | None = None
) -> Iterator[R]:
    """Go over all rows of some shards, in worker processes, and yield what comes of each block in order.

    Args:
        shards: input, in order.
        loop: a `RowLoop`, or what works on a block as that does.
        workers: processes.
        what: name of the work, for progress.
        limits: of each block, where the step runs a jq expression.

    Raises:
        BonepickError: see `RowLoop`, `read_blocks` and `Limits`; or a shard changed meanwhile.
    """
    shards = list(shards)
    read, sizes = BytesRead(), deque[int]()

    def blocks() -> Iterator[Block]:
        for shard in shards:
            for block in read_blocks(shard, read):
                sizes.append(read.new())
                yield block

    with (
        unchanged(shard.path for shard in shards),
        progress(what, "bytes", bytes_of(shard.path for shard in shards)) as advance,
    ):
        for result in ordered_map(loop, blocks(), workers, limits):
            yield result
            advance(sizes.popleft())
