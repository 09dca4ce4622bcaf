"""How many bytes of files were read, as they lie there: the one measure of progress that is known before."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bonepick.data.files import File


class BytesRead:
    """Counts the bytes of files: stands where a digest of theirs does, and passes them on to one.

    >>> read = BytesRead()
    >>> read.update(b"four")
    >>> read.new(), read.new()
    (4, 0)
    """

    def __init__(self, digest: Any = None) -> None:
        self._digest = digest
        self._new = 0

    def update(self, data: bytes) -> None:
        """Take bytes that were read."""
        self._new += len(data)
        if self._digest is not None:
            self._digest.update(data)

    def hexdigest(self) -> str:
        """Return what the digest that the bytes were passed on to comes to."""
        return str(self._digest.hexdigest())

    def new(self) -> int:
        """Return how many there were since this was asked last."""
        new, self._new = self._new, 0
        return new


def bytes_of(files: Iterable[File]) -> int | None:
    """Return the size of some files; None where servers would have to be asked for it."""
    size = 0
    for file in files:
        if not isinstance(file, Path):
            return None
        size += file.stat().st_size if file.is_file() else 0  # who reads it says that it is none
    return size
