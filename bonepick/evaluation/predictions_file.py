"""The predictions file: one row for each evaluated text, as Parquet."""

from pathlib import Path

import msgspec
import numpy as np

from bonepick.core.errors import BonepickError
from bonepick.core.read_parquet import read_parquet, refuse_other_columns
from bonepick.core.reading import damaged, decoded
from bonepick.evaluation.file_names import REMEDY
from bonepick.metrics.predictions import Predictions

TYPES = {
    **dict.fromkeys(("dataset", "split"), "string"), "row": "int64", "digest": "string",
    **dict.fromkeys(("length", "words"), "int64"), **dict.fromkeys(("source", "group"), "string"), "topic": "int64",
    "gold": "string",
}  # fmt: skip
"""Columns beside those of the classes, in their order: name -> type."""
UNKNOWN = ("digest", "length", "words", "source", "group", "topic")
"""Those that may be unknown of a row."""


class _Head(msgspec.Struct):
    kind: str
    classes: list[str]
    multi_label: bool
    ordered: bool = True


def save_predictions(predictions: Predictions, path: Path) -> None:
    """Write a Parquet file; its bytes depend on the predictions alone. Rows that are not ranked have no score."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = {name: pa.array(values, TYPES[name]) for name, values in predictions.columns.items()}
    classes = {f"p_{c}": pa.array(predictions.probabilities[:, i]) for i, c in enumerate(predictions.classes)}
    none = pa.nulls(len(predictions), pa.float64())
    table = pa.table({**fields, **classes, "score": pa.array(predictions.score) if predictions.ranked else none})
    head: dict[str, object] = {
        "kind": predictions.kind,
        "classes": predictions.classes,
        "multi_label": predictions.multi_label,
    }
    head |= {} if predictions.ordered else {"ordered": False}
    described = msgspec.json.encode(head)
    pq.write_table(table.replace_schema_metadata({"bonepick": described}), path, compression="zstd")


def load_predictions(path: Path) -> Predictions:
    """Read what `save_predictions` wrote.

    Raises:
        BonepickError: there is no such file, or it holds no predictions.
    """
    table = read_parquet(path, REMEDY)
    described = (table.schema.metadata or {}).get(b"bonepick")
    if described is None:
        raise BonepickError(f"{path} holds no predictions of this project: {REMEDY}")
    head = decoded(described, _Head, path, REMEDY)
    if not head.classes or len(set(head.classes)) < len(head.classes):
        raise damaged(path, "its classes are none, or one is there twice", REMEDY)
    classes = {f"p_{c}": "double" for c in head.classes}
    refuse_other_columns(table, TYPES | classes, UNKNOWN, path, REMEDY)
    columns = {name: table.column(name).to_pylist() for name in TYPES}
    probabilities = np.stack([table.column(name).to_numpy().astype(np.float64) for name in classes], axis=1)
    if not np.isfinite(probabilities).all():
        raise damaged(path, "a probability is no finite number", REMEDY)
    return Predictions(head.kind, head.classes, columns, probabilities, head.multi_label, head.ordered)
