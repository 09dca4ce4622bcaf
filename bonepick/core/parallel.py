"""The one executor: an ordered map over worker processes that keeps memory flat and dies cleanly."""

import multiprocessing
import os
import resource
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar, cast

from bonepick.core.errors import BonepickError, UsageError

A = TypeVar("A")
B = TypeVar("B")


def worker_count(wanted: int | None = None) -> int:
    """Return how many processes to use: `wanted`, else `BONEPICK_NUM_PROC`, else the cores this process may use.

    Raises:
        UsageError: the number is not a whole number from 1 on.
    """
    given = str(wanted) if wanted is not None else os.environ.get("BONEPICK_NUM_PROC", "")
    if not given:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"number of processes: {given!r} came, wanted a whole number from 1 on")
    return int(given)


@dataclass(frozen=True)
class Limits:
    """What one item may take where a function may never return, as somebody's jq program may."""

    seconds: int = 60
    memory: int = 2 << 30
    """Bytes of address space of a worker."""


def ordered_map(
    function: Callable[[A], B], items: Iterable[A], workers: int, limits: Limits | None = None
) -> Iterator[B]:
    """Yield `function(item)` for each item, in the items' order, whatever the number of workers.

    With one worker and no limits everything happens in this process. At most two items per worker wait at a time, so
    memory does not grow with the input.

    Args:
        function: importable by name, or an object that can be pickled: workers are spawned, not forked.
        items: read lazily, in this process.
        workers: processes, from 1 on.
        limits: of each item.

    Raises:
        BonepickError: a worker died (out of memory, over its limits, killed); faults raised by `function` come through
            as they are.
    """
    if workers == 1 and limits is None:
        yield from map(function, items)
    else:
        yield from _pooled(function, items, workers, limits)


def in_child(function: Callable[[A], B], item: A) -> B:
    """Run `function(item)` in a process of its own: for libraries that print, crash or keep state."""
    return next(_pooled(function, [item], 1, None))


def _pooled(function: Callable[[A], B], items: Iterable[A], workers: int, limits: Limits | None) -> Iterator[B]:
    children = _Children(function, limits)
    waiting = deque[Future[B]]()
    threads = ThreadPoolExecutor(workers)
    try:
        for item in items:
            waiting.append(threads.submit(children.run, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # what is still at work is not wanted any more
        for future in waiting:
            future.cancel()
        children.kill()
        threads.shutdown()


class _Children(Generic[A, B]):
    """Processes that do one item at a time, each asked through a pipe of its own by the thread that waits for it.

    The standard library's process pool has one pipe for all results: when a worker is killed while it writes there,
    the pool waits for the rest for ever.
    """

    def __init__(self, function: Callable[[A], B], limits: Limits | None) -> None:
        self._function = function
        self._limits = limits
        self._spawn = multiprocessing.get_context("spawn")
        self._lock = threading.Lock()
        self._all: list[BaseProcess] = []
        self._idle: list[Connection] = []
        self._ended = False

    def run(self, item: A) -> B:
        """Return `function(item)`, done by an idle child or by a new one.

        Raises:
            BonepickError: the child died; faults of the function come through as they are.
        """
        try:
            pipe = self._idle.pop()
        except IndexError:
            pipe = self._start()
        try:
            pipe.send(item)
            fault, result = pipe.recv()
        except (EOFError, OSError):
            raise BonepickError(_why_broken(self._limits)) from None
        self._idle.append(pipe)
        if fault is not None:
            raise fault
        return cast(B, result)

    def _start(self) -> Connection:
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
        return ours

    def kill(self) -> None:
        with self._lock:
            self._ended = True
        for process in self._all:
            process.kill()
            process.join()


def _serve(pipe: Connection, function: Callable[[A], B], limits: Limits | None) -> None:
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
    # no handler: what runs may never come back to Python, so the signal has to end the process
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        return function(item)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _why_broken(limits: Limits | None) -> str:
    if limits is None:
        return "a worker process died (out of memory, or killed): free some memory, or take fewer with --num-proc"
    return (
        f"a worker process was ended: a block of rows took more than {limits.seconds} s or {limits.memory >> 30} GiB "
        "(does a jq expression recurse or grow without end?), or it was killed"
    )


def _prepare_child(limits: Limits | None) -> None:
    if limits is not None:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        memory = limits.memory if soft == resource.RLIM_INFINITY else min(limits.memory, soft)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
        # whoever started us may ignore the signal that ends an item, or block it, and children inherit that
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
