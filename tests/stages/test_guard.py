"""The guard refuses a block's result where code that it ran, or params that it read, were edited meanwhile."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bonepick.core import params_file
from bonepick.core.errors import BonepickError
from bonepick.core.params_file import read_node
from stages.running.guard import unedited

MODULES = ("bonepick/early.py", "bonepick/room/late.py", "stages/script.py")
Load = Callable[[str], None]


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy with modules that nobody has imported, and params that nobody has read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(params_file, "values_read", {})
    (tmp_path / "params.yaml").write_text("train: {seed: 42, epochs: 3}\nlabels: [a, b]\n")
    for name in MODULES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("value = 1\n")
    return tmp_path


@pytest.fixture
def load(top: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Import a module of the working copy, until the test ends."""

    def load_module(name: str) -> None:
        spec = importlib.util.spec_from_file_location(f"guarded.{name}", top / name)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)

    return load_module


def refused(what: str) -> "pytest.RaisesExc[BonepickError]":
    return pytest.raises(BonepickError, match=rf"^{re.escape(what)} was edited while the stage ran, .*: run it again$")


@pytest.mark.parametrize("name", MODULES)
def test_an_edit_of_an_imported_module_is_refused(top: Path, load: Load, name: str) -> None:
    load(name)
    with refused(name), unedited(top):
        (top / name).write_text("value = 2\n")


def test_an_edit_between_start_and_a_late_import_is_refused(top: Path, load: Load) -> None:
    with refused("bonepick/room/late.py"), unedited(top):
        (top / "bonepick/room/late.py").write_text("value = 2\n")
        load("bonepick/room/late.py")


def test_an_imported_module_that_is_removed_is_refused(top: Path, load: Load) -> None:
    load("bonepick/early.py")
    with refused("bonepick/early.py"), unedited(top):
        (top / "bonepick/early.py").unlink()


def test_an_edit_of_a_module_that_is_not_imported_is_none_of_its_business(top: Path, load: Load) -> None:
    load("bonepick/early.py")
    with unedited(top):
        (top / "bonepick/room/late.py").write_text("value = 2\n")
        (top / "bonepick/new.py").write_text("value = 3\n")


def test_the_same_content_again_is_no_edit(top: Path, load: Load) -> None:
    load("bonepick/early.py")
    with unedited(top):
        (top / "bonepick/early.py").unlink()
        (top / "bonepick/early.py").write_text("value = 1\n")


def test_an_edit_before_the_start_is_no_edit(top: Path) -> None:
    (top / "bonepick/early.py").write_text("value = 2\n")
    with unedited(top):
        pass


@pytest.mark.parametrize(
    ("read", "edited"),
    [
        ("train.seed", "train: {seed: 43, epochs: 3}\nlabels: [a, b]\n"),
        ("train", "train: {seed: 42, epochs: 4}\nlabels: [a, b]\n"),
        ("labels", "train: {seed: 42, epochs: 3}\nlabels: [b, a]\n"),
        ("labels", "train: {seed: 42, epochs: 3}\n"),
        ("labels", "labels: [a, b"),
    ],
    ids=["leaf", "node", "order", "removed", "broken"],
)
def test_an_edit_of_a_param_that_was_read_is_refused(top: Path, read: str, edited: str) -> None:
    with refused(f"{read} in params.yaml"), unedited(top):
        read_node(read)
        (top / "params.yaml").write_text(edited)


def test_an_edit_of_other_params_and_of_the_layout_is_none_of_its_business(top: Path) -> None:
    with unedited(top):
        read_node("train.seed")
        (top / "params.yaml").write_text("labels: [c]\n\ntrain:\n  epochs: 5\n  seed: 42  # as before\n")


def test_params_that_were_read_before_the_block_are_none_of_its_business(top: Path) -> None:
    read_node("train.seed")
    with unedited(top):
        (top / "params.yaml").write_text("train: {seed: 43}\n")


def test_a_fault_of_the_block_comes_first(top: Path, load: Load) -> None:
    load("bonepick/early.py")
    with pytest.raises(BonepickError, match=r"^bad row$"), unedited(top):
        (top / "bonepick/early.py").write_text("value = 2\n")
        raise BonepickError("bad row")
