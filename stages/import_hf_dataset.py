"""Stage: import one dataset of params.yaml."""

from argparse import Namespace
from dataclasses import replace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportStageParams
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Import one dataset."""
    params = read_params(ImportStageParams, f"datasets.{args.dataset}.import", partial=True)
    rows = replace(read_params(RowParams), text_field=params.text_field)
    import_dataset(params, args.output_dir, rows, run)


if __name__ == "__main__":
    run_stage(main, ("--dataset",), ("-o", "--output-dir"))
