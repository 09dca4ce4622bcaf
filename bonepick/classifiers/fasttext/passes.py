"""How far fastText is: with one thread, it says nothing before it has ended, but it reads its lines in each epoch.

Its search for knobs says how far it is, on the terminal, whatever it is asked.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from bonepick.core.children import tell

MOMENT = 0.1
"""Seconds from one look to the next."""
_SHARE = re.compile(rb"Progress:\s*([\d.]+)%")


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


@contextmanager
def search_told(seconds: int) -> Iterator[None]:
    """Tell the parent how many seconds of its time fastText's search has had; what it prints goes nowhere else."""
    told, printed = os.pipe()
    screen = {stream: os.dup(stream) for stream in (1, 2)}
    for stream in screen:
        os.dup2(printed, stream)
    os.close(printed)
    reader = Thread(target=_tell_search, args=(told, seconds), daemon=True)
    reader.start()
    try:
        yield
    finally:
        for stream, before in screen.items():  # the last that could be printed to
            os.dup2(before, stream)
            os.close(before)
        reader.join()


def _tell_search(told: int, seconds: int) -> None:
    share = 0.0
    with open(told, "rb", buffering=0) as stream:
        while printed := stream.read(4_096):
            for found in _SHARE.findall(printed):
                now = float(found) / 100
                tell(max(now - share, 0.0) * seconds)
                share = max(now, share)
