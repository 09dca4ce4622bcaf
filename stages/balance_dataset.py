"""Stage: balance the training rows of one dataset; where balancing is off, the rows pass as they are."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.balance import BalanceStageParams, balance_dataset, link_dataset
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Balance one dataset, or link it."""
    params = read_params(BalanceStageParams, "balance")
    rows = read_params(RowParams)
    if params.enabled:
        # test keeps the composition that it has
        balance_dataset([args.input_dir], args.output_dir, params, rows, run, splits=["train"])
    else:
        link_dataset(args.input_dir, args.output_dir, run)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
