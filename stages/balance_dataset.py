"""Stage: balance the training rows of one dataset; where balancing is off, the rows pass as they are."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import run_stage
from bonepick.data.balancing import BalanceStageParams, balance_dataset, link_dataset
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Balance one dataset, or link it."""
    params = read_params(BalanceStageParams, "balance")
    rows = RowParams(on_error=read_node("on_error"))
    if params.enabled:
        train = ["train"]  # test keeps the mix it has
        balance_dataset([args.input_dir], args.output_dir, params, rows, train, worker_count(), overwrite=True)
    else:
        link_dataset(args.input_dir, args.output_dir, overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-o", "--output-dir"))
