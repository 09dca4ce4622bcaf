"""Commands that evaluate classifiers, compare them, and sum up experiments."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from bonepick.core.errors import BonepickError
from bonepick.core.parallel import worker_count
from bonepick.core.params import as_yaml
from bonepick.data.rows import RowParams
from bonepick.evaluation.finding_topics import TopicsParams
from bonepick.evaluation.params import EvalParams
from bonepick.flags import (
    NORMALIZATION,
    BaseModel,
    DatasetDirs,
    Labels,
    ModelDir,
    NumProc,
    OtherRun,
    OutputDir,
    Overwrite,
    Run,
    Tokenizer,
    TopicsDir,
    flags,
)
from bonepick.text.normalizers import NormalizerParams


@flags(TopicsParams, RowParams)
def find_topics(
    *,
    dataset_dir: DatasetDirs,
    output_dir: OutputDir,
    params: TopicsParams,
    rows: RowParams,
    model_name: BaseModel = "packaged",
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Find what the rows that will be evaluated are about, once for all models."""
    from bonepick.evaluation import finding_topics

    finding_topics.find_topics(dataset_dir, model_name, output_dir, params, rows, worker_count(num_proc), overwrite)


@flags(EvalParams, RowParams, NormalizerParams, name=NORMALIZATION)
def eval_model2vec(
    *,
    dataset_dir: DatasetDirs,
    model_dir: ModelDir,
    output_dir: OutputDir | None = None,
    params: EvalParams,
    rows: RowParams,
    normalizer: NormalizerParams,
    topics_dir: TopicsDir = None,
    tokenizer: Tokenizer = "packaged",
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Evaluate a model on static embeddings (model2vec, contrastive); it normalizes rows as in training."""
    from bonepick.classifiers.static import StaticClassifier
    from bonepick.evaluation.evaluating import Source, evaluate

    model, named = StaticClassifier.load(model_dir), normalizer.if_named(tokenizer)
    source = Source(dataset_dir, rows, tokenizer, worker_count(num_proc), named, topics_dir)
    print(f"Evaluation results:\n{evaluate(model, source, params, output_dir, overwrite)}", end="")


@flags(EvalParams, RowParams, NormalizerParams, name=NORMALIZATION)
def eval_fasttext(
    *,
    dataset_dir: DatasetDirs,
    model_dir: ModelDir,
    output_dir: OutputDir | None = None,
    params: EvalParams,
    rows: RowParams,
    normalizer: NormalizerParams,
    topics_dir: TopicsDir = None,
    tokenizer: Tokenizer = "packaged",
    labels: Labels = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Evaluate a fastText model; it normalizes rows as in training, a foreign one as --normalization says."""
    from bonepick.classifiers.fasttext import FastText
    from bonepick.evaluation.evaluating import Source, evaluate

    model, named = FastText.load(model_dir, labels or ()), normalizer.if_named(tokenizer)
    source = Source(dataset_dir, rows, tokenizer, worker_count(num_proc), named, topics_dir)
    print(f"Test results:\n{evaluate(model, source, params, output_dir, overwrite)}", end="")


@flags(EvalParams)
def compare(
    run: Run,
    other: OtherRun = "",
    /,
    *,
    params: EvalParams,
    output_dir: OutputDir | None = None,
    topics_dir: TopicsDir = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare all models of a run, or those of two runs: which differences are real. With -o, write the report."""
    from bonepick.evaluation import comparing
    from bonepick.experiments.revisions import evaluations_of

    # no command line: the report is the same for any number of processes, and wherever it goes
    context = comparing.Context(topics_dir, {"Parameters": as_yaml({"eval": asdict(params)})})
    with evaluations_of([name for name in (run, other) if name]) as runs:
        print(comparing.compare(runs, params, output_dir, overwrite, context, worker_count(num_proc)), end="")


def sweep(
    *,
    grid: Annotated[str, Parameter(alias="-g", help="Name of the grid in sweeps.yaml.")],
    jobs: Annotated[int, Parameter(alias="-j", validator=Number(gte=1), help="Experiments at a time.")] = 1,
) -> None:
    """Run the experiments of a grid through DVC's queue, those that are not finished yet, and print what came out."""
    from bonepick.experiments import sweeping

    summary, unfinished = sweeping.sweep(grid, jobs)
    print(summary, end="")
    if unfinished:
        raise BonepickError(
            f"{len(unfinished)} of the experiments did not finish ({', '.join(unfinished)}): "
            f"`dvc queue logs {unfinished[0]}` says why; the same command runs them again"
        )
