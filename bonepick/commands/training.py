"""Commands that train classifiers."""

from bonepick.classifiers import contrastive, fasttext, model2vec
from bonepick.classifiers.training_lines import OnTheFlyParams
from bonepick.core.parallel import worker_count
from bonepick.data.rows import RowParams
from bonepick.flags import (
    NORMALIZATION,
    BaseModel,
    DatasetDirs,
    Labels,
    NumProc,
    OutputDir,
    Overwrite,
    Tokenizer,
    flags,
)
from bonepick.text.normalizers import NormalizerParams


@flags(model2vec.Model2VecParams, RowParams, NormalizerParams, name=NORMALIZATION)
def train_model2vec(
    *,
    dataset_dir: DatasetDirs,
    output_dir: OutputDir,
    model_name: BaseModel = "packaged",
    params: model2vec.Model2VecParams,
    rows: RowParams,
    normalizer: NormalizerParams,
    tokenizer: Tokenizer = "packaged",
    labels: Labels = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Train a head on frozen static embeddings; rows that are not normalized yet go through --normalization."""
    workers, named = worker_count(num_proc), normalizer.if_named(tokenizer)
    model2vec.train_model2vec(
        dataset_dir, model_name, output_dir, params, rows, labels or (), workers, overwrite, named
    )


@flags(contrastive.ContrastiveParams, RowParams, NormalizerParams, name=NORMALIZATION)
def train_contrastive(
    *,
    dataset_dir: DatasetDirs,
    output_dir: OutputDir,
    model_name: BaseModel = "packaged",
    params: contrastive.ContrastiveParams,
    rows: RowParams,
    normalizer: NormalizerParams,
    tokenizer: Tokenizer = "packaged",
    labels: Labels = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Train a ranker on pairs inside semantic clusters; rows not normalized yet go through --normalization."""
    workers, named = worker_count(num_proc), normalizer.if_named(tokenizer)
    contrastive.train_contrastive(
        dataset_dir, model_name, output_dir, params, rows, labels or (), workers, overwrite, named
    )


@flags(fasttext.FastTextParams, RowParams, OnTheFlyParams, name=NORMALIZATION)
def train_fasttext(
    *,
    dataset_dir: DatasetDirs,
    output_dir: OutputDir,
    params: fasttext.FastTextParams,
    rows: RowParams,
    on_the_fly: OnTheFlyParams,
    tokenizer: Tokenizer = "packaged",
    labels: Labels = None,
    num_proc: NumProc = None,
    overwrite: Overwrite = False,
) -> None:
    """Train a fastText classifier on converted datasets, or on rows that --normalization converts."""
    workers = worker_count(num_proc)
    fasttext.train_fasttext(
        dataset_dir, output_dir, params, labels or (), overwrite, rows, on_the_fly, tokenizer, workers
    )
