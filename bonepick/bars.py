"""Bars on a terminal: share, rate and time left of work that takes long, on a line each, which leave nothing behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from bonepick.core.cells import as_message
from bonepick.core.progress import Advance

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SOON = 0.5
"""Seconds after which work is shown: most of it is done by then, and does without the libraries that draw."""
MOMENT = 0.2
"""Seconds from one drawing of a bar to the next."""
LONGEST = 24
"""Characters of a name; of a longer one the end is shown, which tells more of a path."""


@dataclass(eq=False)
class Work:
    """A piece of work that is going on.

    >>> work = Work("read", "bytes", 36e6)
    >>> work.done = 12e6
    >>> work.state(seconds=2)
    ' 33%  12.0/36.0 MB  6.0 MB/s  0:04 left'
    """

    what: str
    unit: str
    total: float | None
    done: float = 0.0
    begun: float = field(default_factory=monotonic)
    due: float = 0.0
    number: "TaskID | None" = None

    def __post_init__(self) -> None:
        self.due = self.begun + SOON

    @property
    def name(self) -> str:
        """What is done, no longer than fits."""
        what = as_message(self.what)
        return what if len(what) <= LONGEST else f"…{what[1 - LONGEST :]}"

    def state(self, seconds: float) -> str:
        """Return how far it is after so many seconds."""
        unit, scale = ("MB", 1e6) if self.unit == "bytes" else (self.unit, 1.0)
        digits = int(unit == "MB" and (self.total or 0) < 1e9)
        rate = self.done / seconds
        speed = f"{rate / scale:,.{1 if rate < 100 * scale else 0}f} {unit}/s"
        done = f"{self.done / scale:,.{digits}f}"
        if not self.total:
            return f"{done} {unit}  {speed}"
        share = min(self.done / self.total, 1.0)
        left = round(seconds / share - seconds) if share else 0
        return f"{share:4.0%}  {done}/{self.total / scale:,.{digits}f} {unit}  {speed}  {_clock(left)} left"


def _clock(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


class Bars:
    """Shows the pieces of work that are going on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._going_on = list[Work]()
        self._display: Progress | None = None

    @contextmanager
    def watch(self, what: str, unit: str, total: float | None) -> Iterator[Advance]:
        """Show a bar while the context lasts; see `Listener.watch`."""
        work = Work(what, unit, total)
        self._going_on.append(work)

        def advance(count: float) -> None:
            with self._lock:
                work.done += count
                if monotonic() >= work.due and work in self._going_on:
                    self._draw(work)

        try:
            yield advance
        finally:
            self._end([work])

    def close(self) -> None:
        """End them all: what is broken off may come to its own end late, or never."""
        self._end(list(self._going_on))

    def _draw(self, work: Work) -> None:
        with suppress(OSError):  # of a terminal that went away
            if self._display is None:
                self._display = _new_display()
            if work.number is None:
                work.number = self._display.add_task(work.name, total=work.total, work=work)
            self._display.update(work.number, completed=work.done)
            self._display.start()
            self._display.refresh()
        work.due = monotonic() + MOMENT

    def _end(self, ended: list[Work]) -> None:
        with self._lock, suppress(OSError):
            self._going_on = [work for work in self._going_on if work not in ended]
            if self._display and not any(work.number is not None for work in self._going_on):
                display, self._display = self._display, None
                display.stop()
            for work in ended:
                if self._display and work.number is not None:
                    self._display.remove_task(work.number)
                    self._display.refresh()


def _new_display() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    class State(ProgressColumn):
        def render(self, task: Task) -> Text:
            work = task.fields["work"]
            return Text(work.state(monotonic() - work.begun), no_wrap=True)

    class Unhiding(Console):
        def show_cursor(self, show: bool = True) -> bool:
            return False  # it would stay hidden after a process that is killed

    # what is printed meanwhile goes above; unwrapped, so that a secret in a URL is still seen as one
    console = Unhiding(file=sys.stderr, soft_wrap=True)
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    return Progress(
        *(name, BarColumn(bar_width=8), State()),
        console=console,
        auto_refresh=False,  # no thread, which may find no room
        transient=True,
        redirect_stdout=False,
    )
