"""Stage: all evaluated models in one table."""

from argparse import Namespace

from bonepick.core.stage import run_stage
from bonepick.evaluation.comparing import compare


def main(args: Namespace) -> None:
    """Write the leaderboard."""
    compare(args.evals, args.output_dir, overwrite=True)


if __name__ == "__main__":
    run_stage(main, ("-e", "--evals"), ("-o", "--output-dir"))
