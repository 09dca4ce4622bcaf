"""One shard, done: read, worked on, published, and put on record. Whatever runs many of them calls this."""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonepick.core.children import Limits, still_at_work, tell
from bonepick.core.errors import BonepickError
from bonepick.core.parallel import ordered_map
from bonepick.core.progress import Advance
from bonepick.data.bytes_read import BytesRead
from bonepick.data.files import Stamp, stamp_of
from bonepick.data.row_loop import RejectedRow
from bonepick.data.writer import sidecar_line
from bonepick.scoring.corpus import CorpusShard
from bonepick.scoring.pieces import ShardWork
from bonepick.scoring.publish import whole_file
from bonepick.scoring.records import Input, Output, Record, Records, sidecar_name
from bonepick.scoring.tally import Tally


@dataclass(frozen=True)
class ShardTask:
    """A shard, and all that is needed to do it, in any process.

    Attributes:
        shard: that is done.
        work: how.
        classes: labels of the model.
        has_score: whether it gives a score.
        records: of the place where it goes.
        names: digest of the names of all shards where several tasks share them, else empty.
        patience: seconds for a block, after which a process hangs.
        timeless: whether the record leaves out when the input changed.
    """

    shard: CorpusShard
    work: ShardWork[Any]
    classes: Sequence[str]
    has_score: bool
    records: Records
    names: str = ""
    patience: int = 600
    timeless: bool = False


def do_shard(task: ShardTask, workers: int = 1, advance: Advance = tell) -> Record:
    """Do a shard, here or with workers that share its blocks.

    What comes of it is published, and then its record: where anything goes wrong before, neither is there.

    Args:
        task: what is done.
        workers: processes.
        advance: is told of the shard's bytes; by default the parent's is, where this is a child.

    Raises:
        BonepickError: the shard cannot be read, or changed meanwhile; a row is rejected and `on_error` is `fail`; a
            worker died; or nothing can be written.
    """
    try:
        return _do_shard(task, workers, advance)
    except OSError as error:
        raise BonepickError(f"{error.filename or task.shard.file}: {error.strerror or error}") from None
    except MemoryError:
        raise BonepickError(
            f"{task.shard.file} needs more memory than there is: free some, or use fewer workers"
        ) from None


def _do_shard(task: ShardTask, workers: int, advance: Advance) -> Record:
    shard, root = task.shard, task.records.root
    digest = hashlib.sha256()
    read, told = BytesRead(digest), 0
    before = stamp_of(shard.file)
    tally = Tally.empty(task.has_score)
    limits = Limits(task.patience, None) if workers > 1 else None
    with whole_file(root, task.work.output_name(shard)) as (path, outputs), ExitStack() as published_first:
        quarantine = _Quarantine(root, sidecar_name(shard.name), published_first)
        with task.work.writer(shard, path) as writer:
            for piece in ordered_map(task.work.work, task.work.blocks(shard, read), workers, limits):
                still_at_work()
                told += (new := read.new())
                advance(new)
                writer.write(piece)
                quarantine.write(piece.rejected)
                piece.count_in(tally, task.classes)
        if stamp_of(shard.file) != before:
            raise BonepickError(f"{shard.file} changed while it was read: run the same command when it is whole")
    advance(max(before.size - told, 0))
    if not quarantine.outputs:
        (root / quarantine.name).unlink(missing_ok=True)  # of a time when the input was another one
    came = _input(Stamp(before.size, "") if task.timeless else before, digest)
    return task.records.save(shard.name, came, [*outputs, *quarantine.outputs], tally, task.names)


def _input(stamp: Stamp, digest: Any) -> Input:
    unread = digest.digest() == hashlib.sha256().digest() and stamp.size > 0
    return Input(stamp.size, stamp.tag, "" if unread else digest.hexdigest())


class _Quarantine:
    """The sidecar of a shard, which is there where a row of it was rejected."""

    def __init__(self, root: Path, name: str, stack: ExitStack) -> None:
        self.name = name
        self.outputs: list[Output] = []
        self._root = root
        self._stack = stack
        self._stream: Any = None

    def write(self, rejected: Sequence[RejectedRow]) -> None:
        if rejected and self._stream is None:
            path, self.outputs = self._stack.enter_context(whole_file(self._root, self.name))
            self._stream = self._stack.enter_context(path.open("wb"))
        for row in sorted(rejected, key=lambda row: row.line):
            self._stream.write(sidecar_line(row))
