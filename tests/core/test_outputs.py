"""Outputs appear whole or not at all, and a killed run leaves nothing that a later one stumbles over."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import whole_directory

DIRECTORY = """
import sys, time
from pathlib import Path
from bonepick.core.outputs import whole_directory
with whole_directory(Path(sys.argv[1])) as partial:
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


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_directory_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "out"
    with whole_directory(target) as partial:
        (partial / "deep").mkdir()
        (partial / "deep" / "rows").write_text("1")
        assert not target.exists()
        assert partial.parent == target.parent, "a rename across file systems would not be atomic"
    assert (target / "deep" / "rows").read_text() == "1"
    assert names(target.parent) == ["out"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path: Path, fault: type[BaseException]) -> None:
    with pytest.raises(fault), whole_directory(tmp_path / "out") as partial:
        (partial / "rows").write_text("half")
        raise fault
    assert names(tmp_path) == []


def test_a_failed_overwrite_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "rows").write_text("old")
    with pytest.raises(ValueError), whole_directory(tmp_path / "out", overwrite=True) as partial:
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
    with pytest.raises(BonepickError, match=r"exists and is not empty.*--overwrite"), whole_directory(target):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_may_be_the_target(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with whole_directory(tmp_path / "out") as partial:
        (partial / "rows").write_text("1")
    assert names(tmp_path / "out") == ["rows"]


def test_a_target_that_fills_up_meanwhile_is_refused_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(BonepickError, match="exists and is not empty"), whole_directory(target):
        target.mkdir()
        (target / "somebody").write_text("else's")
    assert names(tmp_path) == ["out"]
    assert names(target) == ["somebody"]


def test_overwrite_replaces_a_folder_and_all_that_was_in_it(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "stale").write_text("old")
    with whole_directory(target, overwrite=True) as partial:
        (partial / "rows").write_text("new")
        assert names(target) == ["stale"]
    assert names(target) == ["rows"]
    assert names(tmp_path) == ["out"]


def test_overwrite_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    with whole_directory(tmp_path / "out", overwrite=True) as partial:
        (partial / "rows").write_text("new")
    assert names(tmp_path / "out") == ["rows"]


def test_overwrite_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "rows").write_text("old")
    (tmp_path / "out").symlink_to(precious)
    with whole_directory(tmp_path / "out", overwrite=True) as partial:
        (partial / "rows").write_text("new")
    assert (precious / "rows").read_text() == "old"
    assert not (tmp_path / "out").is_symlink()
    assert (tmp_path / "out" / "rows").read_text() == "new"


def test_modes_are_the_usual_ones_whatever_the_writer_gave(tmp_path: Path, umask: None) -> None:
    with whole_directory(tmp_path / "out") as partial:
        (partial / "private").mkdir(mode=0o700)
        (partial / "private" / "weights").write_text("1")
        (partial / "private" / "weights").chmod(0o600)
        (partial / "open").write_text("1")
        (partial / "open").chmod(0o777)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [tmp_path / "out", *(tmp_path / "out").rglob("*")]}
    assert modes == {"out": 0o750, "private": 0o750, "weights": 0o640, "open": 0o640}


def test_a_killed_run_leaves_nothing_under_the_final_name_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "out"
    killed_while_writing(DIRECTORY, target)
    assert not target.exists()
    (left,) = names(tmp_path)
    assert left.startswith("."), "no walk over datasets may take it for one"
    with whole_directory(target) as partial:
        (partial / "rows").write_text("whole")
    assert names(tmp_path) == ["out"]
    assert (target / "rows").read_text() == "whole"


def test_what_a_killed_run_left_is_found_whatever_the_name_of_the_target(tmp_path: Path) -> None:
    target = tmp_path / "out[1]*"
    (tmp_path / ".out[1]*.partial-dead").mkdir()
    with whole_directory(target):
        pass
    assert names(tmp_path) == ["out[1]*"]


def test_the_partial_folder_of_a_living_run_and_of_other_targets_stay(tmp_path: Path) -> None:
    (tmp_path / ".other.partial-dead").mkdir()
    with whole_directory(tmp_path / "out", overwrite=True) as first:
        (first / "rows").write_text("first")
        with whole_directory(tmp_path / "out", overwrite=True) as second:
            (second / "rows").write_text("second")
        assert (first / "rows").read_text() == "first"
    assert (tmp_path / "out" / "rows").read_text() == "first", "who ends last wins, whole"
    assert names(tmp_path) == [".other.partial-dead", "out"]


def test_the_current_folder_may_be_the_target_where_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with whole_directory(Path()) as partial:
        (partial / "rows").write_text("1")
    assert names(tmp_path) == ["rows"]
