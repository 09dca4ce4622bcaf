"""Shards: JSONL files, plain or compressed, read as blocks of whole lines, and written."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bonepick.core.errors import BonepickError
from bonepick.core.urls import FOR_DATASET, refuse_url
from bonepick.data.files import File, RemoteFile, unreadable, walk_files

SUFFIXES = tuple(kind + packing for kind in (".jsonl", ".json") for packing in ("", ".zst", ".zstd", ".gz", ".gzip"))
SPLITS = ("train", "valid", "test")
DATASET_FILE = "dataset.json"
BLOCK_BYTES = 1 << 20  # a block of rows is about this long: small enough to keep all cores busy on one shard
PACKED_BYTES = 1 << 14  # zstd is fed in small pieces: what repeats itself unpacks to a thousand times as much
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

    path: File
    split: str
    name: str

    @property
    def mirror(self) -> str:
        """Path inside an output of the shard that stands for this one.

        >>> Shard(Path("in/train/part/0.jsonl.gz"), "train", "part/0").mirror
        'train/part/0.jsonl.zst'
        """
        return f"{self.split}/{self.name}.jsonl.zst".lstrip("/")


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
        UsageError: it is a URL.
        BonepickError: there is no such directory, or no shard in it.
    """
    refuse_url(directory, FOR_DATASET)
    if not directory.is_dir():
        raise BonepickError(
            f"{directory} is not a directory: wanted one with train/, valid/ or test/ folders of shards"
        )
    splits = [split for split in SPLITS if (directory / split).is_dir()]
    shards = [shard for split in splits or [""] for shard in as_shards(walk_files(directory / split), split)]
    if not shards:
        raise no_shards(directory)
    return shards


def no_shards(where: Path | str) -> BonepickError:
    """Return the fault that a place without shards is."""
    return BonepickError(f"{where} holds no shards: wanted files that end in {', '.join(SUFFIXES[:5])}")


def as_shards(files: Mapping[str, File], split: str) -> list[Shard]:
    """Pick the shards among files, given by their paths inside the split; in name order.

    Raises:
        BonepickError: two files are the same shard.
    """
    by_name: dict[str, File] = {}
    for inside, file in files.items():
        suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if inside.endswith(s)), None)
        if suffix is None or PurePosixPath(inside).name == DATASET_FILE:
            continue
        name = inside.removesuffix(suffix)
        if name in by_name:
            raise BonepickError(f"{by_name[name]} and {file} are both shard {name!r}: remove one")
        by_name[name] = file
    return [Shard(by_name[name], split, name) for name in sorted(by_name)]


def read_blocks(shard: Shard) -> Iterator[Block]:
    """Read a shard as blocks of whole lines; at least one block, so that an empty shard is seen too.

    Raises:
        BonepickError: the file is truncated or damaged, or it is one JSON array.
    """
    first = 1
    parts: list[bytes] = []
    size = 0
    for chunk in _chunks(shard.path):
        parts.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES and b"\n" in chunk:
            data = b"".join(parts)
            cut = data.rfind(b"\n") + 1
            yield Block(shard, first, _start(shard, data[:cut]) if first == 1 else data[:cut])
            first += data.count(b"\n", 0, cut)
            parts = [data[cut:]]
            size = len(data) - cut
    if size or first == 1:
        yield Block(shard, first, _start(shard, b"".join(parts)) if first == 1 else b"".join(parts))


def _start(shard: Shard, data: bytes) -> bytes:
    """Take off a byte order mark, and refuse what `.json` mostly stands for elsewhere."""
    data = data.removeprefix(BOM)
    if ".json" in PurePosixPath(str(shard.path)).suffixes and data[:BLOCK_BYTES].lstrip().startswith(b"["):
        raise BonepickError(
            f"{shard.path} begins like a JSON array: wanted an object on each line (jq -c '.[]' makes them of an array)"
        )
    return data


def _chunks(path: File) -> Iterator[bytes]:
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
    except Exception as error:
        if not isinstance(path, RemoteFile):
            raise
        raise unreadable(path.url, error) from None


def _unzstd(stream: IO[bytes]) -> Iterator[bytes]:
    import zstandard

    # frame by frame: zstandard's own reader stops quietly at the end of a truncated file
    decompressor = zstandard.ZstdDecompressor()
    frame, started = decompressor.decompressobj(), True  # a file without a byte is truncated too
    while packed := stream.read(PACKED_BYTES):
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

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._stream.write(bytes(self._buffer))
        self._stream.close()

    def __enter__(self) -> "LineWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
