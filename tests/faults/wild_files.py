"""Wild files: contents that do not fit their names, that are damaged, or of every type."""

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import zstandard

from tests.faults.wild_arrow import wild_column
from tests.faults.wild_rows import row_of, text_of


@dataclass(frozen=True)
class Owed:
    """What import owes for a folder.

    Attributes:
        rows: that are accounted for where it succeeds; None where nobody can say.
        ends: it must succeed, must refuse, or either.
        flags: that the folder needs.
    """

    rows: int | None = None
    ends: str = "either"
    flags: tuple[str, ...] = ()


ANY, REFUSED = Owed(), Owed(ends="refused")
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}


def read(rows: int) -> Owed:
    return Owed(rows, "read")


def lines_of(rng: random.Random, count: int) -> bytes:
    return b"".join(json.dumps(row_of(rng)).encode() + b"\n" for _ in range(count))


def table_of(rng: random.Random, rows: int, columns: int = 0) -> pa.Table:
    """Return a table with texts and labels, and some columns of any type."""
    table = pa.table({"text": [text_of(rng) for _ in range(rows)], "score": ["neg", "pos"] * (rows // 2)})
    for number in range(columns):
        try:
            table = table.append_column(f"column {number}", wild_column(rng, rows))
        except pa.ArrowInvalid:  # values that Arrow itself refuses
            continue
    return table


def arrow_bytes(table: pa.Table, kind: str) -> bytes:
    sink = io.BytesIO()
    if kind == "feather":
        pyarrow.feather.write_feather(table, sink)
    else:
        new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with new(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
    return sink.getvalue()


def _parquet(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _zip(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.jsonl", data)
    return sink.getvalue()


def _tar(data: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        info = tarfile.TarInfo("a.jsonl")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def _packed(rng: random.Random, folder: Path) -> Owed:
    """Name a packing, and use another as often as not."""
    inside, outside = rng.choice(list(PACKINGS)), rng.choice(list(PACKINGS))
    if rng.random() < 0.5:
        outside = inside
    ending = rng.choice([".jsonl", ".json", ".ndjson", ".JSONL"])
    (folder / f"a{ending}{outside}").write_bytes(PACKINGS[inside](lines_of(rng, 10)))
    return read(10) if inside == outside else REFUSED


CONTENTS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "lines": lambda rng, lines: lines,
    "array": lambda rng, lines: b"[" + lines.strip().replace(b"\n", b",") + b"]",
    "csv": lambda rng, lines: b"text,score\na word,pos\nother words,neg\n",
    "parquet": lambda rng, lines: _parquet(table_of(rng, 4)),
    "feather": lambda rng, lines: arrow_bytes(table_of(rng, 4), "file"),
    "stream": lambda rng, lines: arrow_bytes(table_of(rng, 4), "stream"),
    "zip": lambda rng, lines: _zip(lines),
    "tar": lambda rng, lines: _tar(lines),
    "html": lambda rng, lines: b"<!DOCTYPE html><html><body>404</body></html>\n",
    "pointer": lambda rng, lines: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "png": lambda rng, lines: b"\x89PNG\r\n\x1a\n" + rng.randbytes(90),
    "bytes": lambda rng, lines: rng.randbytes(rng.choice([1, 9, 900])),
    "zeros": lambda rng, lines: bytes(rng.choice([1, 4_096])),
    "utf-16": lambda rng, lines: lines.decode().encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be"])),
    "utf-32": lambda rng, lines: lines.decode().encode(rng.choice(["utf-32", "utf-32-le"])),
    "nothing": lambda rng, lines: b"",
}
ENDINGS = (
    ".jsonl",
    ".json",
    ".ndjson",
    ".csv",
    ".tsv",
    ".parquet",
    ".pq",
    ".arrow",
    ".feather",
    ".jsonl.gz",
    ".csv.zst",
)
FITTING = {
    "lines": (".jsonl", ".json", ".ndjson"),
    "array": (".json",),
    "csv": (".csv",),
    "parquet": (".parquet", ".pq"),
    "feather": (".arrow", ".feather"),
    "stream": (".arrow", ".feather"),
}
ROWS = {"lines": 10, "array": 10, "csv": 2, "parquet": 4, "feather": 4, "stream": 4}


def _other_content(rng: random.Random, folder: Path) -> Owed:
    """Any content under any ending."""
    content, ending = rng.choice(list(CONTENTS)), rng.choice(ENDINGS)
    (folder / f"a{ending}").write_bytes(CONTENTS[content](rng, lines_of(rng, 10)))
    if ending in FITTING.get(content, ()):
        return read(ROWS[content])
    # of text under a table's ending, one line is a header and the others are rows, or are rejected
    return ANY if ending in (".csv", ".tsv") or content in ("nothing", "zeros", "bytes") else REFUSED


def _damaged(rng: random.Random, folder: Path) -> Owed:
    """Something good, cut, flipped, doubled, or with something in its middle."""
    ending = rng.choice([*ENDINGS, ".jsonl.zst", ".jsonl.xz", ".jsonl.bz2"])
    fitting = [name for name, endings in FITTING.items() if ending in endings] or ["csv" if "sv" in ending else "lines"]
    content = CONTENTS[rng.choice(fitting)](rng, lines_of(rng, 50))
    data = bytearray(PACKINGS["." + ending.split(".")[2]](content) if ending.count(".") == 2 else content)
    place = rng.randrange(len(data))
    match rng.choice(["cut", "flip", "flips", "double", "insert", "zero", "behind"]):
        case "cut":
            del data[place:]
        case "flip":
            data[place] ^= 1 << rng.randrange(8)
        case "flips":
            for _ in range(20):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case "double":
            data += bytes(data)
        case "insert":
            data[place:place] = rng.randbytes(30)
        case "zero":
            data[place : place + 100] = bytes(100)
        case "behind":
            data += rng.choice([b"\x00", b"garbage", bytes(2_000)])
    (folder / f"a{ending}").write_bytes(data)
    if ending in (".jsonl", ".ndjson"):
        return Owed(sum(bool(line.strip()) for line in data.split(b"\n")))
    return ANY


def _comes_back(stream: bytes) -> bool:
    """Tell whether Arrow wrote what it can read: of dictionaries of half floats, it writes half."""
    try:
        pa.ipc.open_stream(stream).read_all().validate()
    except pa.ArrowException:
        return False
    return True


def _any_types(rng: random.Random, folder: Path) -> Owed:
    """Tables of any types, each file with its own."""
    total = 0
    for number in range(rng.randint(1, 3)):
        rows = rng.choice([0, 2, 30])
        table = table_of(rng, rows, rng.randint(1, 6))
        try:
            data, ending = _parquet(table, row_group_size=rng.choice([1, 1_000])), ".parquet"
            pq.read_table(io.BytesIO(data))
        except (pa.ArrowException, OSError):  # types that Parquet lacks, or does not give back
            data, ending = arrow_bytes(table, "stream"), ".arrow"
            if not _comes_back(data):
                return ANY
        (folder / f"{number}{ending}").write_bytes(data)
        total += rows
    return read(total)


def _window(rng: random.Random, folder: Path) -> Owed:
    """A zstd frame that asks for a window of up to 2^41 bytes for 100 bytes; one of 256 MB is read."""
    lines = lines_of(rng, 3)
    power = rng.choice([10, 20, 27, 28, 31, 32, 41])
    block = (1 | len(lines) << 3).to_bytes(3, "little") + lines  # the last one, as it is
    (folder / "a.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([(power - 10) << 3]) + block)
    return Owed(3, "read") if power <= 27 else Owed(3)


def _bomb(rng: random.Random, folder: Path) -> Owed:
    """A row of 300 MB, or as many blank lines, packed into some kB."""
    part, packing = rng.choice([b" ", b"\n", b"a", b"["]), rng.choice([".gz", ".zst"])
    start = b'{"text":"a","score":"' if part in (b"a", b" ") else b""
    sink = io.BytesIO()
    compressor = (
        zstandard.ZstdCompressor().stream_writer(sink, closefd=False)
        if packing == ".zst"
        else gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1)
    )
    with compressor as stream:
        stream.write(start)
        for _ in range(300):
            stream.write(part * (1 << 20))
        stream.write(b'"}\n' if start else b"\n")
    (folder / f"a.jsonl{packing}").write_bytes(sink.getvalue())
    return ANY


CONTENT_MAKERS: list[Callable[[random.Random, Path], Owed]] = [
    *([_other_content, _damaged, _damaged, _any_types, _any_types] * 2), _packed, _packed, _window, _bomb,
]  # fmt: skip
