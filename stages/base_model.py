"""Stage: put the base model where training finds it without a network."""

from argparse import Namespace

from bonepick.classifiers.static.base_model import BaseModelParams, make_base_model
from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Write the base model."""
    make_base_model(read_params(BaseModelParams, "base_model"), args.output_dir, run)


if __name__ == "__main__":
    run_stage(main, ("-o", "--output-dir"))
