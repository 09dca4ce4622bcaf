"""Stage: train one kind of classifier on all datasets together."""

from argparse import Namespace
from pathlib import Path

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from stages.running.pipeline import KindParams, dataset_dirs
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Train it on rows that are normalized, or converted, already."""
    node = read_params(KindParams, f"kinds.{args.kind}")
    params = read_params(params_of(args.kind), f"train.{args.kind}")
    training_input = TrainingInput(dataset_dirs(Path(node.rows)), read_params(RowParams), base_model=node.base)
    train(args.kind, training_input, args.output_dir, params, run)


if __name__ == "__main__":
    run_stage(main, ("--kind",), ("-o", "--output-dir"))
