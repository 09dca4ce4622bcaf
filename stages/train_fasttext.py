"""Stage: train a fastText classifier."""

from argparse import Namespace

from bonepick.classifiers.fasttext import FastTextParams, train_fasttext
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import dataset_dirs, run_stage


def main(args: Namespace) -> None:
    """Train on all datasets together."""
    params = read_params(FastTextParams, "train.fasttext", seed="train.seed")
    train_fasttext(dataset_dirs(args.datasets), args.output_dir, params, read_node("labels"), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-o", "--output-dir"))
