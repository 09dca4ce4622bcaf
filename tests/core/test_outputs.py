"""Outputs appear whole or not at all, and a killed run leaves nothing that a later one stumbles over."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bonepick.core import mounts, outputs
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory, link_tree
from bonepick.core.replacing import MARKER, Kind

DIRECTORY = """
import sys, time
from pathlib import Path
from bonepick.core.outputs import atomic_directory
with atomic_directory(Path(sys.argv[1]), "dataset") as partial:
    (partial / "rows").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


def killed_while_writing(script: str, target: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(signal.SIGKILL)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(target: Path, kind: Kind, content: str, overwrite: bool = False) -> None:
    with atomic_directory(target, kind, overwrite) as partial:
        (partial / "rows").write_text(content)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_directory_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "out"
    with atomic_directory(target, "dataset") as partial:
        (partial / "deep").mkdir()
        (partial / "deep" / "rows").write_text("1")
        assert not target.exists()
        assert partial.parent == target.parent, "a rename across file systems would not be atomic"
    assert (target / "deep" / "rows").read_text() == "1"
    assert names(target.parent) == ["out"]


@pytest.mark.parametrize("told", ["as a device of its own", "by the system's table"])
def test_a_mount_point_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """No folder can be renamed to it: as a container's volume, which is empty, it would fail when all is done."""
    target = tmp_path / "my out"
    target.mkdir()
    if told == "as a device of its own":
        monkeypatch.setattr("os.path.ismount", lambda path: path == target)
    else:
        line = f"36 35 98:0 / {tmp_path}/my\\040out rw shared:1 - ext4 /dev/sda1 rw\n"
        (tmp_path / "mounts").write_text(line)
        monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mounts")
    with (
        pytest.raises(BonepickError, match=r"out is a mount point, .*: choose a folder in it"),
        atomic_directory(target, "dataset"),
    ):
        pytest.fail("the work began")
    with atomic_directory(target / "inside", "dataset"):
        pass
    assert names(target) == ["inside"]


def test_a_marker_says_what_was_written(tmp_path: Path) -> None:
    with atomic_directory(tmp_path / "out", "topics") as partial:
        (partial / "deep").mkdir()
        (partial / "deep" / "rows").write_text("12")
        (partial / "a").write_text("")
    assert (tmp_path / "out" / MARKER).read_text() == (
        '{\n  "files": {\n    "a": 0,\n    "deep/rows": 2\n  },\n  "format": 1,\n  "kind": "topics"\n}\n'
    )


def test_a_linked_tree_leaves_the_marker_behind(tmp_path: Path) -> None:
    write(tmp_path / "one", "dataset", "1")
    before = (tmp_path / "one" / MARKER).read_bytes()
    with atomic_directory(tmp_path / "two", "model") as partial:
        link_tree(tmp_path / "one", partial)
        assert names(partial) == ["rows"]
    assert (tmp_path / "one" / "rows").samefile(tmp_path / "two" / "rows")
    assert (tmp_path / "one" / MARKER).read_bytes() == before


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path: Path, fault: type[BaseException]) -> None:
    with pytest.raises(fault), atomic_directory(tmp_path / "out", "dataset") as partial:
        (partial / "rows").write_text("half")
        raise fault
    assert names(tmp_path) == []


def test_a_failed_overwrite_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "out", "dataset", "old")
    with pytest.raises(ValueError), atomic_directory(tmp_path / "out", "dataset", overwrite=True) as partial:
        (partial / "rows").write_text("new")
        raise ValueError
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "rows").read_text() == "old"


@pytest.mark.parametrize("occupant", ["folder", "file"])
def test_an_occupied_target_is_refused_before_any_work(tmp_path: Path, occupant: str) -> None:
    target = tmp_path / "out"
    if occupant == "folder":
        target.mkdir()
        (target / "rows").write_text("old")
    else:
        target.write_text("old")
    with (
        pytest.raises(BonepickError, match=r"exists and is not empty: choose another output$"),
        atomic_directory(target, "dataset"),
    ):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_may_be_the_target(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with atomic_directory(tmp_path / "out", "dataset") as partial:
        (partial / "rows").write_text("1")
    assert names(tmp_path / "out") == [MARKER, "rows"]


def test_a_target_that_fills_up_meanwhile_is_refused_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(BonepickError, match="exists and is not empty"), atomic_directory(target, "dataset"):
        target.mkdir()
        (target / "somebody").write_text("else's")
    assert names(tmp_path) == ["out"]
    assert names(target) == ["somebody"]


def test_overwrite_replaces_an_output_and_all_that_was_in_it(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with atomic_directory(target, "dataset") as partial:
        (partial / "stale").write_text("old")
    with atomic_directory(target, "dataset", overwrite=True) as partial:
        (partial / "rows").write_text("new")
        assert names(target) == [MARKER, "stale"]
    assert names(target) == [MARKER, "rows"]
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("added", ["somebody's", "rows"])
def test_what_is_added_while_an_output_is_replaced_is_kept(tmp_path: Path, added: str) -> None:
    write(tmp_path / "out", "dataset", "old")
    with (
        pytest.raises(BonepickError, match=f"{added}.*, not written by bonepick or changed since, which is kept"),
        atomic_directory(tmp_path / "out", "dataset", overwrite=True) as partial,
    ):
        (partial / "rows").write_text("new")
        (tmp_path / "out" / added).write_text("precious")
    assert (tmp_path / "out" / added).read_text() == "precious"
    assert names(tmp_path) == ["out"]


def test_modes_are_the_usual_ones_whatever_the_writer_gave(tmp_path: Path, umask: None) -> None:
    with atomic_directory(tmp_path / "out", "dataset") as partial:
        (partial / "private").mkdir(mode=0o700)
        (partial / "private" / "weights").write_text("1")
        (partial / "private" / "weights").chmod(0o600)
        (partial / "open").write_text("1")
        (partial / "open").chmod(0o777)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [tmp_path / "out", *(tmp_path / "out").rglob("*")]}
    assert modes.pop(MARKER) == 0o640
    assert modes == {"out": 0o750, "private": 0o750, "weights": 0o640, "open": 0o640}


def test_a_killed_run_leaves_nothing_under_the_final_name_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "out"
    killed_while_writing(DIRECTORY, target)
    assert not target.exists()
    (left,) = names(tmp_path)
    assert left.startswith("."), "no walk over datasets may take it for one"
    with atomic_directory(target, "dataset") as partial:
        (partial / "rows").write_text("whole")
    assert names(tmp_path) == ["out"]
    assert (target / "rows").read_text() == "whole"


def test_what_a_killed_run_left_is_found_whatever_the_name_of_the_target(tmp_path: Path) -> None:
    target = tmp_path / "out[1]*"
    (tmp_path / ".out[1]*.partial-dead").mkdir()
    with atomic_directory(target, "dataset"):
        pass
    assert names(tmp_path) == ["out[1]*"]


def test_the_partial_folder_of_a_living_run_and_of_other_targets_stay(tmp_path: Path) -> None:
    (tmp_path / ".other.partial-dead").mkdir()
    with atomic_directory(tmp_path / "out", "dataset", overwrite=True) as first:
        (first / "rows").write_text("first")
        with atomic_directory(tmp_path / "out", "dataset", overwrite=True) as second:
            (second / "rows").write_text("second")
        assert (first / "rows").read_text() == "first"
    assert (tmp_path / "out" / "rows").read_text() == "first", "who ends last wins, whole"
    assert names(tmp_path) == [".other.partial-dead", "out"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_lock_that_is_kept_is_spoken_of_and_then_a_fault(
    tmp_path: Path, notes: list[str], monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setattr(outputs, "SILENCE", 0.01)
    monkeypatch.setattr(outputs, "PATIENCE", 0.1 if kept else 60)
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    release = threading.Timer(0.3, fcntl.flock, (folder, fcntl.LOCK_UN))
    release.start()
    ours = f"{tmp_path}, which is locked by process {os.getpid()}"
    if kept:
        with pytest.raises(BonepickError, match="is locked by process"), atomic_directory(tmp_path / "out", "dataset"):
            pass
    else:
        with atomic_directory(tmp_path / "out", "dataset"):
            pass
    release.join()
    os.close(folder)
    assert notes == [f"waiting for {ours}"]
    assert (tmp_path / "out").exists() is not kept
