"""Tiny trained models, and corpora for them, in every form that they are scored in."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.core.errors import BonepickError
from bonepick.core.parallel import Outcome
from bonepick.core.run import Run
from bonepick.scoring import run_shards
from bonepick.scoring.corpus import find_corpus
from bonepick.scoring.do_shard import ShardTask, do_shard
from bonepick.scoring.params import ScoreParams
from bonepick.scoring.records import Records
from bonepick.scoring.score_lines import ScoreLines
from bonepick.scoring.score_tables import ScoreTables
from bonepick.scoring.scorer import Scorer, ScorerParams
from tests.tiny import tiny_base, tiny_dataset, tiny_rows

WORDS = {
    "bad": ["sale", "click", "menu", "buy"],
    "fair": ["film", "story", "actor"],
    "good": ["theorem", "cell", "law"],
}
ALL_WORDS = [word for words in WORDS.values() for word in words]
SMALL: dict[str, dict[str, Any]] = {
    "fasttext": {"bucket": 500, "dimension": 4, "epoch": 8},
    "model2vec": {"l2": (0.01,)},
}
ORDER = ("bad", "fair", "good")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Kind -> a model directory, trained once; `several` for one of several labels a text."""
    root = tmp_path_factory.mktemp("models")
    rows = tiny_dataset(root / "rows", train=tiny_rows(200, WORDS, 1), valid=tiny_rows(60, WORDS, 2))
    base = tiny_base(root / "base", ALL_WORDS)
    several = [
        {**row, "score": {row["score"]: 1, "short": int(len(row["text"]) < 45)}} for row in tiny_rows(200, WORDS, 3)
    ]
    many = tiny_dataset(root / "many", train=several)

    def directory(kind: str, several: bool = False) -> Path:
        target = root / f"{kind}-{several}"
        if not target.exists():
            conversion = OnTheFlyParams(normalizer="whitespace", multi_label=several)
            given = TrainingInput([many if several else rows], base_model=str(base), conversion=conversion)
            order = () if several else ORDER
            params = {**SMALL[kind], **({"loss": "ova"} if several else {})}
            train(kind, given, target, params_of(kind)(labels=order, **params), Run())
        return target

    return directory


@pytest.fixture
def corpus_rows() -> Callable[..., list[dict[str, Any]]]:
    """Rows of a corpus: texts with values of every kind beside them."""

    def rows(n: int, seed: int = 5) -> list[dict[str, Any]]:
        texts = [row["text"] for row in tiny_rows(n, WORDS, seed)]
        return [
            {"id": f"d{seed}-{number}", "text": f"{text} é\n{number}", "n": number * 1.0, "source": f"s{number % 3}"}
            for number, text in enumerate(texts)
        ]

    return rows


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do shards here: processes take a second each to begin, and what they add is tested where they die."""

    def outcomes(function: Any, items: Any, *_: Any) -> Iterator[Outcome[Any, Any]]:
        for item in items:
            try:
                yield Outcome(item, function(item))
            except BonepickError as fault:
                yield Outcome(item, fault=fault)

    monkeypatch.setattr(run_shards, "each_outcome", outcomes)


@pytest.fixture
def score(model: Callable[..., Path]) -> Callable[..., dict[str, int]]:
    """Score a corpus in this process, shard by shard, and return how many rows each shard has."""

    def run(where: Path | str, output: Path, kind: str = "fasttext", workers: int = 1, **given: Any) -> dict[str, int]:
        several = given.pop("several", False)
        params = ScorerParams(model(kind, several), ScoreParams(**given))
        facts = Scorer(params).facts
        records = Records(output, "run")
        works: dict[str, Any] = {"JSONL": ScoreLines(params, facts), "Parquet": ScoreTables(params, facts)}
        n_rows = dict[str, int]()
        for shard in find_corpus(str(where)):
            task = ShardTask(shard, works[shard.format], facts.classes, facts.has_score, records)
            tally = records.tally(do_shard(task, workers))
            n_rows[shard.name] = int(tally.scored[0]) + tally.n_rejected
        return n_rows

    return run


@pytest.fixture
def lines() -> Callable[[list[dict[str, Any]]], bytes]:
    """Rows as JSON lines."""
    return lambda rows: b"".join(json.dumps(row).encode() + b"\n" for row in rows)
