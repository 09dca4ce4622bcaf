"""The predictions file: one row for each evaluated text, as Parquet."""

from pathlib import Path

import msgspec
import numpy as np

from bonepick.core.errors import BonepickError
from bonepick.metrics.predictions import Predictions

NUMBERS = ("row", "length", "words", "topic")
"""Columns of whole numbers; the others hold text."""


def save_predictions(predictions: Predictions, path: Path) -> None:
    """Write a Parquet file; its bytes depend on the predictions alone. Rows that are not ranked have no score."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = dict.fromkeys(NUMBERS, pa.int64())
    fields = {name: pa.array(values, types.get(name, pa.string())) for name, values in predictions.columns.items()}
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
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise BonepickError(f"{path} is missing: evaluate the model first (eval-... -o)")
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise BonepickError(f"{path} is damaged ({' '.join(str(error).split())}): evaluate again") from None
    described = msgspec.json.decode((table.schema.metadata or {}).get(b"bonepick", b"{}"))
    if not described:
        raise BonepickError(f"{path} holds no predictions of this project")
    classes = described["classes"]
    probabilities = np.stack([table.column(f"p_{c}").to_numpy() for c in classes], axis=1)
    names = [name for name in table.column_names if name != "score" and not name.startswith("p_")]
    columns = {name: table.column(name).to_pylist() for name in names}
    return Predictions(
        described["kind"], classes, columns, probabilities, described["multi_label"], described.get("ordered", True)
    )
