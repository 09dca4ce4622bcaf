"""Stage: all evaluated models in one table, which differences are real, and the report."""

from argparse import Namespace

from bonepick.core.params import PARAMS_FILE, read_params, read_yaml
from bonepick.core.pipeline import PIPELINE_FILE, stage_commands
from bonepick.core.stage import run_stage
from bonepick.evaluation.comparing import compare
from bonepick.evaluation.params import EvalParams


def main(args: Namespace) -> None:
    """Write leaderboard, differences and report."""
    params = read_params(EvalParams, "eval")
    commands = stage_commands(read_yaml(PIPELINE_FILE), read_yaml(PARAMS_FILE))
    made_by = {"params.yaml": PARAMS_FILE.read_text(encoding="utf-8"), "Commands": "\n".join(commands)}
    compare({"": args.evals}, params, args.output_dir, overwrite=True, topics=args.topics, made_by=made_by)


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-t", "--topics"), ("-o", "--output-dir"))
