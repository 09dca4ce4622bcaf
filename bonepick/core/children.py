"""Worker processes that do one item at a time, and die with their parent."""

import multiprocessing
import os
import resource
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar, cast

from bonepick.core.errors import BonepickError
from bonepick.core.progress import Advance, unheard

A = TypeVar("A")
B = TypeVar("B")

MOMENT = 2
"""Seconds."""

_seconds = 0
"""Of a process with limits: how long it may be silent."""
_parent: Connection | None = None
"""Of a child: who waits for it."""


class WorkerDiedError(BonepickError):
    """A worker process ended before its work did."""


@dataclass(frozen=True)
class Limits:
    """What one item may take where a function may never return, as somebody's jq program may."""

    seconds: int = 60
    memory: int | None = 2 << 30
    """Bytes of address space of a worker; None for no bound."""


def still_at_work() -> None:
    """Begin the time anew after which this process is ended for one that hangs; nothing where it has no limits."""
    if _seconds:
        signal.setitimer(signal.ITIMER_REAL, _seconds)


def tell(count: float) -> None:
    """Tell the parent, which hears it as its own advance, that a child did so much more of the item it is at.

    While the item is at work, from one thread at a time; nothing happens in a process that is no child.
    """
    if _parent is not None:
        with suppress(OSError):  # the parent is dead, and this process soon will be
            _parent.send(float(count))


class Children(Generic[A, B]):
    """Processes that do one item at a time, each asked through a pipe of its own by the thread that waits for it.

    The standard library's process pool has one pipe for all results: when a worker is killed while it writes there,
    the pool waits for the rest for ever.

    Where `once` is set, each item has a process of its own: for libraries that keep state from one to the next.
    """

    def __init__(
        self, function: Callable[[A], B], limits: Limits | None, hear: Advance = unheard, once: bool = False
    ) -> None:
        self._function = function
        self._hear = hear
        self._once = once
        self._limits = limits
        self._spawn = multiprocessing.get_context("spawn")
        self._lock = threading.Lock()
        self._all: list[BaseProcess] = []
        self._idle: list[tuple[Connection, BaseProcess]] = []
        self._ended = False

    def run(self, item: A) -> B:
        """Return `function(item)`, done by an idle child or by a new one.

        Raises:
            WorkerDiedError: the child died; faults of the function come through as they are.
        """
        try:
            pipe, process = self._idle.pop()
        except IndexError:
            pipe, process = self._start()
        try:
            pipe.send(item)
            while isinstance(answer := pipe.recv(), float):  # see `tell`
                self._hear(answer)
            fault, result = answer
        except (EOFError, OSError):
            process.join(1)
            raise WorkerDiedError(_why_broken(self._limits, process.exitcode)) from None
        if self._once:
            pipe.close()
            process.join(MOMENT)
        else:
            self._idle.append((pipe, process))
        if fault is not None:
            raise fault
        return cast(B, result)

    def _start(self) -> tuple[Connection, BaseProcess]:
        ours, theirs = self._spawn.Pipe()
        with self._lock:
            if self._ended:
                raise CancelledError
            # Ctrl-C reaches the whole group and the parent alone answers it: a child inherits that this thread, which
            # is not the main one, has it blocked (starting the tracker, which happens once, would unblock it)
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            process = self._spawn.Process(target=_serve, args=(theirs, self._function, self._limits), daemon=True)
            process.start()
            self._all.append(process)
        theirs.close()  # else the pipe would not end with the child
        return ours, process

    def kill(self) -> None:
        """End them all, whatever they do; the idle ones, which end by themselves, have a moment to clean up."""
        with self._lock:
            self._ended = True
        for pipe, _ in self._idle:
            pipe.close()
        for _, process in self._idle:
            process.join(MOMENT)
        for process in self._all:
            process.kill()
            process.join()


def _serve(pipe: Connection, function: Callable[[A], B], limits: Limits | None) -> None:
    global _parent
    _parent = pipe
    _prepare_child(limits)
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):  # the parent is dead
            return
        try:
            answer: tuple[BaseException | None, B | None] = (None, _within(limits, function, item))
        except Exception as fault:
            if not isinstance(fault, BonepickError):
                fault.add_note(traceback.format_exc())  # a traceback itself does not cross processes
            answer = (fault, None)
        try:
            pipe.send(answer)
        except OSError:  # the same
            return


def _within(limits: Limits | None, function: Callable[[A], B], item: A) -> B:
    if limits is None:
        return function(item)
    global _seconds
    _seconds = limits.seconds
    # no handler: what runs may never come back to Python, so the signal has to end the process
    still_at_work()
    try:
        return function(item)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _why_broken(limits: Limits | None, exit_code: int | None) -> str:
    if limits is None or (limits.memory is None and exit_code != -signal.SIGALRM):
        crash = f" by signal {-exit_code}" if exit_code and exit_code < 0 else ""
        return (
            f"a worker process died{crash} (out of memory, or killed): free some memory, or take fewer with --num-proc"
        )
    if limits.memory is None:
        return f"a worker process was ended: it hung for more than {limits.seconds} s"
    return (
        f"a worker process was ended: a block of rows took more than {limits.seconds} s or {limits.memory >> 30} GiB "
        "(does a jq expression recurse or grow without end?), or it was killed"
    )


def _prepare_child(limits: Limits | None) -> None:
    if limits is not None and limits.memory is not None:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        memory = limits.memory if soft == resource.RLIM_INFINITY else min(limits.memory, soft)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    if limits is not None:
        # whoever started us may ignore the signal that ends an item, or block it, and children inherit that
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
