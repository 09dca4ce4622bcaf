"""Stage: find what the evaluated texts are about, once for all models."""

from argparse import Namespace

from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.find_topics import find_topics
from bonepick.evaluation.params import TopicsParams
from stages.running.pipeline import dataset_dirs
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Find topics of all datasets."""
    params = read_params(TopicsParams, "topics")
    rows = read_params(RowParams)
    find_topics(dataset_dirs(args.datasets), str(args.base_model), args.output_dir, params, rows, run)


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-b", "--base-model"), ("-o", "--output-dir"))
