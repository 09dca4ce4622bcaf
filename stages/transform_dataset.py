"""Stage: reshape the rows of one dataset of params.yaml with its jq expressions."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.data.transforming import TransformParams, transform_dataset


def main(args: Namespace) -> None:
    """Transform one dataset."""
    params = read_params(TransformParams, f"datasets.{args.dataset}.transform")
    transform_dataset(args.input_dir, args.output_dir, params, read_node("on_error"), worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("--dataset",), ("-i", "--input-dir"), ("-o", "--output-dir"))
