"""Stage: evaluate a head on static embeddings, of any kind, on the rows as they are before normalization."""

from argparse import Namespace

from bonepick.classifiers.static import StaticClassifier
from bonepick.core.parallel import worker_count
from bonepick.core.params import read_node, read_params
from bonepick.core.stage import dataset_dirs, run_stage
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluating import Source, evaluate
from bonepick.evaluation.params import EvalParams


def main(args: Namespace) -> None:
    """Evaluate on all datasets."""
    rows, tokenizer = RowParams(on_error=read_node("on_error")), read_node("tokenizer")
    source = Source(dataset_dirs(args.datasets), rows, tokenizer, worker_count(), topics=args.topics)
    model, params = StaticClassifier.load(args.model_dir), read_params(EvalParams, "eval")
    print(evaluate(model, source, params, args.output_dir, overwrite=True))


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-m", "--model-dir"), ("-t", "--topics"), ("-o", "--output-dir"))
