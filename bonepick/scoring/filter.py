"""Filter a corpus by a share of it: the texts of the highest scores, from the summary of a finished scoring pass."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.preparation.importing.formats import Format
from bonepick.scoring.corpus import find_corpus
from bonepick.scoring.cuts import Cut, cut
from bonepick.scoring.filter_shards import FilterLines, FilterTables
from bonepick.scoring.params import FilterParams
from bonepick.scoring.pieces import ShardWork
from bonepick.scoring.place import opened_place
from bonepick.scoring.read_scores import Scores
from bonepick.scoring.records import Records
from bonepick.scoring.run_shards import Finished, Job, ShardRun, run_shards

FORMAT = 1
"""Raised with every change of what filtering writes."""


def filter_corpus(
    scores_dir: Path, where: str, output_dir: Path, params: FilterParams, how: ShardRun
) -> tuple[Cut, Finished, Records]:
    """Keep a share of a corpus; return the cut, what the run came to and its records. Nothing is scored again.

    Args:
        scores_dir: what `score_corpus` wrote for the whole corpus.
        where: the corpus; see `find_corpus`.
        output_dir: gets a file for each shard, with its name.
        params: the share.
        how: see `ShardRun`.

    Raises:
        UsageError: one of several tasks is told to overwrite.
        BonepickError: the scores are not finished, or of another corpus; or see `opened_place`.
    """
    scores = Scores.open(scores_dir)
    chosen = cut(scores.tally(), params.share, params.unit)
    if chosen.said:
        note(f"filter: {chosen.said}")
    corpus = find_corpus(where)
    _refuse_other_corpus(scores, {shard.name for shard in corpus}, where)
    told: dict[str, Any] = {
        "operation": "filter",
        "format": FORMAT,
        "scores": scores.records.run,
        "params": params.recorded(),
        "threshold": chosen.threshold if chosen.threshold <= 1 else None,
    }
    run = hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]
    works: dict[Format, ShardWork[Any]] = {
        "JSONL": FilterLines(scores, chosen.threshold),
        "Parquet": FilterTables(scores, chosen.threshold),
    }
    with opened_place(
        output_dir, run, told, [scores_dir, *local_paths(where)], how.overwrite, how.part is not None
    ) as records:
        return chosen, run_shards(Job(works, (), True), corpus, records, how, "filter"), records


def _refuse_other_corpus(scores: Scores, names: set[str], where: str) -> None:
    scored = set(scores.records.names())
    if missing := sorted(scored ^ names):
        which = "was not scored" if missing[0] in names else f"was scored, and is not in {where}"
        raise BonepickError(
            f"{missing[0]} {which}: shares are of the whole corpus that was scored; bring it back, or score the corpus "
            "as it is (--overwrite removes what was written of other shards)"
        )
