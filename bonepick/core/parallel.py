"""The one executor: an ordered map over worker processes that keeps memory flat and dies cleanly."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

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


def ordered_map(function: Callable[[A], B], items: Iterable[A], workers: int) -> Iterator[B]:
    """Yield `function(item)` for each item, in the items' order, whatever the number of workers.

    With one worker everything happens in this process. At most two items per worker wait at a time, so memory does
    not grow with the input.

    Args:
        function: importable by name, or an object that can be pickled: workers are spawned, not forked.
        items: read lazily, in this process.
        workers: processes, from 1 on.

    Raises:
        BonepickError: a worker died (out of memory, killed); faults raised by `function` come through as they are.
    """
    if workers == 1:
        yield from map(function, items)
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_follow_parent)
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        pool.shutdown()
    except BrokenProcessPool:
        raise BonepickError("a worker process died (out of memory, or killed): try fewer with --num-proc") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.kill()


def in_child(function: Callable[[A], B], item: A) -> B:
    """Run `function(item)` in a process of its own: for libraries that print, crash or keep state."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_follow_parent) as pool:
        try:
            return pool.submit(function, item).result()
        except BrokenProcessPool:
            raise BonepickError(f"the process that ran {function.__name__} died (out of memory, or killed)") from None


def _follow_parent() -> None:
    # Ctrl-C reaches the whole group: the parent alone answers it, and then ends the workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
