"""Stage: find what the evaluated texts are about, once for all models."""

from argparse import Namespace

from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import dataset_dirs, run_stage
from bonepick.data.rows import RowParams
from bonepick.evaluation.finding_topics import TopicsParams, find_topics


def main(args: Namespace) -> None:
    """Find topics of all datasets."""
    rows, params = RowParams(on_error=read_node("on_error")), read_params(TopicsParams, "topics")
    datasets, base = dataset_dirs(args.datasets), str(args.base_model)
    find_topics(datasets, base, args.output_dir, params, rows, worker_count(), overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-b", "--base-model"), ("-o", "--output-dir"))
