"""Shards: JSONL files, plain or compressed. The one place that walks directories, opens files and writes them."""

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from bonepick.core.errors import BonepickError

SUFFIXES = tuple(kind + packing for kind in (".jsonl", ".json") for packing in ("", ".zst", ".zstd", ".gz", ".gzip"))
SPLITS = ("train", "valid", "test")
DATASET_FILE = "dataset.json"
QUARANTINE = "quarantine"  # beside the splits: rows that could not be used, with their reasons
BLOCK_BYTES = 1 << 20  # a block of rows is about this long: small enough to keep all cores busy on one shard
ZSTD_LEVEL = 3
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Shard:
    """One input file.

    Attributes:
        path: where it lies, as it was named by the user (for messages).
        split: `train`, `valid`, `test`, or `""` in a tree without splits.
        name: its path inside the split, with `/`, without suffixes: `part/0` of `train/part/0.jsonl.gz`.
    """

    path: Path
    split: str
    name: str


@dataclass(frozen=True)
class Block:
    """Some whole lines of a shard: the unit of work. `first` is the number of its first line, from 1."""

    shard: Shard
    first: int
    data: bytes


def find_shards(directory: Path) -> list[Shard]:
    """List the shards of a dataset (`train/`, `valid/`, `test/`), or of a plain tree without splits, in name order.

    Hidden files, what is under `quarantine/`, and files whose name does not end in one of `SUFFIXES`, are not shards.

    Raises:
        BonepickError: there is no such directory, or no shard in it.
    """
    if not directory.is_dir():
        raise BonepickError(
            f"{directory} is not a directory: wanted one with train/, valid/ or test/ folders of shards"
        )
    splits = [split for split in SPLITS if (directory / split).is_dir()]
    found = [shard for split in splits or [""] for shard in walk_shards(directory / split, split)]
    if not found:
        raise BonepickError(f"{directory} holds no shards: wanted files that end in {', '.join(SUFFIXES[:5])}")
    return found


def find_split_shards(directory: Path) -> list[Shard]:
    """List the shards of a dataset, which must have split folders.

    Raises:
        BonepickError: it has none; or see `find_shards`.
    """
    found = find_shards(directory)
    if not found[0].split:
        raise BonepickError(f"{directory} has no train/, valid/ or test/ folder: wanted a dataset with splits")
    return found


def walk_shards(root: Path, split: str) -> Iterator[Shard]:
    """Yield the shards below a folder, in name order, as shards of a split.

    Raises:
        BonepickError: two files are the same shard, or folders are linked in a circle.
    """
    found: dict[str, Path] = {}
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".") and name != QUARANTINE]
        for name in folders:
            if Path(folder).resolve().is_relative_to((Path(folder) / name).resolve()):
                raise BonepickError(f"{Path(folder) / name} links to a folder that it lies in: remove the link")
        for file in files:
            suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if file.endswith(s)), None)
            if suffix is None or file.startswith(".") or file == DATASET_FILE:
                continue
            name = (Path(folder) / file.removesuffix(suffix)).relative_to(root).as_posix()
            if name in found:
                raise BonepickError(f"{found[name]} and {Path(folder) / file} are both shard {name!r}: remove one")
            found[name] = Path(folder) / file
    for name in sorted(found):
        yield Shard(found[name], split, name)


def read_blocks(shard: Shard) -> Iterator[Block]:
    """Read a shard as blocks of whole lines; at least one block, so that an empty shard is seen too.

    Raises:
        BonepickError: the file is truncated or damaged.
    """
    first, parts, size = 1, list[bytes](), 0
    for chunk in _chunks(shard.path):
        parts.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES and b"\n" in chunk:
            data = b"".join(parts)
            cut = data.rfind(b"\n") + 1
            yield Block(shard, first, data[:cut].removeprefix(BOM) if first == 1 else data[:cut])
            first += data.count(b"\n", 0, cut)
            parts, size = [data[cut:]], len(data) - cut
    if size or first == 1:
        yield Block(shard, first, b"".join(parts).removeprefix(BOM) if first == 1 else b"".join(parts))


def _chunks(path: Path) -> Iterator[bytes]:
    import zstandard

    try:
        with path.open("rb") as stream:
            if path.suffix in (".zst", ".zstd"):
                yield from _unzstd(stream)
            elif path.suffix in (".gz", ".gzip"):
                if not stream.peek(1):
                    raise EOFError("it is empty")
                with gzip.open(stream) as unpacked:
                    yield from iter(lambda: unpacked.read(BLOCK_BYTES), b"")
            else:
                yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise BonepickError(f"{path}: truncated or damaged ({error}): fetch or write this file again") from None


def _unzstd(stream: IO[bytes]) -> Iterator[bytes]:
    import zstandard

    # frame by frame: zstandard's own reader stops quietly at the end of a truncated file
    decompressor = zstandard.ZstdDecompressor()
    frame, started = decompressor.decompressobj(), True  # a file without a byte is truncated too
    while packed := stream.read(BLOCK_BYTES // 4):
        while packed:
            started = True
            if data := frame.decompress(packed):
                yield data
            packed = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame, started = decompressor.decompressobj(), False
    if started:
        raise EOFError("its last frame has no end")


class LineWriter:
    """Writes lines to one file, zstd-compressed where its name ends in `.zst`; a context manager.

    The bytes depend on the lines alone, not on how the calls were cut: input reaches the compressor in fixed slices.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._buffer = bytearray()
        self._stream: Any = path.open("xb")
        if path.suffix == ".zst":
            import zstandard

            self._stream = zstandard.ZstdCompressor(level=ZSTD_LEVEL).stream_writer(self._stream)

    def write(self, lines: list[bytes]) -> None:
        """Append lines; each is given without its line break."""
        self._buffer += b"".join(line + b"\n" for line in lines)
        while len(self._buffer) >= BLOCK_BYTES:
            self._stream.write(bytes(self._buffer[:BLOCK_BYTES]))
            del self._buffer[:BLOCK_BYTES]

    def __enter__(self) -> "LineWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.write(bytes(self._buffer))
        self._stream.close()
