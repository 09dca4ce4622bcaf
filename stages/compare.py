"""Stage: all evaluated models in one table, which differences are real, and the report."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import PARAMS_FILE, read_node, read_params, read_yaml
from bonepick.core.pipeline import PIPELINE_FILE, stage_commands
from bonepick.core.stage import run_stage
from bonepick.evaluation.comparing import Context, compare
from bonepick.evaluation.params import EvalParams


def main(args: Namespace) -> None:
    """Write leaderboard, differences and report."""
    params = {name: read_node(name) for name in read_yaml(PARAMS_FILE)}
    # dvc.yaml cannot be a dependency; a stage whose command changes runs again, and what follows from its result
    commands = stage_commands(read_yaml(PIPELINE_FILE), params)
    made_by = {"params.yaml": PARAMS_FILE.read_text(encoding="utf-8"), "Commands": "\n".join(commands)}
    own = read_params(EvalParams, "eval")
    context = Context(args.topics, made_by)
    compare({"": args.evals}, own, args.output_dir, overwrite=True, context=context, workers=worker_count())


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-t", "--topics"), ("-o", "--output-dir"))
