"""What the benchmarks of scoring share: a shard of documents, models trained on such, and what one worker takes."""

import json
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import zstandard
from documents import documents

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.core.run import Run
from bonepick.scoring.corpus import find_corpus
from bonepick.scoring.do_shard import ShardTask, do_shard
from bonepick.scoring.params import ScoreParams
from bonepick.scoring.records import Records
from bonepick.scoring.score_lines import ScoreLines
from bonepick.scoring.scorer import ScorerParams, scorer_of

T = TypeVar("T")

TRAINED_ON = 2_000
ROUNDS = 3


class Seconds(NamedTuple):
    """Of the processor, and on the clock."""

    cpu: float
    wall: float


def write_shard(file: Path, count: int) -> int:
    """Write rows as packed JSON lines, and return the bytes of their texts."""
    size = 0
    with zstandard.open(file, "wb") as packed:
        for number, text in enumerate(islice(documents(), count)):
            row = {"id": f"doc-{number}", "text": text, "metadata": {"url": f"https://example.org/{number}"}}
            packed.write(json.dumps(row).encode() + b"\n")
            size += len(text.encode())
    return size


def trained(kind: str, scratch: Path, normalizer: str = "whitespace") -> Path:
    """Train a model on two labels, at random: what it says is of no matter here."""
    rows, model = scratch / "rows", scratch / kind
    (rows / "train").mkdir(parents=True, exist_ok=True)
    with (rows / "train/a.jsonl").open("w") as stream:
        for number, text in enumerate(islice(documents(seed=2), TRAINED_ON)):
            stream.write(json.dumps({"text": text, "score": ("neg", "pos")[number % 2]}) + "\n")
    given = TrainingInput([rows], conversion=OnTheFlyParams(normalizer=normalizer))
    train(kind, given, model, params_of(kind)(), Run(1, overwrite=True))
    return model


def one_worker(model: Path, shard: Path, output: Path) -> Callable[[], object]:
    """Return what a worker does with a shard, its model loaded before."""
    params = ScorerParams(model, ScoreParams())
    facts = scorer_of(params).facts
    (found,) = find_corpus(str(shard))
    work = ScoreLines(params, facts)
    task = ShardTask(found, work, facts.classes, facts.has_score, Records(output, "benchmark"))
    return lambda: do_shard(task)


def least(*works: Callable[[], object]) -> list[Seconds]:
    """Return the least seconds of each work; they take turns, since a machine is faster now and slower then."""
    rounds = [[timed(work)[1] for work in works] for _ in range(ROUNDS)]
    return [Seconds(*map(min, zip(*taken, strict=True))) for taken in zip(*rounds, strict=True)]


def timed(work: Callable[[], T]) -> tuple[T, Seconds]:
    """Return what a work returns, and what it takes of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, Seconds(time.process_time() - cpu, time.perf_counter() - wall)
