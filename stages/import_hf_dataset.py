"""Stage: import one dataset of params.yaml."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.data.importing import ImportParams, import_dataset
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Import one dataset."""
    params = read_params(ImportParams, f"datasets.{args.dataset}.import")
    rows = RowParams(on_error=read_node("on_error"))
    import_dataset(params, args.output_dir, rows, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("--dataset",), ("-o", "--output-dir"))
