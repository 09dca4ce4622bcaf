"""The bytes in a file, unpacked as its name says, in pieces; a fault where the file is something else, or damaged."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.regular_files import refuse_irregular
from bonepick.data.file_kinds import HEAD_BYTES, Kind, is_plain_text, kind_of, packing_of, renamed
from bonepick.data.files import File, RemoteFile, unreadable

PIECE_BYTES = 1 << 20
ZSTD_BYTES = 1 << 10  # zstd is fed in small portions: what repeats itself unpacks to 30,000 times as much
ZSTD_WINDOW = 1 << 31  # the longest that zstd writes (--long=31): as much memory, where a file is that long
XZ_MEMORY = 1 << 30


def unpacked(file: File, piece_bytes: int = PIECE_BYTES, digest: Any = None) -> Iterator[bytes]:
    """Yield what is in a file, unpacked as its name ends (`PACKINGS`), in pieces that are no longer than asked for.

    A `digest`, an object of `hashlib`, gets the bytes of the file as it lies there, all of them when it was read whole.

    Raises:
        BonepickError: it is no regular file, is out of reach, truncated or damaged, or is no text in UTF-8 of that
            packing but of a kind that is known: the message names it.
    """
    import zstandard

    if not isinstance(file, RemoteFile):
        refuse_irregular(file)
    try:
        with _watched(file.open("rb"), digest) as stream:
            head = stream.peek(HEAD_BYTES)
            packing = packing_of(file.name)
            _refuse_other_packing(file, packing, head)
            pieces = _pieces(packing, stream, head, piece_bytes)
            first = next(filter(None, pieces), b"")
            if packing and (kind := kind_of(first[:HEAD_BYTES])):
                raise _fault(file, kind, inside=True)
            if first:
                yield first
            yield from pieces
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError) as error:
        if "Dictionary mismatch" in str(error):
            raise BonepickError(
                f"{file} is packed with a zstd dictionary, which is not in it: unpack it with that first "
                "(zstd -d -D DICTIONARY)"
            ) from None
        raise BonepickError(f"{file}: truncated or damaged ({error}): fetch or write this file again") from None
    except BonepickError:
        raise
    except Exception as error:
        if not isinstance(file, RemoteFile):
            raise
        raise unreadable(file.root, error, file.url) from None


class _Watched(RawIOBase):
    """A stream whose bytes a digest gets as they are read."""

    def __init__(self, stream: BufferedReader, digest: Any) -> None:
        self._stream = stream
        self._digest = digest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read1(len(buffer))
        self._digest.update(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _watched(stream: BufferedReader, digest: Any) -> BufferedReader:
    return stream if digest is None else BufferedReader(_Watched(stream, digest), PIECE_BYTES)


def _refuse_other_packing(file: File, packing: str, head: bytes) -> None:
    kind = kind_of(head[:HEAD_BYTES])
    if kind and (not packing or kind.packing != packing):
        raise _fault(file, kind)
    if packing and head and not kind and is_plain_text(head[:HEAD_BYTES], packing):
        name = renamed(file.name, "")
        raise BonepickError(
            f"{file} is plain text, and not packed with {packing} as its name says: rename it to {name}"
        )


def _fault(file: File, kind: Kind, inside: bool = False) -> BonepickError:
    advice = kind.advice or f"rename it to {renamed(file.name, kind.packing)}"
    if inside:
        return BonepickError(f"{file}: what is packed in it is {kind.name}, wanted text: unpack it, and look at that")
    return BonepickError(f"{file} is {kind.name}, wanted what its name says: {advice}")


def _pieces(packing: str, stream: BufferedReader, head: bytes, size: int) -> Iterator[bytes]:
    if packing and not head:  # a program that dies early leaves just that
        raise EOFError("it is empty")
    match packing:
        case "gzip":
            with gzip.open(stream) as plain:
                yield from iter(lambda: plain.read(size), b"")
        case "zstd":
            yield from _unzstd(stream, size)
        case "xz" | "bz2":
            yield from _unpacked_stream_by_stream(stream, packing, size)
        case _:
            yield from iter(lambda: stream.read(size), b"")


def _unzstd(stream: BufferedReader, size: int) -> Iterator[bytes]:
    import zstandard

    # frame by frame: zstandard's own reader stops quietly at the end of a truncated file
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    frame, started = decompressor.decompressobj(), True  # a file without a byte is truncated too
    while packed := stream.read(ZSTD_BYTES):
        while packed:
            started = True
            data = frame.decompress(packed)
            yield from (data[start : start + size] for start in range(0, len(data), size))
            packed = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame, started = decompressor.decompressobj(), False
    if started:
        raise EOFError("its last frame has no end")


def _unpacked_stream_by_stream(stream: BufferedReader, packing: str, size: int) -> Iterator[bytes]:
    """Unpack xz or bz2: the library's own files take what follows their first stream, and is damaged, for their end."""
    unpacker, started, packed = _unpacker(packing), True, b""
    while packed or (packed := stream.read(PIECE_BYTES)):
        if not started and packing == "xz" and not (packed := packed.lstrip(b"\0")):
            continue  # what may lie between two streams
        started = True
        try:
            yield unpacker.decompress(packed, size)
            while not unpacker.eof and not unpacker.needs_input:
                yield unpacker.decompress(b"", size)
        except OSError as error:  # what bz2 says of damaged data
            raise EOFError(error) from None
        packed = b""
        if unpacker.eof:
            packed = unpacker.unused_data
            unpacker, started = _unpacker(packing), False
    if started:
        raise EOFError("its last part has no end")


def _unpacker(packing: str) -> Any:
    return bz2.BZ2Decompressor() if packing == "bz2" else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
