"""The loop over shards: those that are not done yet, in worker processes; one that fails does not stop the others."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bonepick.core.children import Limits, WorkerDiedError
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.parallel import each_outcome
from bonepick.core.progress import note, progress
from bonepick.data.files import File, stamp_of
from bonepick.preparation.importing.formats import Format
from bonepick.scoring.corpus import CorpusShard, names_digest
from bonepick.scoring.do_shard import ShardTask, do_shard
from bonepick.scoring.pieces import ShardWork
from bonepick.scoring.publish import output_of, remove_all_abandoned
from bonepick.scoring.records import Records
from bonepick.scoring.tally import Tally, merged

LARGE_BYTES = 256 << 20
"""Of a shard's file, from which on all workers share its blocks."""
SHOWN = 5


@dataclass(frozen=True)
class ShardRun:
    """How shards are run: never what comes out.

    Attributes:
        workers: processes.
        part: (I, N): of N tasks that share the shards, this is number I, from 0; None where there is one alone.
        tries: times that a shard is begun whose process crashes or hangs.
        patience: seconds for a block, after which a process hangs.
        verify: whether digests are compared, and not sizes and times alone.
        timeless: whether records leave out when the input changed: they are then the same on every machine.
    """

    workers: int = 1
    part: tuple[int, int] | None = None
    tries: int = 3
    patience: int = 600
    verify: bool = False
    timeless: bool = False


@dataclass(frozen=True)
class Job:
    """What is done with each shard.

    Attributes:
        works: how, by format.
        classes: labels of the model.
        has_score: whether it gives a score.
    """

    works: Mapping[Format, ShardWork[Any]]
    classes: Sequence[str]
    has_score: bool


@dataclass
class Finished:
    """What a run over shards came to.

    Attributes:
        shards: of the corpus.
        were_done: how many of this task's were done before.
        failed: shard -> why it is not done.
        tally: of all shards of the corpus; None where some are not done.
    """

    shards: int
    were_done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    tally: Tally | None = None

    def raise_failures(self, records: Records) -> None:
        """Raise what is not done.

        Raises:
            BonepickError: there is such.
        """
        if self.failed:
            named = "; ".join(f"{name}: {why}" for name, why in sorted(self.failed.items())[:SHOWN])
            more = f"; and {len(self.failed) - SHOWN:,} more" if len(self.failed) > SHOWN else ""
            raise BonepickError(
                f"{len(self.failed):,} of {self.shards:,} shards are missing in {records.root}, the others are whole: "
                f"{named}{more}; the same command does them again"
            )


def run_shards(job: Job, corpus: Sequence[CorpusShard], records: Records, how: ShardRun, what: str) -> Finished:
    """Do all shards of a corpus that are not done yet, or this task's part of them.

    Args:
        job: what is done.
        corpus: all shards.
        records: of the place where they go.
        how: see `ShardRun`.
        what: name of the work, for progress.

    Raises:
        UsageError: the part is none.
        BonepickError: another task saw other shards.
    """
    names = _names(corpus, records, how)
    mine = corpus[how.part[0] :: how.part[1]] if how.part else corpus
    tasks = [
        ShardTask(s, job.works[s.format], job.classes, job.has_score, records, names, how.patience, how.timeless)
        for s in mine
    ]
    pending = [task for task in tasks if not _is_done(task, how.verify)]
    finished = Finished(len(corpus), len(mine) - len(pending))
    if finished.were_done:
        note(f"{finished.were_done:,} of {len(mine):,} shards were done before")
    try:
        with progress(what) as advance:
            _do(pending, how, advance, finished)
    finally:
        remove_all_abandoned(records.root)
    if not finished.failed:
        finished.tally = _summary(corpus, records)
    return finished


def _names(corpus: Sequence[CorpusShard], records: Records, how: ShardRun) -> str:
    if how.part is None:
        return ""
    number, count = how.part
    if not 0 <= number < count:
        raise UsageError(f"shard {number}/{count}: wanted I/N with I from 0 to N - 1")
    names = names_digest(corpus)
    if other := next((record for record in records.all() if record.names not in ("", names)), None):
        raise BonepickError(
            f"this task sees {len(corpus):,} shards, and the task that did {other.shard} saw others: they would share "
            "them differently; run the tasks once the corpus is complete, or one command without --shard"
        )
    return names


def _do(pending: Sequence[ShardTask], how: ShardRun, advance: Callable[[int], None], finished: Finished) -> None:
    small = [task for task in pending if stamp_of(task.shard.file).size < LARGE_BYTES]
    # the last ones would keep some workers waiting: all of them share their blocks
    whole = small[: len(small) - len(small) % how.workers] if how.workers > 1 else pending
    chosen = {task.shard.name for task in whole}
    if whole:
        for outcome in each_outcome(do_shard, whole, how.workers, Limits(how.patience, None), how.tries):
            if outcome.fault is not None:
                finished.failed[outcome.item.shard.name] = str(outcome.fault)
            advance(outcome.result or 0)
    for task in pending:
        if task.shard.name not in chosen:
            try:
                advance(_shared(task, how))
            except BonepickError as fault:
                finished.failed[task.shard.name] = str(fault)


def _shared(task: ShardTask, how: ShardRun) -> int:
    for tries_left in reversed(range(how.tries)):
        try:
            return do_shard(task, how.workers)
        except WorkerDiedError:
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def _is_done(task: ShardTask, verify: bool) -> bool:
    shard, records = task.shard, task.records
    record = records.load(shard.name)
    if record is None:
        return False
    if not record.is_of(stamp_of(shard.file)):
        note(f"{shard.file} is not as it was when it was done: it is done again")
        return False
    if wrong := next((output.path for output in record.outputs if not _is_there(records.root, output, verify)), ""):
        note(f"{records.root / wrong} is not what was written: its shard is done again")
        return False
    if (verify or not record.input.tag) and record.input.sha256 and _digest(shard.file) != record.input.sha256:
        note(f"{shard.file} is not as it was when it was done: it is done again")
        return False
    return True


def _is_there(root: Path, output: Any, verify: bool) -> bool:
    path = root / output.path
    if not path.is_file() or path.stat().st_size != output.size:
        return False
    return not verify or output_of(path, output.path) == output


def _digest(file: File) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _summary(corpus: Sequence[CorpusShard], records: Records) -> Tally | None:
    """Write what all shards came to, if all are done, and return it."""
    done = [records.load(shard.name) for shard in corpus]
    if not all(done):
        return None
    tally = merged(records.tally(record) for record in done if record is not None)
    records.save_summary(tally)
    return tally
