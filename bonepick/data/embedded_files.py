"""Files of embedded rows: a split's features as one array that training maps, its labels and the like beside it."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from bonepick.core.read_parquet import read_parquet, refuse_other_columns
from bonepick.core.reading import damaged, refuse_no_file
from bonepick.data.dataset_info import SplitInfo, kept_labels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEDY = "embed the dataset again (embed-dataset)"
MAX_HEADER = 1 << 16
"""Bytes before the numbers."""
BLOCK = 4_096
"""Rows that are read at a time."""
COLUMNS = {"label": "string", "source": "string", "group": "string"}


class EmbeddedRows(NamedTuple):
    """What is known of some embedded rows but for their features; lists of one length. Several labels are joined."""

    label: list[str]
    source: list[str | None]
    group: list[str]


def features_file(folder: Path, split: str) -> Path:
    """Return where the features of a split lie: float32, shape (n, dim), as `numpy.load` maps it."""
    return folder / f"{split}.npy"


def rows_file(folder: Path, split: str) -> Path:
    """Return where the labels, sources and groups of a split lie."""
    return folder / f"{split}.parquet"


class SplitDigest:
    """The digest of a split, from its rows and features as they come."""

    def __init__(self) -> None:
        self._features = hashlib.sha256()
        self._rows = hashlib.sha256()

    def update(self, rows: EmbeddedRows, features: bytes) -> None:
        """Add rows, and their features as they lie in the file."""
        self._features.update(features)
        self._rows.update(b"".join(map(msgspec.json.encode, zip(*rows, strict=True))))

    def hexdigest(self) -> str:
        """Return the digest of all so far."""
        digest = self._features.copy()
        digest.update(self._rows.digest())
        return digest.hexdigest()


class EmbeddedSplitWriter:
    """Writes the rows of one split as they come.

    Args:
        folder: gets two files.
        split: that the rows are of.
        dim: numbers of a row.
    """

    def __init__(self, folder: Path, split: str, dim: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema(list(COLUMNS.items()))
        self._table = pq.ParquetWriter(rows_file(folder, split), self._schema, compression="zstd")
        self._features = features_file(folder, split).open("wb")
        self._dim = dim
        self._digest = SplitDigest()
        self._labels = Counter[str]()
        self._rows = 0
        self.rejected = 0
        self._write_header()

    def write(self, rows: EmbeddedRows, features: "NDArray[np.float32]") -> None:
        """Append rows; features have shape (n, dim)."""
        import pyarrow as pa

        if not len(features):
            return
        self._table.write_table(pa.table(rows._asdict(), self._schema))
        numbers = features.astype("<f4", order="C").tobytes()
        self._features.write(numbers)
        self._digest.update(rows, numbers)
        self._rows += len(features)
        self._labels.update(label for labels in rows.label for label in labels.split())

    def hexdigest(self) -> str:
        """Return the digest of what was written."""
        return self._digest.hexdigest()

    def info(self) -> SplitInfo:
        """Return what `dataset.json` says of the split."""
        return SplitInfo(self._rows, self.rejected, kept_labels(self._labels))

    def close(self) -> None:
        """Close the files, with the number of rows in the header."""
        if not self._features.closed:
            self._features.seek(0)
            self._write_header()
            self._table.close()
            self._features.close()

    def _write_header(self) -> None:
        """Write the header, in which numpy leaves room for any number of rows."""
        from numpy.lib import format as npy

        shape = (self._rows, self._dim)
        npy.write_array_header_1_0(self._features, {"descr": "<f4", "fortran_order": False, "shape": shape})


def read_embedded(
    folder: Path, split: str, rows: int, dim: int, digest: SplitDigest | None
) -> Iterator[tuple[EmbeddedRows, "NDArray[np.float32]"]]:
    """Yield the rows of a split, some at a time; features are mapped and not in memory until they are looked at.

    Args:
        folder: of the embedded dataset.
        split: one that it has.
        rows, dim: how many rows `dataset.json` says there are, and numbers of each.
        digest: gets all that is read; without it, features are not looked at here, else all must be finite.

    Raises:
        BonepickError: a file is missing, damaged, or not of that many rows.
    """
    import numpy as np

    features = _mapped(features_file(folder, split), (rows, dim))
    path = rows_file(folder, split)
    table = read_parquet(path, REMEDY)
    refuse_other_columns(table, COLUMNS, ("source",), path, REMEDY)
    if len(table) != rows:
        raise damaged(path, f"{len(table):,} rows, wanted {rows:,}", REMEDY)
    for start in range(0, rows, BLOCK):
        block = features[start : start + BLOCK]
        if digest and not np.isfinite(block).all():
            raise damaged(features_file(folder, split), "it holds NaN or infinity", REMEDY)
        part: dict[str, list[Any]] = table.slice(start, BLOCK).select(list(COLUMNS)).to_pydict()
        known = EmbeddedRows(**part)
        if digest:
            digest.update(known, block.tobytes())
        yield known, block


def _mapped(path: Path, shape: tuple[int, int]) -> "NDArray[np.float32]":
    import numpy as np

    refuse_no_file(path, REMEDY, 4 * shape[0] * shape[1] + MAX_HEADER)
    try:
        features: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise damaged(path, error, REMEDY) from None
    if features.shape != shape or features.dtype != np.dtype("<f4"):
        raise damaged(path, f"{features.dtype} of shape {features.shape}, wanted float32 of {shape}", REMEDY)
    return features
