"""Stage: evaluate a fasttext model on the rows as they are before normalization."""

from argparse import Namespace

from bonepick.classifiers.fasttext import FastText
from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node
from bonepick.core.stage import dataset_dirs, run_stage
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluating import evaluate


def main(args: Namespace) -> None:
    """Evaluate on all datasets."""
    rows, tokenizer = RowParams(on_error=read_node("on_error")), read_node("tokenizer")
    model, datasets = FastText.load(args.model_dir), dataset_dirs(args.datasets)
    print(evaluate(model, datasets, rows, args.output_dir, tokenizer, worker_count(), overwrite=True))


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-m", "--model-dir"), ("-o", "--output-dir"))
