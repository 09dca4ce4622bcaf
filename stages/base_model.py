"""Stage: put the base model where training finds it without a network."""

from argparse import Namespace

from bonepick.classifiers.base_model import BaseModelParams, make_base_model
from bonepick.core.params import read_params
from bonepick.core.stage import run_stage


def main(args: Namespace) -> None:
    """Write the base model."""
    make_base_model(read_params(BaseModelParams, "base_model"), args.output_dir, overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-o", "--output-dir"))
