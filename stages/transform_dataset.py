"""Stage: reshape the rows of one dataset of params.yaml with its jq expressions, or with those that all share."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.transform import TransformParams, transform_dataset
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Transform one dataset."""
    params = read_params(TransformParams, f"datasets.{args.dataset}.transform", under="transform")
    transform_dataset(args.input_dir, args.output_dir, params, read_params(RowParams).on_error, run)


if __name__ == "__main__":
    run_stage(main, ("--dataset",), ("-i", "--input-dir"), ("-o", "--output-dir"))
