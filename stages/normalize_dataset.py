"""Stage: normalize the texts of one dataset, for the kinds on static embeddings."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Normalize one dataset."""
    params = read_params(NormalizeParams, "normalize")
    rows = read_params(RowParams)
    normalize_dataset(args.input_dir, args.output_dir, params, rows, run)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
