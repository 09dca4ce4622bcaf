"""Stage: import one dataset of params.yaml."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Import one dataset."""
    params = read_params(ImportParams, f"datasets.{args.dataset}.import", partial=True)
    import_dataset(params, args.output_dir, read_params(RowParams), run)


if __name__ == "__main__":
    run_stage(main, ("--dataset",), ("-o", "--output-dir"))
