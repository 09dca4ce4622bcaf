"""Commands that bring rows in and prepare them."""

from typing import Annotated, Literal

from cyclopts import Parameter

from bonepick.core.parallel import worker_count
from bonepick.core.params import OnError
from bonepick.core.urls import FOR_FILES
from bonepick.data import (
    balancing,
    converting,
    counting,
    distribution,
    importing,
    normalizing,
    resharding,
    sampling,
    transforming,
)
from bonepick.data.rows import RowParams
from bonepick.data.shards import SPLITS
from bonepick.flags import (
    NORMALIZATION,
    InputDir,
    InputDirs,
    Labels,
    NumProc,
    OutputDir,
    Overwrite,
    Tokenizer,
    flags,
    local,
)

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON in place of a table.")]


@flags(
    importing.ImportParams,
    RowParams,
    name=("--name", "-n"),
    subset=("--subset", "-s"),
    test_split=("--test-split", "-t"),
    group_by=("--group-by", "-g"),
    batch_size=("--batch-size", "-b"),
    seed=("--seed", "-S"),
)
def import_hf_dataset(
    *,
    params: importing.ImportParams,
    output_dir: OutputDir,
    rows: RowParams,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Import a hub dataset, local files or the sample, split by hash, as JSONL shards."""
    importing.import_dataset(params, output_dir, rows, worker_count(num_proc), overwrite)


@flags(
    transforming.TransformParams,
    text=("--text-transform", "-t"),
    label=("--label-transform", "-l"),
    keep=("--keep", "-k"),
)
def transform_dataset(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    params: transforming.TransformParams,
    on_error: Annotated[OnError, Parameter(help="What a bad row does: stop the run, or go to quarantine/.")] = "fail",
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Reshape rows with jq, for example a score into the label to learn."""
    transforming.transform_dataset(input_dir, output_dir, params, on_error, worker_count(num_proc), overwrite)


@flags(balancing.BalanceParams, RowParams, seed=("--seed", "-s"))
def balance_dataset(
    *,
    input_dir: InputDirs,
    output_dir: OutputDir,
    params: balancing.BalanceParams,
    rows: RowParams,
    split: Annotated[
        list[Literal["train", "valid", "test"]] | None,
        Parameter(negative="", help="Split to balance; repeatable; all by default."),
    ] = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Keep the same number of rows for every label, exactly."""
    workers = worker_count(num_proc)
    balancing.balance_dataset(input_dir, output_dir, params, rows, split or SPLITS, workers, overwrite)


@flags(normalizing.NormalizeParams, RowParams, name=NORMALIZATION)
def normalize_dataset(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    params: normalizing.NormalizeParams,
    rows: RowParams,
    tokenizer: Tokenizer = "packaged",
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Put every text through a normalizer (for Model2Vec)."""
    workers = worker_count(num_proc)
    normalizing.normalize_dataset(input_dir, output_dir, params, rows, tokenizer, workers, overwrite)


@flags(converting.ConvertParams, RowParams, name=NORMALIZATION)
def convert_to_fasttext(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    params: converting.ConvertParams,
    rows: RowParams,
    tokenizer: Tokenizer = "packaged",
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Write rows as fastText lines, through a normalizer."""
    workers = worker_count(num_proc)
    converting.convert_to_fasttext(input_dir, output_dir, params, rows, tokenizer, workers, overwrite)


@flags(sampling.SampleParams, RowParams, seed=("--seed", "-s"))
def sample_dataset(
    *,
    input_dir: InputDirs,
    output_dir: OutputDir,
    params: sampling.SampleParams,
    rows: RowParams,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Keep a share of the rows, or as many as fit a size."""
    sampling.sample_dataset(input_dir, output_dir, params, rows, worker_count(num_proc), overwrite)


@flags(resharding.ReshardParams, RowParams, test_split=("--test-split", "-t"), seed=("--seed", "-s"))
def reshard_dataset(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    params: resharding.ReshardParams,
    rows: RowParams,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Write rows to shards of near equal size; carve test and validation rows if wanted."""
    resharding.reshard_dataset(input_dir, output_dir, params, rows, worker_count(num_proc), overwrite)


@flags(RowParams)
def label_distribution(
    *, input_dir: InputDirs, rows: RowParams, labels: Labels = None, json: Json = False, num_proc: NumProc = None
) -> None:
    """Print rows, shares and text lengths per label and split, inputs taken together."""
    found = distribution.label_distribution(input_dir, rows, labels or (), worker_count(num_proc))
    print(found.json() if json else found, end="")


@flags(RowParams)
def count_tokens(
    *,
    input_dir: InputDirs,
    rows: RowParams,
    tokenizer: Annotated[
        str, Parameter(help="packaged, a tokenizer.json or a hub name.", validator=local(FOR_FILES))
    ] = "packaged",
    json: Json = False,
    num_proc: NumProc = None,
) -> None:
    """Print documents, bytes, characters and tokens per dataset and split."""
    found = counting.count_tokens(input_dir, rows, tokenizer, worker_count(num_proc))
    print(found.json() if json else found, end="")
