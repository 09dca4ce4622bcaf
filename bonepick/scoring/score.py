"""Score a corpus: apply a model to every shard of it, each exactly once."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from bonepick.classifiers.base.digest import model_digest
from bonepick.core.replacing import local_paths
from bonepick.preparation.importing.formats import Format
from bonepick.scoring.corpus import find_corpus
from bonepick.scoring.pieces import ShardWork
from bonepick.scoring.place import opened_place
from bonepick.scoring.records import Records
from bonepick.scoring.run_shards import Finished, Job, ShardRun, run_shards
from bonepick.scoring.score_lines import ScoreLines
from bonepick.scoring.score_tables import ScoreTables
from bonepick.scoring.scorer import ModelFacts, Scorer, ScorerParams

FORMAT = 1
"""Raised with every change of what scoring writes."""


def score_corpus(where: str, output_dir: Path, params: ScorerParams, how: ShardRun) -> tuple[Finished, Records]:
    """Score the shards of a corpus that are not scored yet, and return what the run came to and its records.

    Args:
        where: the corpus; see `find_corpus`.
        output_dir: gets a file for each shard, with its name; `quarantine/` has what was rejected, `_bonepick/` what is
            said of them.
        params: the model, and what is written.
        how: see `ShardRun`.

    Raises:
        UsageError: params do not fit the model, or one of several tasks is told to overwrite.
        BonepickError: the model or the corpus cannot be read, or the output belongs to another run or to nobody.
    """
    scorer = Scorer(params)  # a fault of the model is one line, and not one for each shard
    facts, threshold = scorer.facts, scorer.choice.threshold
    del scorer  # workers have their own
    facts.say()
    corpus = find_corpus(where)
    told = _told(params, facts, threshold)
    run = hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]
    inputs = [params.model_dir, *local_paths(where)]
    works: dict[Format, ShardWork[Any]] = {"JSONL": ScoreLines(params, facts), "Parquet": ScoreTables(params, facts)}
    with opened_place(output_dir, run, told, inputs, how.overwrite, how.part is not None) as records:
        return run_shards(Job(works, facts.classes, facts.has_score), corpus, records, how, "score"), records


def _told(params: ScorerParams, facts: ModelFacts, threshold: float) -> dict[str, Any]:
    """Return what decides the bytes of the output."""
    normalizer = msgspec.to_builtins(facts.normalizer) if facts.normalizer else None
    return {
        "operation": "score",
        "format": FORMAT,
        "model": model_digest(params.model_dir),
        "into": list(facts.into),
        "classes": list(facts.classes),
        "ordered": facts.has_score,
        "normalizer": normalizer,
        "text_field": params.score.text_field,
        "source_field": params.score.source_field,
        "only_scores": params.score.only_scores,
        # what is asked for only where scores alone are written
        "alone": [params.score.id_field, params.score.format] if params.score.only_scores else None,
        "keeps": {"label": params.score.keep.rpartition("=")[0], "from": threshold} if params.score.selects else None,
    }
