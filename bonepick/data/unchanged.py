"""Inputs that are read more than once: were they to change between two passes, what came out would be of neither."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.data.files import File


class Unchanged:
    """The sizes and times of some files, against which they are compared later; what is behind a URL is not."""

    def __init__(self, files: Iterable[File]) -> None:
        self._states = {file: _state(file) for file in files if isinstance(file, Path)}

    def refuse_changed(self) -> None:
        """Refuse files that are not as they were.

        Raises:
            BonepickError: one has grown, shrunk, been written again, or is gone.
        """
        for file, state in self._states.items():
            if _state(file) != state:
                raise BonepickError(f"{file} was changed while it was read: run again when nothing writes to it")


@contextmanager
def unchanged(files: Iterable[File]) -> Iterator[None]:
    """Refuse files that change within the block; whatever else went wrong there is then no more than that.

    Raises:
        BonepickError: one did.
    """
    before = Unchanged(files)
    try:
        yield
    except Exception:
        before.refuse_changed()
        raise
    before.refuse_changed()


def _state(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
