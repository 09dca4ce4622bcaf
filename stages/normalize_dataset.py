"""Stage: normalize the texts of one dataset, for the static kinds."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.data.normalizing import NormalizeParams, normalize_dataset
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Normalize one dataset."""
    params, rows = read_params(NormalizeParams, "normalize"), RowParams(on_error=read_node("on_error"))
    tokenizer = read_node("tokenizer")
    normalize_dataset(args.input_dir, args.output_dir, params, rows, tokenizer, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
