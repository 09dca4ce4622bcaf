"""Embed: the rows that training looks at as features of a base model, once for every head that is trained on them."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.classifiers.base.items import Item
from bonepick.classifiers.base.row_source import RowSource
from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.embedder import Embedder
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Embedding, Provenance
from bonepick.data.embedded_files import EmbeddedRows
from bonepick.data.label_forms import LabelForm, labels_of
from bonepick.data.rows import RowParams
from bonepick.data.unchanged import unchanged
from bonepick.data.writer import new_dataset
from bonepick.text.normalizer import NormalizerParams

SPLITS = ("train", "valid")
"""What training looks at; `test/` rows are evaluated from their texts."""


@dataclass(frozen=True)
class _AsTheyAre(LabelForm):
    """One label, or an object of several: which of them a kind takes is said when it is trained."""

    def labels(self, value: object) -> tuple[str, ...]:
        return labels_of(value)


def embed_dataset(
    input_dir: Path,
    output_dir: Path,
    params: NormalizerParams,
    rows: RowParams,
    base_model: str = "packaged",
    run: Run = Run(),
) -> DatasetInfo:
    """Write the `train/` and `valid/` rows of a dataset as features, with their labels, sources and groups.

    `train.npy` holds float32 of shape (n, dim), the mean of the vectors of a text's tokens; `train.parquet` has a row
    for each of its rows. The same bytes come for any number of workers.

    Args:
        input_dir: a dataset of rows.
        output_dir: what `train-model2vec` and `train-contrastive` take as a dataset.
        params: the normalizer of a dataset that is not normalized; without a name, texts are taken as they are.
        rows: how rows are read.
        base_model: see `load_base_model`.
        run: how.

    Raises:
        UsageError: there is no such normalizer.
        BonepickError: the dataset is normalized in another way, a row is rejected and `on_error` is `fail`, the base
            model cannot be had, or the output is occupied.
    """
    dataset = Dataset.open_splits(input_dir, rows.text_field)
    normalizer = params.if_named()
    if normalizer and not dataset.normalizer_left(normalizer.identity):
        normalizer = None
    base = load_base_model(base_model)
    embedder = Embedder.of(base_model, base)
    identity = normalizer.identity if normalizer else dataset.normalizer
    source = RowSource(dataset, normalizer, _AsTheyAre(), rows, run.workers)
    inputs = [input_dir, *local_paths(base_model, params.tokenizer)]
    embedding = Embedding(embedder.digest, base.dim)
    with new_dataset(output_dir, inputs, run, embedding) as writer, unchanged(dataset.files):
        for block in source.blocks(SPLITS, embedder):
            assert block.features is not None, "features were asked for"
            writer.write_embedded(block.shard.split, _as_rows(block.items), block.features)
            writer.reject(block)
        return writer.finish(Provenance("embed", params, identity, text_field=rows.text_field))


def _as_rows(items: list[Item]) -> EmbeddedRows:
    return EmbeddedRows(
        [" ".join(item.labels) for item in items],
        [item.source for item in items],
        [item.group for item in items],
    )
