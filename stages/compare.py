"""Stage: all evaluated models in one table, which differences are real, and the report."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import as_yaml, read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.evaluation.comparing import Context, compare
from bonepick.evaluation.params import EvalParams

NODES = (
    "balance",
    "base_model",
    "convert",
    "datasets",
    "eval",
    "labels",
    "normalize",
    "on_error",
    "select",
    "tokenizer",
    "topics",
    "train",
)
"""Of `params.yaml`, what the report shows: as values, since comments are nothing that DVC runs a stage again for."""


def main(args: Namespace) -> None:
    """Write leaderboard, differences and report."""
    shown = {name: read_node(name) for name in NODES}
    context = Context(args.topics, {"Parameters": as_yaml(shown)})
    own = read_params(EvalParams, "eval")
    compare({"": args.evals}, own, args.output_dir, overwrite=True, context=context, workers=worker_count())


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-t", "--topics"), ("-o", "--output-dir"))
