"""The ordered map gives the same results in the same order with any number of workers, and fails clearly.

The functions mapped here are built-in ones, since spawned workers do not import tests.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count, islice
from multiprocessing import active_children
from pathlib import Path

import pytest

from bonepick.core.children import Limits
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.parallel import Outcome, each_outcome, in_child, ordered_map, worker_count
from bonepick.data.labels import canonical_label

# the first items take longest, so that results in order of completion would be in another order
SLOW_FIRST = [f"__import__('time').sleep({0.2 if n < 2 else 0}) or {n}" for n in range(12)]

PARENT = """
import sys, time
from bonepick.core.parallel import ordered_map
if __name__ == "__main__":
    for pid, _ in ordered_map(eval, ["__import__('os').getpid(), ANSWER"] * 9 + ["__import__('time').sleep(60)"], 2):
        print(pid, flush=True)
"""


def wait_for_workers() -> None:
    """Return when no worker is left; where one stays, pytest's own time limit ends the test."""
    while active_children():
        time.sleep(0.01)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(ordered_map(eval, SLOW_FIRST, workers)) == list(range(12))
    wait_for_workers()


@pytest.mark.parametrize("workers", [1, 2])
def test_no_items_give_no_results(workers: int) -> None:
    assert list(ordered_map(eval, [], workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_comes_through_as_it_is_after_the_results_before_it(workers: int) -> None:
    results = ordered_map(canonical_label, ["A", "B", None, "C"], workers)
    assert list(islice(results, 2)) == ["a", "b"]
    with pytest.raises(BonepickError, match=r"^label is None, wanted a string") as caught:
        next(results)
    assert type(caught.value) is BonepickError
    wait_for_workers()


def test_a_fault_of_the_iterator_comes_through() -> None:
    def items() -> Iterator[str]:
        yield "1"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        list(ordered_map(eval, items(), 2))
    wait_for_workers()


@pytest.mark.parametrize("how", ["__import__('signal').raise_signal(9)", "__import__('os')._exit(0)"])
def test_a_worker_that_dies_is_one_clear_error(how: str) -> None:
    with pytest.raises(BonepickError, match=r"a worker process died .*--num-proc") as caught:
        list(ordered_map(eval, ["1", how, *["2"] * 20], 2))
    assert caught.value.__suppress_context__, "the pool's own error says nothing more"
    wait_for_workers()


@pytest.mark.parametrize(("workers", "window"), [(1, 1), (2, 5)])
def test_an_endless_iterator_is_read_only_a_window_ahead(workers: int, window: int) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in count(1):
            taken = number
            yield number

    results = ordered_map(abs, items(), workers)
    for done in range(1, 20):
        assert next(results) == done
        assert taken <= done + window - 1
    results.close()  # type: ignore[attr-defined]
    wait_for_workers()


ABANDONED = """
import time
from bonepick.core.parallel import ordered_map
if __name__ == "__main__":
    for moment in range(5):
        results = ordered_map(eval, ["b'x' * (1 << 26)"] * 9, 3)
        next(results)
        time.sleep(moment / 50)
        results.close()
    print("done", flush=True)
"""


def test_workers_that_are_killed_while_they_write_hold_nobody_up(tmp_path: Path) -> None:
    """The standard library's pool waits for ever, at the exit of the process, for the rest of a result."""
    script = tmp_path / "abandoned.py"
    script.write_text(ABANDONED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_fault_that_is_no_message_says_where_it_was_raised() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        in_child(eval, "1 / 0")
    assert "Traceback" in caught.value.__notes__[0]


@pytest.mark.parametrize("answer", ["0", "b'x' * (1 << 24)"])
def test_workers_end_without_a_word_when_their_parent_is_killed(tmp_path: Path, answer: str) -> None:
    """Also those that write a long answer just then, or wait for an item."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.replace("ANSWER", answer))
    errors = tmp_path / "errors"
    command = [sys.executable, str(script)]
    with (
        errors.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as parent,
    ):
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(5)}
        parent.send_signal(signal.SIGKILL)
    # they end, or the test does at pytest's own limit
    while any(_lives(pid) for pid in workers):
        time.sleep(0.02)
    assert workers
    assert errors.read_text() == ""


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_in_child_runs_elsewhere_and_returns_the_result() -> None:
    assert in_child(eval, "__import__('os').getpid()") != os.getpid()


TELL = "[__import__('bonepick').core.children.tell(part) for part in (1, 0.5)]"


def test_the_parent_hears_what_a_child_tells_of_its_advance() -> None:
    heard = list[float]()
    assert in_child(eval, TELL, heard.append) == [None, None]
    assert heard == [1.0, 0.5]
    both = each_outcome(eval, [TELL, TELL], 2, Limits(60, None), 1, heard.append)
    assert [outcome.result for outcome in both] == [[None, None]] * 2
    assert sum(heard) == 4.5
    assert eval(TELL) == [None, None]  # no child: nobody hears it


def test_a_fault_in_the_child_comes_through() -> None:
    with pytest.raises(BonepickError, match=r"^label is None"):
        in_child(canonical_label, None)


def test_a_child_that_dies_is_one_clear_error() -> None:
    with pytest.raises(BonepickError, match="a worker process died"):
        in_child(os._exit, 1)  # type: ignore[arg-type]


def test_the_number_of_workers_is_the_flags_then_the_environments_then_the_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BONEPICK_NUM_PROC", "7")
    assert (worker_count(3), worker_count()) == (3, 7)
    monkeypatch.setenv("BONEPICK_NUM_PROC", "")
    assert worker_count() == len(os.sched_getaffinity(0))
    monkeypatch.delenv("BONEPICK_NUM_PROC")
    assert worker_count() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("wanted", [0, -1])
def test_a_flag_below_1_is_a_usage_error(wanted: int) -> None:
    with pytest.raises(UsageError, match=f"number of processes: '{wanted}' came, wanted a whole number from 1 on"):
        worker_count(wanted)


@pytest.mark.parametrize("value", ["0", "x", "1.5", "-2"])
def test_an_environment_without_a_number_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BONEPICK_NUM_PROC", value)
    with pytest.raises(UsageError, match=f"number of processes: '{value}' came, wanted a whole number from 1 on"):
        worker_count()


def test_an_item_over_its_time_ends_in_one_error_also_with_one_worker() -> None:
    assert list(ordered_map(eval, ["1", "2"], 1, Limits(seconds=30))) == [1, 2]
    with pytest.raises(BonepickError, match="took more than 1 s"):
        list(ordered_map(eval, ["1", "sum(1 for _ in iter(int, 1))"], 1, Limits(seconds=1)))


@pytest.fixture(params=["ignored", "blocked"])
def deaf_to_alarms(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start workers as somebody does who ignores or blocks the signal that ends an item."""
    if request.param == "ignored":
        before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
        yield
        signal.signal(signal.SIGALRM, before)
    else:
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        yield
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def test_an_item_over_its_time_ends_whatever_the_parent_does_with_the_signal(deaf_to_alarms: None) -> None:
    with pytest.raises(BonepickError, match="took more than 1 s"):
        list(ordered_map(eval, ["sum(1 for _ in iter(int, 1))"], 1, Limits(seconds=1)))


def test_a_lower_limit_on_memory_that_is_set_already_stays() -> None:
    limit = "__import__('resource').getrlimit(__import__('resource').RLIMIT_AS)[0]"
    assert list(ordered_map(eval, [limit], 1, Limits(memory=1 << 40))) == [1 << 40]
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 39, before[1]))
    try:
        assert list(ordered_map(eval, [limit], 1, Limits(memory=1 << 40))) == [1 << 39]
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_map_may_feed_another() -> None:
    """The inner one ends first: it must not take the outer one's workers with it."""
    inner = ordered_map(str, range(8), 2)
    assert list(ordered_map(int, inner, 2)) == list(range(8))


PATIENT = Limits(seconds=60, memory=None)


def outcomes(
    items: list[str], workers: int, limits: Limits = PATIENT, tries: int = 3
) -> dict[str, Outcome[str, object]]:
    return {outcome.item: outcome for outcome in each_outcome(eval, items, workers, limits, tries)}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_whose_process_dies_is_named_and_the_others_go_on(workers: int) -> None:
    crash = "__import__('os').kill(__import__('os').getpid(), 11)"
    ended = outcomes(["1", crash, "2", "3", "4"], workers)
    assert {item: outcome.result for item, outcome in ended.items() if not outcome.fault} == {
        "1": 1,
        "2": 2,
        "3": 3,
        "4": 4,
    }
    assert str(ended[crash].fault).startswith("a worker process died by signal 11")
    wait_for_workers()


def test_an_item_is_tried_again_where_a_process_dies(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    item = f"(f := open({str(tries)!r}, 'a')).write('x'), f.close(), __import__('os').stat(f.name).st_size < 3 and "
    item += "__import__('os')._exit(1), 'done'"
    assert outcomes([item], 1)[item].result == (1, None, False, "done")
    tries.unlink()
    assert outcomes([item], 1, tries=2)[item].fault
    assert tries.read_text() == "xx"


def test_a_fault_that_the_function_raises_is_final(tmp_path: Path) -> None:
    (outcome,) = each_outcome(canonical_label, [None], 1, PATIENT, 3)
    assert str(outcome.fault).startswith("label is None, wanted a string")


def test_a_process_that_hangs_is_ended_unless_it_says_that_it_works() -> None:
    hangs = "__import__('time').sleep(60)"
    works = "[(__import__('time').sleep(0.3), __import__('bonepick.core.children').core.children.still_at_work())"
    works += " for _ in range(5)] and 'done'"
    ended = outcomes([hangs, works], 2, Limits(seconds=1, memory=None), tries=1)
    assert str(ended[hangs].fault) == "a worker process was ended: it hung for more than 1 s"
    assert ended[works].result == "done"
