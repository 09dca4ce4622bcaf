"""Stage: train a head on static embeddings."""

from argparse import Namespace

from bonepick.classifiers.model2vec import Model2VecParams, train_model2vec
from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import dataset_dirs, run_stage
from bonepick.data.rows import RowParams


def main(args: Namespace) -> None:
    """Train on all datasets together."""
    params = read_params(Model2VecParams, "train.model2vec", seed="train.seed")
    rows, labels = RowParams(on_error=read_node("on_error")), read_node("labels")
    datasets = dataset_dirs(args.datasets)
    train_model2vec(datasets, str(args.base), args.output_dir, params, rows, labels, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-b", "--base"), ("-o", "--output-dir"))
