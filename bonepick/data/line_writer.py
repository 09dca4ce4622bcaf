"""Writing shards: lines to a file, packed as its name says."""

import bz2
import gzip
import lzma
from pathlib import Path
from typing import Any

from bonepick.data.file_kinds import packing_of
from bonepick.data.shards import BLOCK_BYTES

ZSTD_LEVEL = 3
GZIP_LEVEL = 6


class LineWriter:
    """Writes lines to one file; a context manager.

    The bytes depend on the lines alone, not on how the calls were cut: input reaches the compressor in fixed slices.

    Args:
        path: of the file, which must not exist.
        name: whose ending says what it is packed with; the path's own, where it is not given.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._buffer = bytearray()
        self._file = path.open("xb")
        self._stream = _packed(self._file, packing_of(name or path.name))

    def write(self, lines: list[bytes]) -> None:
        """Append lines; each is given without its line break."""
        self._buffer += b"".join(line + b"\n" for line in lines)
        while len(self._buffer) >= BLOCK_BYTES:
            self._stream.write(bytes(self._buffer[:BLOCK_BYTES]))
            del self._buffer[:BLOCK_BYTES]

    def close(self) -> None:
        """Write what is left, and close the file."""
        self._stream.write(bytes(self._buffer))
        self._buffer.clear()
        self._stream.close()
        self._file.close()

    def __enter__(self) -> "LineWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _packed(stream: Any, packing: str) -> Any:
    match packing:
        case "zstd":
            import zstandard

            # as the others do by themselves: else a flipped bit reads as other rows
            packer = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
            return packer.stream_writer(stream, closefd=False)
        case "gzip":  # no name and no time in its header
            return gzip.GzipFile("", "wb", GZIP_LEVEL, stream, mtime=0)
        case "xz":
            return lzma.LZMAFile(stream, "wb")
        case "bz2":
            return bz2.BZ2File(stream, "wb")
    return stream
