"""What is known of a place that shards are written to: which run it belongs to, and which shards are done.

`_bonepick/RUN/run.json` says what the run is, `_bonepick/RUN/shards/NAME.json` that a shard is done,
`_bonepick/RUN/tallies/NAME.json.zst` what its rows came to, and `_bonepick/RUN/summary.json` what those of all came to.
RUN is a digest of what decides the bytes of the output.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
import zstandard

from bonepick.core.json_format import json_bytes
from bonepick.core.progress import note
from bonepick.core.reading import MAX_JSON, damaged, decoded, read_bytes, read_json
from bonepick.core.walking import walk
from bonepick.data.files import QUARANTINE, Stamp
from bonepick.scoring.corpus import OURS
from bonepick.scoring.partials import written_whole
from bonepick.scoring.tally import Tally
from bonepick.scoring.tally_json import tally_json, tally_of

RUN_FILE = "run.json"
SUMMARY_FILE = "summary.json"
PAGE_FILE = "summary.html"
SHARDS, TALLIES = "shards", "tallies"
REMEDY = "remove it: its shard is then done again"
SCORE_AGAIN = "score again (--overwrite)"


class Input(msgspec.Struct, frozen=True):
    """The input of a shard as it was read: size, ETag or time of change, and digest (empty for a remote table)."""

    size: int
    tag: str
    sha256: str


class Output(msgspec.Struct, frozen=True):
    """A file that was written: its path inside the place, size and digest."""

    path: str
    size: int
    sha256: str


class Record(msgspec.Struct, frozen=True):
    """Says that a shard is done.

    Attributes:
        shard: its name in the corpus.
        input: of it.
        outputs: its own, and what was rejected.
        tally: digest of what its rows came to.
        names: digest of the names of all shards where several tasks share them, else empty.
    """

    shard: str
    input: Input
    outputs: list[Output]
    tally: str
    names: str = ""
    format: Literal[1] = 1

    def is_of(self, stamp: Stamp) -> bool:
        """Whether the input is as it was, as far as that can be told without reading it."""
        return self.input.size == stamp.size and self.input.tag in ("", stamp.tag)


@dataclass(frozen=True)
class Records:
    """The records of one run at a place."""

    root: Path
    run: str

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.root / OURS / self.run

    def runs(self) -> list[str]:
        """Return the runs that have records at the place, sorted."""
        folder = self.root / OURS
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def begin(self, told: dict[str, Any]) -> None:
        """Say what the run is: the same bytes, whichever task of it comes first."""
        write_whole(self.folder / RUN_FILE, json_bytes(told))

    def load(self, shard: str) -> Record | None:
        """Return the record of a shard, None where it is not done.

        Raises:
            BonepickError: it is damaged.
        """
        path = self._path(shard)
        return self._read(path, shard) if path.exists() else None

    def _read(self, path: Path, shard: str) -> Record:
        record = read_json(path, Record, REMEDY)
        if record.shard != shard or not record.outputs:
            raise damaged(path, "it is none of this shard", REMEDY)
        if outside := next((output.path for output in record.outputs if _leads_out(output.path)), None):
            raise damaged(path, f"it names a file outside of {self.root}: {outside}", REMEDY)
        return record

    def names(self) -> Iterator[str]:
        """Yield the names of the shards that have a record, folder by folder."""
        if not (self.folder / SHARDS).is_dir():
            return
        for folder, folders, names in walk(self.folder / SHARDS):
            folders.sort()
            for name in sorted(name for name in names if name.endswith(".json") and not name.startswith(".")):
                yield (folder / name).relative_to(self.folder / SHARDS).as_posix().removesuffix(".json")

    def all(self) -> Iterator[Record]:
        """Yield all records, folder by folder.

        Raises:
            BonepickError: one is damaged.
        """
        return (self._read(self._path(name), name) for name in self.names())

    def forget(self, shard: str) -> None:
        """Remove the record of a shard, and what its rows came to."""
        for path in (self._path(shard), self._tally_path(shard)):
            path.unlink(missing_ok=True)

    def save(self, shard: str, read: Input, outputs: list[Output], tally: Tally, names: str) -> Record:
        """Write the record of a shard, once its outputs are there, and return it."""
        packed = zstandard.compress(msgspec.json.encode(tally_json(tally)))
        write_whole(self._tally_path(shard), packed)
        record = Record(shard, read, outputs, hashlib.sha256(packed).hexdigest(), names)
        write_whole(self._path(shard), msgspec.json.encode(record) + b"\n")
        return record

    def has_tally(self, shard: str) -> bool:
        """Whether there is what the rows of a shard came to."""
        return self._tally_path(shard).is_file()

    def tally(self, record: Record) -> Tally:
        """Return what the rows of a shard came to.

        Raises:
            BonepickError: it is missing or damaged.
        """
        path = self._tally_path(record.shard)
        packed = read_bytes(path, REMEDY, MAX_JSON)
        if hashlib.sha256(packed).hexdigest() != record.tally:
            raise damaged(path, "it is not what its record says", REMEDY)
        content = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        return tally_of(decoded(content, dict[str, Any], path, REMEDY), path)

    def save_summary(self, tally: Tally) -> None:
        """Write what all shards came to."""
        write_whole(self.folder / SUMMARY_FILE, msgspec.json.encode(tally_json(tally)) + b"\n")

    def forget_summary(self) -> None:
        """Remove what all shards came to, which is not so any more."""
        for name in (SUMMARY_FILE, PAGE_FILE):
            (self.folder / name).unlink(missing_ok=True)

    def save_page(self, html: str) -> None:
        """Write the page that the summary is drawn in, and say where."""
        path = self.folder / PAGE_FILE
        write_whole(path, html.encode())
        note(f"the summary is drawn in {path}")

    def summary(self) -> Tally | None:
        """Return what all shards came to; None where not all are done.

        Raises:
            BonepickError: the file is damaged.
        """
        path = self.folder / SUMMARY_FILE
        return tally_of(read_json(path, dict[str, Any], SCORE_AGAIN), path) if path.exists() else None

    def _tally_path(self, shard: str) -> Path:
        return self.folder / tally_name(shard)

    def _path(self, shard: str) -> Path:
        return self.folder / record_name(shard)


def sidecar_name(shard: str) -> str:
    """Return the path, inside the place, of a shard's rejected rows."""
    return f"{QUARANTINE}/{shard}.jsonl"


def record_name(shard: str) -> str:
    """Return the path, inside the run's folder, of a shard's record."""
    return f"{SHARDS}/{shard}.json"


def tally_name(shard: str) -> str:
    """Return the path, inside the run's folder, of what a shard's rows came to."""
    return f"{TALLIES}/{shard}.json.zst"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file such that it is there whole or not at all.

    Raises:
        BonepickError: the disk is full.
    """
    with written_whole(path) as partial:
        partial.write_bytes(data)


def _leads_out(name: str) -> bool:
    return not name or ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute()
