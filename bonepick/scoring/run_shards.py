"""The loop over shards: those that are not done yet, in worker processes; one that fails does not stop the others."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bonepick.core.children import Limits, WorkerDiedError
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.parallel import each_outcome
from bonepick.core.progress import Advance, note, progress
from bonepick.data.files import stamp_of
from bonepick.preparation.importing.formats import Format
from bonepick.scoring.collisions import refuse_collisions
from bonepick.scoring.corpus import CorpusShard, names_digest
from bonepick.scoring.do_shard import ShardTask, do_shard
from bonepick.scoring.done import record_if_done
from bonepick.scoring.partials import remove_abandoned
from bonepick.scoring.pieces import ShardWork
from bonepick.scoring.records import Record, Records
from bonepick.scoring.stale import remove_stale, take_away_others
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
        overwrite: whether what another run wrote is removed, and what was written of shards that are no more.
        timeless: whether records leave out when the input changed: they are then the same on every machine.
    """

    workers: int = 1
    part: tuple[int, int] | None = None
    tries: int = 3
    patience: int = 600
    verify: bool = False
    timeless: bool = False
    overwrite: bool = False


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

    def say(self, mine: int, what: str, records: Records) -> None:
        """Say what is there now."""
        if self.tally is None:
            note(f"{what}: {mine:,} of {self.shards:,} shards are done here; the summary comes with the last task's")
        else:
            note(f"{what}: {self.shards:,} shards -> {records.root}")

    def raise_failures(self, records: Records) -> None:
        """Raise what is not done.

        Raises:
            BonepickError: there is such.
        """
        if self.failed:
            named = "; ".join(f"{name}: {why}" for name, why in sorted(self.failed.items())[:SHOWN])
            more = f"; and {len(self.failed) - SHOWN:,} more" if len(self.failed) > SHOWN else ""
            others = ", the others are whole" if len(self.failed) < self.shards else ""
            raise BonepickError(
                f"{len(self.failed):,} of {self.shards:,} shards are missing in {records.root}{others}: {named}{more}; "
                "the same command goes on from here"
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
        BonepickError: another task saw other shards, two shards would be written over each other, a shard lies in the
            place, or a record is damaged.
        KeyboardInterrupt: with a sentence on what stays.
    """
    outputs = {shard.name: job.works[shard.format].output_name(shard) for shard in corpus}
    refuse_collisions(outputs)
    _refuse_inside(records, corpus)
    names = _names(corpus, records, how)
    mine = corpus[how.part[0] :: how.part[1]] if how.part else corpus
    remove_abandoned(records.root)
    done = {shard.name: record for shard in mine if (record := record_if_done(shard, records, how.verify))}
    finished = Finished(len(corpus), len(done))
    if how.part is None:
        take_away_others(records, corpus, how.overwrite)
    if done:
        note(f"{len(done):,} of {len(mine):,} shards were done before")
    pending = [
        ShardTask(s, job.works[s.format], job.classes, job.has_score, records, names, how.patience, how.timeless)
        for s in mine
        if s.name not in done
    ]
    if pending:
        records.forget_summary()
        for task in pending:
            remove_stale(records, task.shard.name)
        done |= _do_all(pending, how, what, finished)
    if not finished.failed:
        finished.tally = _summary(corpus, records, done)
        finished.say(len(mine), what, records)
    return finished


def _refuse_inside(records: Records, corpus: Sequence[CorpusShard]) -> None:
    root = records.root.resolve()
    files = (shard.file for shard in corpus if isinstance(shard.file, Path))
    if inside := next((file for file in files if file.absolute().is_relative_to(root)), None):
        raise BonepickError(f"input {inside} lies in the output {records.root}: choose an output beside the input")


def _names(corpus: Sequence[CorpusShard], records: Records, how: ShardRun) -> str:
    if how.part is None:
        return ""
    number, count = how.part
    if not 0 <= number < count:
        raise UsageError(f"shard {number}/{count}: wanted I/N with I from 0 to N - 1")
    names = names_digest(corpus)
    # all that have such a digest have the same one
    if (other := next((record for record in records.all() if record.names), None)) and other.names != names:
        raise BonepickError(
            f"this task sees {len(corpus):,} shards, and the task that did {other.shard} saw others: they would share "
            "them differently; run the tasks once the corpus is complete, one command without --shard, or with another "
            "output"
        )
    return names


def _do_all(pending: Sequence[ShardTask], how: ShardRun, what: str, finished: Finished) -> dict[str, Record]:
    """Do shards, and return the records of those that could be done."""
    done = dict[str, Record]()
    try:
        size = sum(map(_size, pending))
        with progress(what, "bytes", size) as advance, closing(_outcomes(pending, how, advance)) as outcomes:
            for task, outcome in outcomes:
                if isinstance(outcome, Record):
                    done[task.shard.name] = outcome
                else:
                    finished.failed[task.shard.name] = str(outcome)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{len(done):,} shards were done, which stay; the same command goes on") from None
    finally:
        remove_abandoned(pending[0].records.root)
    return done


def _outcomes(
    pending: Sequence[ShardTask], how: ShardRun, advance: Advance
) -> Generator[tuple[ShardTask, Record | BonepickError | None], None, None]:
    # the last ones would keep some workers waiting: all of them share their blocks
    small = [task for task in pending if _size(task) < LARGE_BYTES]
    whole = small[: len(small) - len(small) % how.workers] if how.workers > 1 else pending
    if whole:
        limits = Limits(how.patience, None)
        with closing(each_outcome(do_shard, whole, how.workers, limits, how.tries, advance)) as outcomes:
            for outcome in outcomes:
                yield outcome.item, outcome.fault or outcome.result
    chosen = {task.shard.name for task in whole}
    for task in pending:
        if task.shard.name not in chosen:
            yield task, _shared(task, how, advance)


def _size(task: ShardTask) -> int:
    try:
        return stamp_of(task.shard.file).size
    except OSError:  # who reads it says so
        return 0


def _shared(task: ShardTask, how: ShardRun, advance: Advance) -> Record | BonepickError:
    fault: BonepickError
    for _ in range(how.tries):
        try:
            return do_shard(task, how.workers, advance)
        except WorkerDiedError as error:
            fault = error
        except BonepickError as error:
            return error
    return fault


def _summary(corpus: Sequence[CorpusShard], records: Records, done: Mapping[str, Record]) -> Tally | None:
    """Write what all shards came to, if all are done, those of other tasks too, and return it."""
    every = list[Record]()
    for shard in corpus:
        record = done.get(shard.name) or record_if_done(shard, records, verify=False)
        if record is None:
            return None
        every.append(record)
    tally = merged(map(records.tally, every))
    records.save_summary(tally)
    return tally
