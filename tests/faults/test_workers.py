"""Workers that end in the middle of handing over a result, or of their work: the run ends too, with one clear line."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.running import Running, fault, names, write_rows

Start = Callable[..., Running]

# the main thread keeps Python's lock to itself while the second worker answers: nobody takes that long answer
MIDDLE = """
import os, signal, sys, time
from pathlib import Path
from bonepick.core.errors import BonepickError
from bonepick.core.parallel import ordered_map

if __name__ == "__main__":
    begun, what = Path(sys.argv[1]), sys.argv[2]
    worker_says = f"open({str(begun)!r}, 'w').write(str(__import__('os').getpid()))"
    results = ordered_map(eval, ["1", f"{worker_says} and (__import__('time').sleep(0.5) or bytes(1 << 24))"], 2)
    assert next(results) == 1
    while not (begun.exists() and begun.read_text()):
        time.sleep(0.001)
    sys.setswitchinterval(1000)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        pass
    if what == "a worker is killed":
        os.kill(int(begun.read_text()), signal.SIGKILL)
        try:
            next(results)
        except BonepickError as error:
            print(error)
    else:
        results.close()
        print("ended")
"""


@pytest.mark.parametrize("what", ["a worker is killed", "the rest is not wanted"])
def test_in_the_middle_of_a_result(tmp_path: Path, start: Start, what: str) -> None:
    """What the second worker has not handed over yet never comes: nobody may wait for it."""
    (tmp_path / "script.py").write_text(MIDDLE)
    running = start(tmp_path / "begun", what, python=(str(tmp_path / "script.py"),))
    ended = running.ended()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("a worker process died" if what == "a worker is killed" else "ended")
    running.gone()


def test_a_bad_row_among_many(tmp_path: Path, start: Start) -> None:
    """Other workers are busy, or hand over results, when one finds it."""
    rows = write_rows(tmp_path / "rows", 8_000)
    with (rows / "train" / "1.jsonl").open("ab") as shard:
        shard.write(b"{\n")
    for number in range(3):
        target = tmp_path / str(number) / "out"
        running = start("reshard-dataset", "-i", rows, "-o", target, "--shards", 2, "-p", 3)
        assert "train/1.jsonl:8001: not valid JSON" in fault(running.ended())
        running.gone()
        assert names(target.parent) == []


def test_workers_of_a_command_are_killed(tmp_path: Path, start: Start) -> None:
    rows = write_rows(tmp_path / "rows", 100)
    words = ["transform-dataset", "-i", rows, "-o", tmp_path / "made" / "out", "-p", 2]
    running = start(*words, "-k", "{n: last(range(1e12))}")
    running.until(lambda: len(running.workers()) == 2)
    for pid in running.workers():  # both: the rows of the other may come first, and are never done
        os.kill(pid, signal.SIGKILL)
    assert "a worker process was ended" in fault(running.ended())
    running.gone()
    assert names(tmp_path / "made") == []
