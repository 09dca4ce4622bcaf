"""Inputs while they are read, perhaps more than once: were they to change, what came out would be of neither state."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.data.files import File


class Unchanged:
    """The sizes and times of some files, against which they are compared later; what is behind a URL is not."""

    def __init__(self, files: Iterable[File]) -> None:
        self._states = {file: _state(file) for file in files if isinstance(file, Path)}

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Refuse files that change until the block ends; whatever else went wrong there is then no more than that.

        Raises:
            BonepickError: one did.
        """
        try:
            yield
        except Exception:
            self.refuse_changed()
            raise
        self.refuse_changed()

    def refuse_changed(self) -> None:
        """Refuse files that are not as they were.

        Raises:
            BonepickError: one has grown, shrunk, been written again, or is gone.
        """
        for file, state in self._states.items():
            if _state(file) != state:
                raise BonepickError(f"{file} was changed while it was read: run again when nothing writes to it")


def unchanged(files: Iterable[File]) -> AbstractContextManager[None]:
    """Refuse files that change within a block: see `Unchanged.meanwhile`."""
    return Unchanged(files).meanwhile()


def _state(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
