"""Stage: all evaluated models in one table, which differences are real, and the report."""

from argparse import Namespace

from bonepick.core.outputs import refuse_output
from bonepick.core.params_file import as_yaml, read_node, read_params
from bonepick.core.run import Run
from bonepick.metrics.params import EvalParams
from bonepick.reporting.compare import compare
from bonepick.reporting.costs import costs_of
from bonepick.reporting.save_comparison import save_comparison
from stages.running.pipeline import kinds
from stages.running.run_stage import run_stage

SHOWN = (
    "balance",
    "base_model",
    "convert",
    "datasets",
    "eval",
    "kinds",
    "labels",
    "normalize",
    "on_error",
    "select",
    "tokenizer",
    "topics",
    "train",
    "transform",
)
"""Nodes that the report shows, as values: comments are nothing that DVC runs a stage again for."""


def main(args: Namespace, run: Run) -> None:
    """Write leaderboard, differences, curves and report."""
    params = read_params(EvalParams, "eval")
    inputs = [args.evals, args.models, args.topics]
    refuse_output(args.output_dir, "report", run.overwrite, inputs)
    comparison = compare({"": args.evals}, params, run, kinds(), args.topics, args.models)
    comparison = comparison.with_costs(costs_of(comparison.models, args.models, args.rates))
    made_by = {"Parameters": as_yaml({node: read_node(node) for node in SHOWN})}
    save_comparison(comparison, args.output_dir, run, made_by, inputs)


if __name__ == "__main__":
    places = (("-e", "--evals"), ("-m", "--models"), ("-t", "--topics"), ("-r", "--rates"), ("-o", "--output-dir"))
    run_stage(main, *places)
