"""Stage: train a ranker on pairs inside semantic clusters."""

from argparse import Namespace

from bonepick.classifiers.contrastive import ContrastiveParams, train_contrastive
from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import dataset_dirs, run_stage
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Train on all datasets together."""
    shared = {"n_clusters": "train.n_clusters", "seed": "train.seed"}
    params = read_params(ContrastiveParams, "train.contrastive", **shared)
    rows, labels = RowParams(on_error=read_node("on_error")), read_node("labels")
    datasets = dataset_dirs(args.datasets)
    train_contrastive(datasets, str(args.base), args.output_dir, params, rows, labels, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-b", "--base"), ("-o", "--output-dir"))
