"""Stage: normalize one dataset and write it as fastText lines."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Convert one dataset."""
    params = read_params(ConvertParams, "convert")
    rows = read_params(RowParams)
    convert_to_fasttext(args.input_dir, args.output_dir, params, rows, run)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
