"""Stage: evaluate one kind of classifier on the rows of all datasets as they are before normalization."""

from argparse import Namespace

from bonepick.classifiers.base.load import load
from bonepick.core.params_file import read_params
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.store import save_evaluation
from bonepick.evaluation.terminal_report import terminal_report
from bonepick.metrics.params import EvalParams
from bonepick.text.normalizer import NormalizerParams
from stages.running.pipeline import dataset_dirs
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Evaluate it, write all that is said of it, and print the most of that."""
    tokenizer, datasets = read_params(NormalizerParams).tokenizer, dataset_dirs(args.datasets)
    source = EvaluationInput(datasets, read_params(RowParams), topics=args.topics, tokenizer=tokenizer)
    evaluation = evaluate(load(args.model_dir, tokenizer), source, read_params(EvalParams, "eval"), run)
    save_evaluation(evaluation, args.output_dir, run, [args.model_dir, args.topics, *datasets])
    print(terminal_report(evaluation))


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-m", "--model-dir"), ("-t", "--topics"), ("-o", "--output-dir"))
