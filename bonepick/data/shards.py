"""Shards: JSONL files, plain or compressed, read as blocks of whole lines."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.core.regular_files import refuse_irregular
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.file_kinds import BOM, PACKINGS
from bonepick.data.files import File, walk_files
from bonepick.data.json_array import begins_like_array, lines_of_array
from bonepick.data.row_limits import KEPT_BYTES, MAX_ROW_BYTES
from bonepick.data.unpack import unpacked

SUFFIXES = tuple(kind + packing for kind in (".jsonl", ".json", ".ndjson") for packing in ("", *PACKINGS))
TABLES = (".parquet", ".arrow", ".csv", ".tsv")  # what import alone reads
SPLITS = ("train", "valid", "test")
DATASET_FILE = "dataset.json"
BLOCK_BYTES = 1 << 20  # a block of rows is about this long: small enough to keep all cores busy on one shard
_CSV_FIELD = rb'"?[\w .-]+"?'
_OVER_LINES = re.compile(rb'\s*\{[^\S\n]*\n\s*"[^"\n]*"\s*:')
_CSV_HEADER = re.compile(rb"(%s[,;\t])+%s\r?\n\s*[^{\s]" % (_CSV_FIELD, _CSV_FIELD))


@dataclass(frozen=True)
class Shard:
    """One input file.

    Attributes:
        path: where it lies, as it was named by the user (for messages).
        split: `train`, `valid`, `test`, or `""` in a tree without splits.
        name: its path inside the split, with `/`, without suffixes: `part/0` of `train/part/0.jsonl.gz`.
        may_be_array: whether it may be one JSON array as well, whose elements then count as lines.
    """

    path: File
    split: str
    name: str
    may_be_array: bool = False

    @property
    def mirror(self) -> str:
        """Path inside an output of the shard that stands for this one.

        >>> Shard(Path("in/train/part/0.jsonl.gz"), "train", "part/0").mirror
        'train/part/0.jsonl.zst'
        """
        return f"{self.split}/{self.name}.jsonl.zst".lstrip("/")


@dataclass(frozen=True)
class Block:
    """Some whole lines of a shard: the unit of work.

    Attributes:
        shard: that they are of.
        first: number of the first line, from 1.
        data: the lines.
        row_bytes: length of the one line that the block stands for, where that is too long a row: `data` is then its
            beginning; else 0.
    """

    shard: Shard
    first: int
    data: bytes
    row_bytes: int = 0


def find_shards(directory: Path) -> list[Shard]:
    """List the shards of a dataset (`train/`, `valid/`, `test/`), or of a plain tree without splits, in name order.

    Hidden files, what is under `quarantine/`, and files whose name does not end in one of `SUFFIXES`, in small letters
    or capitals, are not shards.

    Raises:
        UsageError: it is a URL.
        BonepickError: there is no such directory, no shard in it, or something in it cannot be read.
    """
    refuse_url(directory, FOR_DATASET)
    if not directory.is_dir():
        raise BonepickError(
            f"{directory} is not a directory: wanted one with train/, valid/ or test/ folders of shards"
            + (f"; import-hf-dataset -n {directory} -o DIR makes one" if directory.is_file() else "")
        )
    splits = [split for split in SPLITS if _is_folder(directory / split)]
    files = {split: walk_files(directory / split) for split in splits or [""]}
    shards = [shard for split, inside in files.items() for shard in as_shards(inside, split)]
    tables = [file for inside in files.values() for name, file in inside.items() if name.lower().endswith(TABLES)]
    if not shards:
        raise no_shards(directory, tables)
    if tables:
        note(f"{directory}: {len(tables):,} files that are no shards are left out, such as {tables[0]}")
    return shards


def _is_folder(split: Path) -> bool:
    if split.is_symlink() and not split.is_dir():
        refuse_irregular(split)  # a link to nothing is no split that is not there
    return split.is_dir()


def no_shards(where: Path | str, tables: Sequence[File] = ()) -> BonepickError:
    """Return the fault that a place without shards is; `tables` lie there in their stead."""
    instead = f"; {tables[0]} is none: {FOR_DATASET.format(url=where)}" if tables else ""
    wanted = "files that end in .jsonl, .json or .ndjson, or in that and .gz, .zst, .xz or .bz2"
    return BonepickError(f"{where} holds no shards: wanted {wanted}{instead}")


def as_shards(files: Mapping[str, File], split: str) -> list[Shard]:
    """Pick the shards among files, given by their paths inside the split; in name order.

    Raises:
        BonepickError: two files are the same shard.
    """
    by_name: dict[str, File] = {}
    for inside, file in files.items():
        suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if inside.lower().endswith(s)), None)
        if suffix is None or PurePosixPath(inside).name == DATASET_FILE:
            continue
        name = inside[: -len(suffix)]
        if name in by_name:
            raise BonepickError(f"{by_name[name]} and {file} are both shard {name!r}: remove one")
        by_name[name] = file
    return [Shard(by_name[name], split, name) for name in sorted(by_name)]


def read_blocks(shard: Shard, digest: Any = None) -> Iterator[Block]:
    """Read a shard as blocks of whole lines; at least one block, so that an empty shard is seen too.

    Of a line that is longer than `MAX_ROW_BYTES` no more than the beginning is kept. For the digest, see `unpacked`.

    Raises:
        BonepickError: the file is truncated or damaged, or is something else than JSON lines.
    """
    first = 1
    parts: list[bytes] = []
    size = skipped = 0
    broken = False  # whether a line ends in the parts
    pieces = unpacked(shard.path, BLOCK_BYTES, digest)
    for piece in lines_of_array(shard.path, pieces) if shard.may_be_array else pieces:
        if skipped:
            rest, line_break, piece = piece.partition(b"\n")
            skipped += len(rest)
            if not line_break:
                continue
            yield _block(shard, first, parts, skipped)
            first += 1
            parts, size, skipped = [], 0, 0
        parts.append(piece)
        size += len(piece)
        broken = broken or b"\n" in piece
        if broken and size >= BLOCK_BYTES:
            data = b"".join(parts)
            cut = data.rfind(b"\n") + 1
            yield _block(shard, first, [data[:cut]])
            first += data.count(b"\n", 0, cut)
            parts, size, broken = [data[cut:]], len(data) - cut, False
        elif size > MAX_ROW_BYTES and not broken:
            parts, size, skipped = [_beginning(parts)], 0, size
    if size or skipped or first == 1:
        yield _block(shard, first, parts, skipped)


def _beginning(parts: list[bytes]) -> bytes:
    data = b""
    for part in parts:
        if len(data) >= KEPT_BYTES:
            break
        data += part[:KEPT_BYTES]
    return data[:KEPT_BYTES]


def _block(shard: Shard, first: int, parts: list[bytes], row_bytes: int = 0) -> Block:
    data = b"".join(parts)
    return Block(shard, first, _start(shard, data) if first == 1 else data, row_bytes)


def _start(shard: Shard, data: bytes) -> bytes:
    """Take off a byte order mark, and refuse what is text but no JSON lines."""
    data = data.removeprefix(BOM)
    if not shard.path.name.lower().endswith(SUFFIXES):  # lines for fastText may begin with anything
        return data
    if not shard.may_be_array and begins_like_array(data, str(shard.path)):
        raise BonepickError(
            f"{shard.path} begins like a JSON array, wanted an object on each line: import-hf-dataset makes rows of an "
            "array (or jq -c '.[]')"
        )
    if _OVER_LINES.match(data):
        raise BonepickError(
            f"{shard.path} begins with a JSON object over several lines, wanted an object on each line: `jq -c .` puts "
            "it on one"
        )
    if _CSV_HEADER.match(data):
        raise BonepickError(
            f"{shard.path} begins like CSV, wanted a JSON object on each line: give it the ending .csv or .tsv, and "
            "bring its rows here with import-hf-dataset"
        )
    return data
