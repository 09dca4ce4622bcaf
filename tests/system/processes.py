"""What DVC's queue leaves running: a worker idles for ever once its thread that looks for an empty queue has died."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 240  # seconds after which what should end is taken to hang


def processes_in(folder: Path) -> list[int]:
    """Whatever runs there: DVC's workers, experiments in their copies, stages."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
    return found


def kill_processes_in(folder: Path) -> None:
    for number in processes_in(folder):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def wait_until_nothing_runs_in(folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while left := processes_in(folder):
        assert time.monotonic() < end, left
        time.sleep(0.2)
