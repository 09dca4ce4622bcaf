"""Commands that bring rows in and prepare them."""

from typing import Annotated, Literal

from cyclopts import Parameter

from bonepick.core.memory import refuse_without_room
from bonepick.core.parallel import worker_count
from bonepick.core.params import OnError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.data.shards import SPLITS
from bonepick.flags import BaseModel, InputDir, InputDirs, LabelOrder, NumProc, OutputDir, RunFlags, Tokenizer, flags
from bonepick.preparation import balance as balancing
from bonepick.preparation import convert as converting
from bonepick.preparation import count_tokens as counting
from bonepick.preparation import label_distribution as distribution
from bonepick.preparation import normalize as normalizing
from bonepick.preparation import reshard as resharding
from bonepick.preparation import sample as sampling
from bonepick.preparation import transform as transforming
from bonepick.preparation.importing import import_dataset as importing
from bonepick.preparation.importing.params import ImportParams
from bonepick.text.normalizer import NormalizerParams

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON in place of a table.")]


@flags(
    name=("--name", "-n"),
    subset=("--subset", "-s"),
    test_split=("--test-split", "-t"),
    group_by=("--group-by", "-g"),
    batch_size=("--batch-size", "-b"),
    seed=("--seed", "-S"),
)
def import_hf_dataset(*, params: ImportParams, output_dir: OutputDir, rows: RowParams, run: RunFlags) -> None:
    """Import a hub dataset, local files or the sample, split by hash, as JSONL shards."""
    importing.import_dataset(params, output_dir, rows, run.run)


@flags(text=("--text-transform", "-t"), label=("--label-transform", "-l"), keep=("--keep", "-k"))
def transform_dataset(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    params: transforming.TransformParams,
    on_error: Annotated[OnError, Parameter(help="What a bad row does: stop the run, or go to quarantine/.")] = "fail",
    run: RunFlags,
) -> None:
    """Reshape rows with jq, for example a score into the label to learn."""
    transforming.transform_dataset(input_dir, output_dir, params, on_error, run.run)


@flags(seed=("--seed", "-s"))
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
    run: RunFlags,
) -> None:
    """Keep the same number of rows for every label, exactly."""
    balancing.balance_dataset(input_dir, output_dir, params, rows, run.run, split or SPLITS)


@flags()
def normalize_dataset(
    *, input_dir: InputDir, output_dir: OutputDir, params: normalizing.NormalizeParams, rows: RowParams, run: RunFlags
) -> None:
    """Put every text through a normalizer (for Model2Vec)."""
    normalizing.normalize_dataset(input_dir, output_dir, params, rows, run.run)


@flags()
def embed_dataset(
    *,
    input_dir: InputDir,
    output_dir: OutputDir,
    model_name: BaseModel = "packaged",
    params: NormalizerParams,
    rows: RowParams,
    run: RunFlags,
) -> None:
    """Write training and validation rows as features, once for all heads (for train-model2vec, train-contrastive)."""
    refuse_without_room()
    from bonepick.classifiers.static import embed_dataset as embedding

    embedding.embed_dataset(input_dir, output_dir, params, rows, model_name, run.run)


@flags()
def convert_to_fasttext(
    *, input_dir: InputDir, output_dir: OutputDir, params: converting.ConvertParams, rows: RowParams, run: RunFlags
) -> None:
    """Write rows as fastText lines, through a normalizer."""
    converting.convert_to_fasttext(input_dir, output_dir, params, rows, run.run)


@flags(seed=("--seed", "-s"))
def sample_dataset(
    *, input_dir: InputDirs, output_dir: OutputDir, params: sampling.SampleParams, rows: RowParams, run: RunFlags
) -> None:
    """Keep a share of the rows, or as many as fit a size."""
    sampling.sample_dataset(input_dir, output_dir, params, rows, run.run)


@flags(test_split=("--test-split", "-t"), seed=("--seed", "-s"))
def reshard_dataset(
    *, input_dir: InputDir, output_dir: OutputDir, params: resharding.ReshardParams, rows: RowParams, run: RunFlags
) -> None:
    """Write rows to shards of near equal size; carve test and validation rows if wanted."""
    resharding.reshard_dataset(input_dir, output_dir, params, rows, run.run)


@flags()
def label_distribution(
    *, input_dir: InputDirs, rows: RowParams, labels: LabelOrder = None, json: Json = False, num_proc: NumProc = None
) -> None:
    """Print rows, shares and text lengths per label and split, inputs taken together."""
    counted = distribution.label_distribution(input_dir, rows, labels or (), Run(worker_count(num_proc)))
    print(counted.json() if json else counted, end="")


@flags()
def count_tokens(
    *,
    input_dir: InputDirs,
    rows: RowParams,
    tokenizer: Tokenizer = "packaged",
    json: Json = False,
    num_proc: NumProc = None,
) -> None:
    """Print documents, bytes, characters and tokens per dataset and split."""
    counted = counting.count_tokens(input_dir, rows, tokenizer, Run(worker_count(num_proc)))
    print(counted.json() if json else counted, end="")
