"""What a file is by its first bytes, where its name says something else."""

import re
from dataclasses import dataclass

PACKINGS = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd", ".xz": "xz", ".bz2": "bz2"}
"""Endings of packed files -> what they are packed with."""

HEAD_BYTES = 1 << 9  # enough to know any kind by: that of a tar archive is said behind its first name
BOM = b"\xef\xbb\xbf"
TO_UTF8 = "iconv -f CP1252 -t UTF-8 (or -f what it was written in) makes it so"
"""What to do with text that is no UTF-8."""
_IMPORT = "give it the ending {}, and bring its rows here with import-hf-dataset"
_POINTER = ("a git-LFS pointer, not the file that it stands for", "fetch that with `git lfs pull`")
_ZIP = ("a zip archive", "unpack it (unzip)")
_MARKUP = "a server's answer, perhaps, in place of the file: look into it, and fetch the file again"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is no text in UTF-8.

    Attributes:
        name: what it is, for people.
        advice: what to do with one that stands where text is wanted.
        packing: what it is packed with, one of the values of `PACKINGS`; empty for all others.
    """

    name: str
    advice: str = ""
    packing: str = ""


_PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bz2",
}
_OTHERS = {
    b"version https://git-lfs.github.com/": _POINTER,
    b"version https://hawser.github.com/": _POINTER,
    b"/annex/objects/": ("a git-annex pointer, not the file that it stands for", "fetch that with `git annex get`"),
    b"PAR1": ("a Parquet file", _IMPORT.format(".parquet")),
    b"ARROW1\0\0": ("an Arrow file", _IMPORT.format(".arrow")),
    b"\xff\xff\xff\xff": ("an Arrow stream", _IMPORT.format(".arrow")),
    b"PK\x03\x04": _ZIP,
    b"PK\x05\x06": _ZIP,
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it (7z x)"),
    b"Rar!\x1a\x07": ("a RAR archive", "unpack it (unrar x)"),
    b"\x04\x22\x4d\x18": ("packed with lz4", "unpack it (lz4 -d)"),
    b"\xff\x06\0\0sNaPpY": ("packed with snappy", "unpack it"),
    b"Obj\x01": ("an Avro file", "write its rows as JSON lines"),
    b"SQLite format 3\0": ("an SQLite database", "write its rows as JSON lines"),
    b"\x89HDF\r\n": ("an HDF5 file", "write its rows as JSON lines"),
    b"%PDF-": ("a PDF", "take it away"),
}
# longest first: the mark of UTF-32 begins like that of UTF-16
_MARKS = {b"\xff\xfe\0\0": "UTF-32LE", b"\0\0\xfe\xff": "UTF-32BE", b"\xff\xfe": "UTF-16LE", b"\xfe\xff": "UTF-16BE"}
# without a mark: how two ASCII characters, which text in all our formats begins with, lie there
_UNMARKED = {
    "UTF-32LE": rb"[\t-~]\0\0\0[\t-~]\0\0\0",
    "UTF-32BE": rb"\0\0\0[\t-~]\0\0\0[\t-~]",
    "UTF-16LE": rb"[\t-~]\0[\t-~]\0",
    "UTF-16BE": rb"\0[\t-~]\0[\t-~]",
}


def kind_of(head: bytes) -> Kind | None:
    r"""Return the kind of a file by its first bytes (`HEAD_BYTES` will do); None for what may be text in UTF-8.

    >>> kind_of(b"\x1f\x8b\x08").packing, kind_of(b"PAR1\x15\x04").name, kind_of(b'{"text": "x"}')
    ('gzip', 'a Parquet file', None)
    """
    for start, packing in _PACKED.items():
        if head.startswith(start):
            return Kind(f"packed with {packing}", packing=packing)
    if re.match(rb"[\x50-\x5f]\x2a\x4d\x18", head):  # a frame to be skipped
        return Kind("packed with zstd", packing="zstd")
    for start, (name, advice) in _OTHERS.items():
        if head.startswith(start):
            return Kind(name, advice)
    if head[257:262] == b"ustar":
        return Kind("a tar archive", "unpack it (tar -xf)")
    if found := re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:(!doctype\s+html|html)\b|\?xml\b)", head, re.IGNORECASE):
        return Kind("an HTML page" if found[1] else "XML", _MARKUP)
    return encoding_of(head)


def encoding_of(head: bytes) -> Kind | None:
    """Return the kind of text that a file is by its first bytes, where it is in another encoding than UTF-8."""
    marked = (encoding for mark, encoding in _MARKS.items() if head.startswith(mark))
    unmarked = (encoding for encoding, pattern in _UNMARKED.items() if re.match(pattern, head))
    encoding = next(marked, "") or next(unmarked, "")
    return Kind(f"text in {encoding}", f"write it as UTF-8 (iconv -f {encoding} -t UTF-8)") if encoding else None


def is_plain_text(head: bytes, packing: str = "") -> bool:
    """Tell whether what should be packed, or a table, begins like text, and not like a packed file that was cut."""
    starts = [start for start, name in _PACKED.items() if name == packing] if packing else _OTHERS
    cut = any(start.startswith(head) for start in starts)
    return not cut and not re.search(rb"[\0-\x08\x0e-\x1f\x7f]", head)


def packing_of(name: str) -> str:
    """Return what a file is packed with by its name; empty for nothing.

    >>> packing_of("part/0.jsonl.zstd"), packing_of("PART/0.JSONL.GZ"), packing_of("part/0.jsonl")
    ('zstd', 'gzip', '')
    """
    return next((packing for ending, packing in PACKINGS.items() if name.lower().endswith(ending)), "")


def renamed(name: str, packing: str) -> str:
    """Return the name that a file should have for what it is packed with, or without a packing.

    >>> renamed("a.jsonl.gz", ""), renamed("a.jsonl.gz", "zstd"), renamed("a.jsonl", "gzip")
    ('a.jsonl', 'a.jsonl.zst', 'a.jsonl.gz')
    """
    bare = next((name[: -len(ending)] for ending in PACKINGS if name.lower().endswith(ending)), name)
    return bare + next((ending for ending, known in PACKINGS.items() if known == packing), "")
