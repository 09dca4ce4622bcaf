"""Stage: the model that is best on validation rows, at a fixed place."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.evaluation.params import SelectParams
from bonepick.evaluation.select import select
from stages.running.pipeline import kinds
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Put the best model where `artifacts` in dvc.yaml says that it is."""
    select(args.evals, args.models, args.output_dir, read_params(SelectParams, "select"), run, kinds())


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-m", "--models"), ("-o", "--output-dir"))
