"""What was found right is checked again once anything changed that the check depends on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stages.running.checked import RECORD, found_right, record, state


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository that was found right, as long as a file is there."""
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "bonepick/room/module.py", "stages/script.py", "inputs/a.vec", ".dvc/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("seed: 1\n")
    record(state(), ["inputs/a.vec"])
    return tmp_path


def test_it_is_found_right_while_nothing_changes(copy: Path) -> None:
    assert found_right()
    (copy / "README.md").write_text("no code")
    assert found_right()


@pytest.mark.parametrize(
    "change",
    [
        lambda copy: (copy / "params.yaml").write_text("seed: 2\n"),
        lambda copy: (copy / "params.yaml").unlink(),
        lambda copy: (copy / "bonepick/room/module.py").write_text("seed: 2\n"),
        lambda copy: (copy / "stages/script.py").rename(copy / "stages/other.py"),
        lambda copy: (copy / "bonepick/kind.py").touch(),
        lambda copy: (copy / "inputs/a.vec").unlink(),
        lambda copy: RECORD.unlink(),
        lambda copy: RECORD.write_bytes(b"\xff"),
        lambda copy: RECORD.write_text(""),
    ],
)
def test_it_is_not_after_a_change(copy: Path, change: Callable[[Path], object]) -> None:
    change(copy)
    assert not found_right()


def test_where_nothing_can_be_recorded_it_is_not(copy: Path) -> None:
    RECORD.unlink()
    RECORD.parent.rmdir()
    RECORD.parent.touch()
    record(state(), [])
    assert not found_right()
