"""Stage: apply the selected model to one corpus of params.yaml."""

from argparse import Namespace
from dataclasses import fields

from bonepick.core.params_file import read_node, read_params
from bonepick.core.run import Run
from bonepick.scoring.params import CorpusStageParams, ScoreParams
from bonepick.scoring.run_shards import ShardRun
from bonepick.scoring.score import score_corpus
from bonepick.scoring.scorer import ScorerParams
from bonepick.scoring.summary_text import summary_text
from bonepick.scoring.thresholds import thresholds_of
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Apply the selected model to one corpus."""
    params = read_params(CorpusStageParams, f"corpora.{args.corpus}", partial=True)
    score = ScoreParams(**{field.name: getattr(params, field.name) for field in fields(ScoreParams)})
    scorer = ScorerParams(args.model, score, read_node("tokenizer"))
    how = ShardRun(run.workers, overwrite=run.overwrite, timeless=True)
    finished, records = score_corpus(params.input, args.output_dir, scorer, how)
    finished.raise_failures(records)
    if finished.tally is not None:
        print(summary_text(finished.tally, thresholds_of(args.model)), end="")


if __name__ == "__main__":
    run_stage(main, ("--corpus",), ("-m", "--model"), ("-o", "--output-dir"))
