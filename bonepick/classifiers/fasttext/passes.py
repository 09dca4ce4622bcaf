"""How far fastText is: with one thread, it says nothing before it has ended, but it reads its lines in each epoch."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from bonepick.core.children import tell

MOMENT = 0.1
"""Seconds from one look to the next."""


@contextmanager
def passes_told(lines: Path) -> Iterator[None]:
    """Tell the parent how often fastText went through a file of lines, and parts of that, while the context lasts.

    Its first reading, which counts words, is left out: one pass is one epoch. Where the system does not say where in a
    file a process is (it has no `/proc`), nothing is told.
    """
    ended = Event()
    watcher = Thread(target=_watch, args=(lines, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(lines: Path, ended: Event) -> None:
    size = lines.stat().st_size or 1
    before = dict[str, int]()
    passes, told = -1.0, 0.0
    while not ended.wait(MOMENT):
        now = _positions(lines)
        passes += sum((position - before.get(number, position)) % size for number, position in now.items()) / size
        before = now
        if passes > told:
            tell(passes - told)
            told = passes


def _positions(file: Path) -> dict[str, int]:
    """Return where this process is in a file: number of each descriptor that is open on it -> byte."""
    positions = dict[str, int]()
    with suppress(OSError):  # no /proc, or closed meanwhile
        for link in Path("/proc/self/fd").iterdir():
            if link.exists() and link.samefile(file):
                state = (Path("/proc/self/fdinfo") / link.name).read_text(encoding="ascii")
                positions[link.name] = int(state.split()[1])  # pos: 4096
    return positions
