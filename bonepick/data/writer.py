"""A dataset while it is written: lines to their files, rejected rows to `quarantine/`, all of it counted."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.run import Run
from bonepick.data.dataset_info import DatasetInfo, Embedding, Provenance, SplitInfo, digest_of, kept_labels
from bonepick.data.embedded_files import EmbeddedRows, EmbeddedSplitWriter
from bonepick.data.files import QUARANTINE
from bonepick.data.line_writer import LineWriter
from bonepick.data.origins import UNKNOWN, Origin, OriginsWriter
from bonepick.data.row_loop import BlockResult, RejectedRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_LONGER_NORMALIZED = "texts that are no longer as their normalizer left them"
"""Remark of a line whose text was changed after it was normalized: the dataset is then not said to be normalized."""
NOTHING = hashlib.sha256().hexdigest()


class Line(NamedTuple):
    """A row as it is written.

    Attributes:
        data: the line, without its break.
        labels: of the row, as far as they are known.
        remark: counted in the summary.
        names: labels that the row names, though it has not all of them: counted where no row has them, as 0.
        origin: where the row is from, if that is to be told in a file beside the lines'.
    """

    data: bytes
    labels: Sequence[str] = ()
    remark: str = ""
    names: Sequence[str] = ()
    origin: Origin = UNKNOWN


@contextmanager
def new_dataset(
    output_dir: Path, inputs: Iterable[Path], run: Run, embedding: Embedding | None = None
) -> Iterator["DatasetWriter"]:
    """Yield the writer of a dataset that appears whole when the block ends well; say then how many rows went where.

    Args:
        output_dir: where the dataset appears.
        inputs: files and folders that are read for it.
        run: whether an earlier dataset there is replaced.
        embedding: of a dataset of features.

    Raises:
        BonepickError: the output is occupied, or is one of the inputs; see `atomic_directory`.

    Example:
        with new_dataset(Path("out"), [], run) as writer:
            writer.write("train", "train/a.jsonl.zst", [Line(b'{"text": "x"}')])
            info = writer.finish(Provenance("transform", params))
    """
    with (
        atomic_directory(output_dir, "dataset", run.overwrite, inputs) as folder,
        DatasetWriter(folder, embedding) as writer,
    ):
        yield writer
    note(writer.summary(output_dir))


class DatasetWriter:
    """Writes a dataset into an empty folder; a context manager.

    Args:
        folder: that it is written into.
        embedding: of a dataset of features; None where it is one of lines.

    Attributes:
        remarks: what else the summary tells -> how often it was.
    """

    def __init__(self, folder: Path, embedding: Embedding | None = None) -> None:
        self.remarks = Counter[str]()
        self._folder = folder
        self._embedding = embedding
        self._lines: dict[str, _SplitWriter] = {}
        self._features: dict[str, EmbeddedSplitWriter] = {}
        self._made: DatasetInfo | None = None

    def write(self, split: str, file: str, lines: Sequence[Line]) -> None:
        """Append lines to a file of a split, which is there even if there are none; a file's lines come in one run."""
        self._lines.setdefault(split, _SplitWriter()).write(self._folder / file, lines)
        self.remarks.update(line.remark for line in lines if line.remark)

    def write_embedded(self, split: str, rows: EmbeddedRows, features: "NDArray[np.float32]") -> None:
        """Append rows to a split of features."""
        self._features_of(split).write(rows, features)

    def labels(self, split: str) -> set[str]:
        """Return the labels that the lines of a split have so far, or name."""
        return set(self._lines[split].labels) if split in self._lines else set()

    def reject(self, block: BlockResult[Any]) -> None:
        """Put the rows that a block rejected, with line number and reason, into the sidecar of its shard."""
        split = block.shard.split
        writer = self._features_of(split) if self._embedding else self._lines.setdefault(split, _SplitWriter())
        writer.rejected += len(block.rejected)
        if block.rejected:
            path = self._folder / QUARANTINE / block.shard.mirror.removesuffix(".zst")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as stream:
                for row in block.rejected:
                    stream.write(sidecar_line(row))

    def finish(self, provenance: Provenance) -> DatasetInfo:
        """Close all files, write `dataset.json`, and return what it says."""
        self._close()
        made: Mapping[str, _SplitWriter | EmbeddedSplitWriter] = self._features if self._embedding else self._lines
        splits = {name: made[name] for name in sorted(made)}
        digest = digest_of({name: split.hexdigest() for name, split in splits.items()})
        made_by = {"operation": provenance.operation, "params": provenance.params.recorded()}
        infos = {name: split.info() for name, split in splits.items()}
        normalizer = None if self.remarks[NO_LONGER_NORMALIZED] else provenance.normalizer
        self._made = DatasetInfo(
            made_by,
            infos,
            normalizer,
            digest,
            provenance.label_form,
            text_field=provenance.text_field if normalizer else None,
            embedding=self._embedding,
        )
        self._made.save(self._folder)
        return self._made

    def summary(self, where: Path) -> str:
        """Return how many rows went where, for people.

        Args:
            where: the folder in which they will look for them.
        """
        assert self._made, "a dataset is finished before it is told of"
        parts = [f"{split} {rows:,}" for split, rows in self._made.rows_by_split.items() if split]
        counts = [f"{self._made.rows:,} rows" + (f" ({', '.join(parts)})" if len(parts) > 1 else "")]
        if self._made.rejected:
            counts.append(f"{self._made.rejected:,} rejected under {where / QUARANTINE}")
        counts += [f"{count:,} {remark}" for remark, count in sorted(self.remarks.items())]
        return f"{self._made.made_by['operation']}: {', '.join(counts)} -> {where}"

    def _features_of(self, split: str) -> EmbeddedSplitWriter:
        if split not in self._features:
            assert self._embedding, "a dataset is of lines or of features"
            self._features[split] = EmbeddedSplitWriter(self._folder, split, self._embedding.dim)
        return self._features[split]

    def _close(self) -> None:
        for lines in self._lines.values():
            lines.close()
        for features in self._features.values():
            features.close()

    def __enter__(self) -> "DatasetWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self._close()


def sidecar_line(row: RejectedRow) -> bytes:
    """Return what is kept of a rejected row, as a line: where the row is no UTF-8, its bytes as well, in base64."""
    kept: dict[str, int | str | bytes] = {"line": row.line, "reason": row.reason}
    try:
        kept["raw"] = row.raw.decode()
    except UnicodeDecodeError:
        kept |= {"raw": row.raw.decode(errors="backslashreplace"), "raw_base64": row.raw}
    return msgspec.json.encode(kept) + b"\n"


class _SplitWriter:
    """Writes the files of one split, one after the other, and counts and digests their lines."""

    def __init__(self) -> None:
        self.rejected = 0
        self._digest = hashlib.sha256()
        self._origins_digest = hashlib.sha256()
        self._rows = 0
        self.labels = Counter[str]()
        self._path: Path | None = None
        self._file: LineWriter | None = None
        self._origins: OriginsWriter | None = None

    def write(self, path: Path, lines: Sequence[Line]) -> None:
        if self._file is None or self._origins is None or path != self._path:
            self.close()
            self._path, self._file, self._origins = path, LineWriter(path), OriginsWriter(path)
        data = [line.data for line in lines]
        self._file.write(data)
        self._digest.update(b"".join(line + b"\n" for line in data))
        self._origins_digest.update(self._origins.write([line.origin for line in lines]))
        self._rows += len(data)
        self.labels.update(label for line in lines for label in line.labels)
        self.labels.update(dict.fromkeys((name for line in lines for name in line.names), 0))

    def info(self) -> SplitInfo:
        return SplitInfo(self._rows, self.rejected, kept_labels(self.labels))

    def hexdigest(self) -> str:
        """Return the digest of the lines, and of where they are from if that is known of any."""
        lines, origins = self._digest.hexdigest(), self._origins_digest.hexdigest()
        return lines if origins == NOTHING else hashlib.sha256(f"{lines}:{origins}".encode()).hexdigest()

    def close(self) -> None:
        files, self._file, self._origins = (self._file, self._origins), None, None
        for file in files:  # what fails to close, as on a full disk, is not closed again
            if file is not None:
                file.close()
