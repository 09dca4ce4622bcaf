"""Stage: embed the training rows of one dataset, once for all heads on static embeddings."""

from argparse import Namespace

from bonepick.classifiers.static.embed_dataset import embed_dataset
from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.text.normalizer import NormalizerParams
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Embed one dataset, whose texts are normalized already."""
    rows = read_params(RowParams)
    embed_dataset(args.input_dir, args.output_dir, NormalizerParams(), rows, str(args.base_model), run)


if __name__ == "__main__":
    run_stage(main, ("-i", "--input-dir"), ("-b", "--base-model"), ("-o", "--output-dir"))
