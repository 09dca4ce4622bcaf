"""Stage: normalize one dataset and write it as fastText lines."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.data.converting import ConvertParams, convert_to_fasttext
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Convert one dataset."""
    params, rows = read_params(ConvertParams, "convert"), RowParams(on_error=read_node("on_error"))
    tokenizer = read_node("tokenizer")
    convert_to_fasttext(args.input_dir, args.output_dir, params, rows, tokenizer, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
