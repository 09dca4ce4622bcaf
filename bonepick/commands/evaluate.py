"""Commands that evaluate classifiers, compare them, and sum up experiments."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from bonepick.commands.families import of_family
from bonepick.core.errors import BonepickError
from bonepick.core.memory import refuse_without_room
from bonepick.core.outputs import refuse_output
from bonepick.core.params_file import as_yaml
from bonepick.core.replacing import local_paths
from bonepick.data.rows import RowParams
from bonepick.evaluation.params import TopicsParams
from bonepick.flags import (
    BaseModel,
    Command,
    ComparedRun,
    DatasetDirs,
    LabelOrder,
    ModelDir,
    OtherRun,
    OutputDir,
    RunFlags,
    SeveralLabels,
    TopicsDir,
    flags,
)
from bonepick.metrics.params import EvalParams
from bonepick.text.normalizer import NormalizerParams


@flags()
def find_topics(
    *,
    dataset_dir: DatasetDirs,
    output_dir: OutputDir,
    params: TopicsParams,
    rows: RowParams,
    model_name: BaseModel = "packaged",
    run: RunFlags,
) -> None:
    """Find what the rows that will be evaluated are about, once for all models."""
    refuse_without_room()
    from bonepick.evaluation import find_topics as finding_topics

    finding_topics.find_topics(dataset_dir, model_name, output_dir, params, rows, run.run)


@flags()
def eval(  # noqa: A001  # the command's name
    *,
    dataset_dir: DatasetDirs,
    model_dir: ModelDir,
    output_dir: OutputDir | None = None,
    params: EvalParams,
    rows: RowParams,
    normalizer: NormalizerParams,
    topics_dir: TopicsDir = None,
    labels: LabelOrder = None,
    multi_label: SeveralLabels = False,
    run: RunFlags,
) -> None:
    """Evaluate a model of any kind; it normalizes rows as in training, a foreign one as --normalization says.

    `eval-model2vec` and `eval-fasttext` are this command for models on static embeddings, and for fastText's.
    """
    refuse_without_room()
    from bonepick.classifiers.base.load import load
    from bonepick.evaluation.evaluate import EvaluationInput, evaluate
    from bonepick.evaluation.store import save_evaluation
    from bonepick.evaluation.terminal_report import terminal_report

    how = run.run
    inputs = [model_dir, *dataset_dir, *([topics_dir] if topics_dir else []), *local_paths(normalizer.tokenizer)]
    if output_dir:
        refuse_output(output_dir, "evaluation", how.overwrite, inputs)
    model = load(model_dir, normalizer.tokenizer, labels or ())
    evaluated = EvaluationInput(dataset_dir, rows, normalizer.if_named(), topics_dir, normalizer.tokenizer, multi_label)
    evaluation = evaluate(model, evaluated, params, how)
    if output_dir:
        save_evaluation(evaluation, output_dir, how, inputs)
    title = "Test results" if model.kind == "fasttext" else "Evaluation results"
    print(f"{title}:\n{terminal_report(evaluation)}", end="")


def __getattr__(name: str) -> Command:
    """Return the command `eval` for models of one family: `eval_model2vec` or `eval_fasttext`."""
    if name == "eval_model2vec":
        return of_family(eval, "eval-model2vec", False, "eval-fasttext does, and eval any kind")
    if name == "eval_fasttext":
        return of_family(eval, "eval-fasttext", True, "eval-model2vec does, and eval any kind")
    raise AttributeError(name)


@flags()
def compare(
    run: ComparedRun,
    other: OtherRun = "",
    /,
    *,
    params: EvalParams,
    output_dir: OutputDir | None = None,
    topics_dir: TopicsDir = None,
    how: RunFlags,
) -> None:
    """Compare all models of a run, or those of two runs: which differences are real. With -o, write the report."""
    refuse_without_room()
    from bonepick.experiments.revisions import evaluations_of
    from bonepick.reporting import compare as comparing
    from bonepick.reporting.save_comparison import save_comparison

    with evaluations_of([name for name in (run, other) if name]) as runs:
        inputs = [*runs.values(), *([topics_dir] if topics_dir else [])]
        if output_dir:
            refuse_output(output_dir, "report", how.overwrite, inputs)
        comparison = comparing.compare(runs, params, how.run, topics=topics_dir)
        if output_dir:
            # no command line: the report is the same for any number of processes, and wherever it goes
            made_by = {"Parameters": as_yaml({"eval": asdict(params)})}
            save_comparison(comparison, output_dir, how.run, made_by, inputs)
    print(comparison, end="")


def sweep(
    *,
    grid: Annotated[str, Parameter(alias="-g", help="Name of the grid in sweeps.yaml.")],
    jobs: Annotated[int, Parameter(alias="-j", validator=Number(gte=1), help="Experiments at a time.")] = 1,
) -> None:
    """Run the experiments of a grid through DVC's queue, those that are not finished yet, and print what came out."""
    from bonepick.experiments import sweep as sweeping

    summary, unfinished = sweeping.sweep(grid, jobs)
    print(summary, end="")
    for name, fault in unfinished.items():
        raise BonepickError(
            f"{len(unfinished)} of the experiments did not finish ({', '.join(unfinished)}): {name} ended with "
            f"{fault!r}, and `dvc queue logs {name}` says more; the same command runs them again"
        )
