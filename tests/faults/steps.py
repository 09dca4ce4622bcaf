"""A program for the tests: it writes an output, disturbed before each of its steps on files in turn.

    python steps.py killed FOLDER [older]     it is killed before the step; then there is one more run
    python steps.py joined FOLDER [older]     before the step, another run to the same target does all of its own

Prints one JSON object for each step. A step is one of Python's audit events on files, so that none is left out, and
none is hit by chance only. Each run is a process of its own, forked. With `older` the target holds a result already
and is overwritten.
"""

import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.data.line_writer import LineWriter

EVENTS = ("open", "fcntl.flock", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir")
BLOCKED = 0.3  # seconds that a run waits for the other one, which may itself wait for the first


def main(disturbed: Callable[[Path, bool, int], dict[str, Any] | None], folder: Path, *older: str) -> None:
    for number in count(1):
        shutil.rmtree(folder / "at", ignore_errors=True)
        (folder / "at").mkdir()
        if older:
            with atomic_directory(folder / "at" / "out", "dataset") as out:
                for name in ("rows", "stale"):
                    (out / name).write_text("older\n")
        found = disturbed(folder / "at" / "out", bool(older), number)
        if found is None:
            return  # there is no such step any more
        print(json.dumps({"before": (folder / "step").read_text(), **found}), flush=True)


def killed(target: Path, overwrite: bool, number: int) -> dict[str, Any] | None:
    status, _ = forked(lambda: at_step(target, number, lambda: os.kill(os.getpid(), signal.SIGKILL), overwrite))()
    if not status:
        return None
    left, found = names(target.parent), tree(target)
    _, then = forked(lambda: written(target, "new", overwrite or target.exists()))()
    return {"left": left, "found": found, "then": then, "left then": names(target.parent), "found then": tree(target)}


def joined(target: Path, overwrite: bool, number: int) -> dict[str, Any] | None:
    (go, say_go), (done, say_done) = os.pipe(), os.pipe()

    def other() -> str:
        os.close(say_go)
        if not os.read(go, 1):
            return "not asked"
        result = written(target, "other", overwrite)
        os.write(say_done, b".")
        return result

    def let_go() -> None:
        os.write(say_go, b".")
        select.select([done], [], [], BLOCKED)

    # forked before the first run opens anything: what that one has locked is not to be the other's too
    wait_for_other = forked(other)
    wait_for_first = forked(lambda: at_step(target, number, let_go, overwrite))
    for end in (go, say_go, done, say_done):
        os.close(end)
    said = [wait_for_first()[1], wait_for_other()[1]]
    if said[1] == "not asked":
        return None
    return {"said": said, "left": names(target.parent), "found": tree(target)}


def forked(body: Callable[[], str]) -> Callable[[], tuple[int, str]]:
    """Run `body` in a process; return the function that waits for its status and for what it returned."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(writer, body().encode())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)

    def wait() -> tuple[int, str]:
        with os.fdopen(reader) as said:
            text = said.read()
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text

    return wait


def at_step(target: Path, number: int, act: Callable[[], None], overwrite: bool) -> str:
    """Write the output; call `act` before the step of that number."""
    folder, seen = str(target.parent), 0

    def hook(event: str, values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in EVENTS and (event != "open" or str(values[0]).startswith(folder)):
            seen += 1
            if seen == number:
                step = f"{event} {' '.join(str(value).removeprefix(folder) for value in values[:2])}"
                (target.parents[1] / "step").write_text(step)
                act()

    sys.addaudithook(hook)
    return written(target, "new", overwrite)


def written(target: Path, content: str, overwrite: bool) -> str:
    """Write an output and say how that went."""
    try:
        with atomic_directory(target, "dataset", overwrite) as folder:
            (folder / "rows").write_text(f"{content}\n")
            with LineWriter(folder / "deep" / "rows") as writer:
                writer.write([content.encode()])
    except BonepickError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def tree(folder: Path) -> dict[str, str] | None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in files} if folder.exists() else None


if __name__ == "__main__":
    main({"killed": killed, "joined": joined}[sys.argv[1]], Path(sys.argv[2]), *sys.argv[3:])
