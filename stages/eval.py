"""Stage: evaluate one kind of classifier on the rows of all datasets as they are before normalization."""

from argparse import Namespace

from bonepick.classifiers.base.load import load
from bonepick.core.outputs import refuse_output
from bonepick.core.params_file import read_params
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.metrics.params import EvalParams
from bonepick.text.normalizer import NormalizerParams
from stages.running.pipeline import dataset_dirs
from stages.running.run_stage import run_stage


def main(args: Namespace, run: Run) -> None:
    """Evaluate it, write all that is said of it, and print the most of that."""
    # here, not above: processes that read rows import this module too, and none of what metrics need
    from bonepick.evaluation.evaluate import EvaluationInput, evaluate
    from bonepick.evaluation.store import save_evaluation
    from bonepick.evaluation.terminal_report import terminal_report

    tokenizer = read_params(NormalizerParams).tokenizer
    datasets = dataset_dirs(args.datasets)
    inputs = [args.model_dir, args.topics, *datasets, *local_paths(tokenizer)]
    refuse_output(args.output_dir, "evaluation", run.overwrite, inputs)
    evaluated = EvaluationInput(datasets, read_params(RowParams), topics=args.topics, tokenizer=tokenizer)
    evaluation = evaluate(load(args.model_dir, tokenizer), evaluated, read_params(EvalParams, "eval"), run)
    save_evaluation(evaluation, args.output_dir, run, inputs)
    print(terminal_report(evaluation))


if __name__ == "__main__":
    run_stage(main, ("-d", "--datasets"), ("-m", "--model-dir"), ("-t", "--topics"), ("-o", "--output-dir"))
