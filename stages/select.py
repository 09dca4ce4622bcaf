"""Stage: the model that is best on validation rows, at a fixed place."""

from argparse import Namespace

from bonepick.core.params import read_params
from bonepick.core.stage import run_stage
from bonepick.evaluation.selecting import SelectParams, select


def main(args: Namespace) -> None:
    """Put the best model where `artifacts` in dvc.yaml says that it is."""
    select(args.evals, args.model_dirs, args.output_dir, read_params(SelectParams, "select"), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-m", "--model-dirs", "+"), ("-o", "--output-dir"))
