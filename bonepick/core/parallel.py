"""The one executor: maps over worker processes that keep memory flat and die cleanly."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, TypeVar

from bonepick.core.children import Children, Limits, WorkerDiedError
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import Advance, unheard

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


def ordered_map(
    function: Callable[[A], B], items: Iterable[A], workers: int, limits: Limits | None = None
) -> Generator[B, None, None]:
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


@dataclass(frozen=True)
class Outcome(Generic[A, B]):
    """What became of an item: its result, or the fault that its last try ended with."""

    item: A
    result: B | None = None
    fault: BonepickError | None = None


def each_outcome(
    function: Callable[[A], B],
    items: Iterable[A],
    workers: int,
    limits: Limits,
    tries: int,
    hear: Advance = unheard,
) -> Generator[Outcome[A, B], None, None]:
    """Yield what becomes of each item, as they end, while others go on: none is lost with a process that dies.

    Args:
        function: see `ordered_map`; always in other processes. It calls `still_at_work` while it is.
        items: all of them are known.
        workers: processes.
        limits: the seconds are those without a call of `still_at_work`.
        tries: times that an item is given to a process before its death counts as the item's fault. A fault that the
            function raises itself would come again: it is final.
        hear: gets what the function tells of its advance (`tell`), on any thread.
    """
    children = Children(function, limits, hear)
    threads = ThreadPoolExecutor(workers)
    try:
        waiting = [threads.submit(_tried, children, item, tries) for item in items]
        for future in as_completed(waiting):
            yield future.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        children.kill()
        threads.shutdown()


def _tried(children: Children[A, B], item: A, tries: int) -> Outcome[A, B]:
    fault: BonepickError
    for _ in range(tries):
        try:
            return Outcome(item, children.run(item))
        except WorkerDiedError as error:
            fault = error
        except BonepickError as error:
            return Outcome(item, fault=error)
    return Outcome(item, fault=fault)


def in_child(function: Callable[[A], B], item: A, hear: Advance = unheard) -> B:
    """Run `function(item)` in a process of its own; see `each_in_child`."""
    return next(each_in_child(function, [item], 1, hear))


def each_in_child(function: Callable[[A], B], items: Iterable[A], workers: int, hear: Advance = unheard) -> Iterator[B]:
    """Yield `function(item)` for each item in order, each run in a process of its own, `workers` at a time.

    For libraries that print, crash or keep state. What the function tells of its advance (`tell`) is heard, on other
    threads.

    Raises:
        BonepickError: see `ordered_map`.
    """
    yield from _pooled(function, items, workers, None, (hear, True))


def _pooled(
    function: Callable[[A], B],
    items: Iterable[A],
    workers: int,
    limits: Limits | None,
    hear_once: tuple[Advance, bool] = (unheard, False),
) -> Iterator[B]:
    children = Children(function, limits, *hear_once)
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
