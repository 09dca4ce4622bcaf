"""SIGKILL at any moment: under the final name there is nothing or a whole result, and the next run mends the rest."""

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.running import End, Running, names, with_marker, write_rows

Start, Run, Tree = Callable[..., Running], Callable[..., End], Callable[[Path], dict[str, bytes]]

WRITING = """
import random, sys
from pathlib import Path
from bonepick.core.outputs import atomic_directory
from bonepick.data.line_writer import LineWriter
lines = [random.Random(number).randbytes(60).hex().encode() for number in range(2_000)]
print("ready", flush=True)
with atomic_directory(Path(sys.argv[1]), "dataset", overwrite=True) as folder:
    for name in ("train/0.jsonl.zst", "train/1.jsonl", "test/0.jsonl.zst"):
        with LineWriter(folder / name) as writer:
            for _ in range(15):
                writer.write(lines)
"""


def moments(count: int, seconds: float) -> list[float]:
    """Random moments, one in each part of that time, so that some certainly are early and some late."""
    rng = random.Random(count)
    return [seconds * (part + rng.random()) / count for part in range(count)]


def kill_after(process: "subprocess.Popen[str]", seconds: float) -> None:
    """SIGKILL at that moment, or not at all where the process has ended by then."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.mark.parametrize(("older", "kills"), [(False, 20), (True, 8)], ids=["no result before", "a result before"])
def test_a_killed_command(tmp_path: Path, start: Start, bonepick: Run, tree: Tree, older: bool, kills: int) -> None:
    write_rows(tmp_path / "rows", 2_500)
    words = ["normalize-dataset", "-n", "potion", "--overwrite", "-i", tmp_path / "rows", "-o"]
    began = time.monotonic()
    assert start(*words, tmp_path / "whole" / "out", "-p", 2).ended().code == 0
    seconds = time.monotonic() - began
    allowed = [whole := tree(tmp_path / "whole" / "out")]
    if older:
        write_rows(tmp_path / "few", 5)
        assert bonepick("normalize-dataset", "-i", tmp_path / "few", "-o", tmp_path / "older").code == 0
        allowed.append(tree(tmp_path / "older"))
    landed = 0
    # of a machine that is busy now and then, the first run says little about the others
    for scale in (1.0, 0.7, 1.4, 0.5):
        for moment in moments(kills, scale * seconds):
            folder = tmp_path / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            if older:
                shutil.copytree(tmp_path / "older", folder / "out")
            running = start(*words, folder / "out", "-p", 2)
            kill_after(running.process, moment)
            running.gone()  # workers too, by themselves: only their parent was killed
            left = names(folder) if folder.exists() else []
            if older or "out" in left:
                assert tree(folder / "out") in allowed, f"killed after {moment} s"
            landed += any(name.startswith(".out.partial-") for name in left)
            assert bonepick(*words, folder / "out").code == 0
            assert tree(folder / "out") == whole
            assert names(folder) == ["out"]
        if landed:
            break
    assert landed, "no kill came while something was being written: nothing was tested"


def test_a_killed_writer(tmp_path: Path, start: Start, tree: Tree) -> None:
    def run(target: Path) -> Running:
        running = start(target, python=("-c", WRITING))
        assert running.process.stdout is not None
        assert running.process.stdout.readline() == "ready\n"
        return running

    running, began = run(tmp_path / "whole"), time.monotonic()
    assert running.ended().code == 0
    seconds, whole = time.monotonic() - began, tree(tmp_path / "whole")
    landed = 0
    for number, moment in enumerate(moments(20, seconds)):
        folder = tmp_path / str(number)
        running = run(folder / "out")
        kill_after(running.process, moment)
        running.gone()
        left = names(folder) if folder.exists() else []
        assert "out" not in left or tree(folder / "out") == whole, f"killed after {moment} s"
        landed += any(name.startswith(".out.partial-") for name in left)
        assert run(folder / "out").ended().code == 0
        assert (names(folder), tree(folder / "out")) == (["out"], whole)
    assert landed, "no kill came while something was being written: nothing was tested"


@pytest.mark.parametrize("older", [False, True], ids=["no result before", "a result before"])
def test_a_writer_that_is_killed_before_each_of_its_steps(tmp_path: Path, start: Start, older: bool) -> None:
    """A random moment hardly ever falls between two renames; here one kill does."""
    ended = start("killed", tmp_path, *["older"] * older, python=("-m", "tests.faults.steps")).ended()
    assert ended.code == 0, ended.err
    kills = [json.loads(line) for line in ended.out.splitlines()]
    assert len(kills) > 10, "the program sees its steps"
    new = with_marker({"rows": "new\n", "deep/rows": "new\n"})
    before = with_marker({"rows": "older\n", "stale": "older\n"}) if older else None
    lost = [kill["before"] for kill in kills if kill["found"] not in (before, new)]
    assert not lost, "neither the result from before nor the new one is there when killed before these steps"
    assert kills[-1]["found"] == new, "the last step comes when the result is there"
    for kill in kills:
        assert all(name == "out" or name.startswith(".out.partial-") for name in kill["left"])
        assert (kill["then"], kill["found then"], kill["left then"]) == ("done", new, ["out"]), kill["before"]
