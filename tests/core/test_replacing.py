"""What an output may replace: what this project wrote there and nobody touched; all else is named and kept."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.replacing import MARKER, Kind, Marker, local_paths, refuse_occupied

Tree = Callable[[Path], dict[str, bytes]]
NAMES = st.sampled_from(["a", "b", "deep/a", "deep/er/c", ".hidden", "strange \n name"])


def output(target: Path, kind: Kind = "dataset", files: tuple[str, ...] = ("rows", "deep/rows")) -> Path:
    with atomic_directory(target, kind) as folder:
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("old")
    return target


def refusal(target: Path, overwrite: bool = True, inputs: tuple[Path, ...] = ()) -> str:
    """Return why an output is refused, before any work."""
    with pytest.raises(BonepickError) as refused, atomic_directory(target, "dataset", overwrite, inputs):
        pytest.fail("the block must not run")
    assert refused.value.exit_code == 1
    return str(refused.value)


@given(written=st.dictionaries(NAMES, st.binary(max_size=3)), there=st.dictionaries(NAMES, st.binary(max_size=3)))
def test_only_listed_files_of_the_listed_size_are_replaced(
    tmp_path_factory: pytest.TempPathFactory, written: dict[str, bytes], there: dict[str, bytes]
) -> None:
    target = tmp_path_factory.mktemp("out")
    for name, data in there.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    Marker("dataset", {name: len(data) for name, data in written.items()}).save(target)
    strangers = sorted(name for name, data in there.items() if len(written.get(name, b"1234")) != len(data))
    if strangers:
        with pytest.raises(BonepickError, match="not written by bonepick or changed since, which is kept") as refused:
            refuse_occupied(target, "dataset", overwrite=True)
        named = str(refused.value)
        assert sum(repr(name) in named for name in strangers) == min(len(strangers), 3)
        assert "\n" not in named
    else:
        refuse_occupied(target, "dataset", overwrite=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "holds 'deep', 'rows', not written by bonepick, which is kept"),
        ("", "holds a .bonepick.json that this version does not read, and is kept"),
        ("[1]", "does not read"),
        ('{"format": 2, "kind": "dataset", "files": {"rows": 3, "deep/rows": 3}}', "does not read"),
        ('{"format": 1, "kind": "novel", "files": {"rows": 3, "deep/rows": 3}}', "does not read"),
        ('{"format": 1, "kind": "dataset"}', "does not read"),
        ('{"format": 1, "kind": "dataset", "files": ["rows"]}', "does not read"),
        (
            '{"format": 1, "kind": "model", "files": {"rows": 3, "deep/rows": 3}}',
            "another kind (model, wanted dataset)",
        ),
        ('{"format": 1, "kind": "dataset", "files": {"rows": 3}}', "holds 'deep/rows', not written"),
        ('{"format": 1, "kind": "dataset", "files": {"rows": 4, "deep/rows": 3}}', "holds 'rows', not written"),
    ],
)
def test_what_has_another_marker_is_kept(tmp_path: Path, tree: Tree, content: str | None, said: str) -> None:
    target = output(tmp_path / "out")
    (target / MARKER).unlink()
    if content is not None:
        (target / MARKER).write_text(content)
    before = tree(target)
    found = refusal(target)
    assert found.startswith(f"{target} ")
    assert said in found
    assert found.endswith("kept: choose another output, or remove it yourself")
    assert refusal(target, overwrite=False) == f"{target} exists and is not empty: choose another output"
    assert tree(target) == before


def test_overwrite_is_suggested_where_it_helps(tmp_path: Path) -> None:
    said = refusal(output(tmp_path / "out"), overwrite=False)
    assert said == f"{tmp_path / 'out'} exists and is not empty: choose another output or pass --overwrite"


def test_files_that_are_gone_are_no_reason(tmp_path: Path) -> None:
    target = output(tmp_path / "out")
    (target / "deep" / "rows").unlink()
    with atomic_directory(target, "dataset", overwrite=True):
        pass
    assert [path.name for path in target.iterdir()] == [MARKER]


def test_three_strangers_are_named_and_the_others_counted(tmp_path: Path) -> None:
    target = output(tmp_path / "out")
    for number in range(1005):
        (target / f"{number:04}.txt").write_text("precious")
    assert "holds '0000.txt', '0001.txt', '0002.txt' and 1,002 more, not written" in refusal(target)


@pytest.mark.parametrize("name", ["link to a file", "link to a folder", "link to nothing", "pipe"])
def test_links_and_pipes_are_somebodys_too(tmp_path: Path, name: str) -> None:
    target = output(tmp_path / "out")
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    if name == "pipe":
        os.mkfifo(target / name)
    else:
        (target / name).symlink_to(tmp_path / name.split()[-1])
    assert f"holds '{name}', not written" in refusal(target)


def test_names_that_are_not_unicode_are_listed(tmp_path: Path) -> None:
    name = b"\xff".decode(errors="surrogateescape")
    target = output(tmp_path / "out", files=(name,))
    assert json.loads((target / MARKER).read_text())["files"] == {"\\xff": 3}
    with atomic_directory(target, "dataset", overwrite=True):
        pass
    assert not (target / name).exists()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", ["file", "link to a file", "link to nothing"])
def test_what_is_no_folder_is_never_replaced(tmp_path: Path, kind: str, overwrite: bool) -> None:
    (tmp_path / "file").write_text("precious")
    target = tmp_path / kind
    if kind != "file":
        target.symlink_to(tmp_path / kind.split()[-1])
    said = refusal(target, overwrite)
    assert said.startswith(str(target))
    assert ("is no folder and is kept" in said) == overwrite
    assert "--overwrite" not in said
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize("holds", ["rows of ours", "rows of somebody", "nothing"])
def test_a_link_to_a_folder_is_kept_with_what_it_points_to(tmp_path: Path, holds: str) -> None:
    """It says where outputs are to lie, on a larger disk for example: to replace it would put them elsewhere."""
    there = output(tmp_path / "there") if holds == "rows of ours" else tmp_path / "there"
    there.mkdir(exist_ok=True)
    if holds == "rows of somebody":
        (there / "rows").write_text("old")
    before = {path: path.read_bytes() for path in there.rglob("*") if path.is_file()}
    (tmp_path / "out").symlink_to(there)
    assert f"out is a link to {there.resolve()} and is kept: choose another output" in refusal(tmp_path / "out")
    assert (tmp_path / "out").readlink() == there
    assert {path: path.read_bytes() for path in there.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("where", [".", "..", "inside/..", "{here}", "{here}/..", "link"])
def test_the_current_folder_is_refused_and_what_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, empty: bool, overwrite: bool
) -> None:
    here = tmp_path / "here"
    if empty:
        here.mkdir()
    else:  # were it elsewhere, it could be replaced
        output(here)
    monkeypatch.chdir(here)
    if where == "link":
        (tmp_path / "link").symlink_to(here)
        where = "../link"
    assert "the current folder, which is kept" in refusal(Path(where.format(here=here)), overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(("where", "came"), [("home/me", "is"), ("home", "holds")])
def test_a_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, came: str, overwrite: bool
) -> None:
    output(tmp_path / "home" / "me")
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "me"))
    assert f"{where} {came} your home, which is kept" in refusal(tmp_path / where, overwrite)
    output(tmp_path / "home" / "me" / "out")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", [".git", ".dvc"])
def test_the_top_of_a_repository_is_refused(tmp_path: Path, name: str, overwrite: bool) -> None:
    (output(tmp_path / "out") / name).mkdir()
    assert f"is the top of a repository ({name}), which is kept" in refusal(tmp_path / "out", overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("target", "given_as"),
    [
        ("in", "in"),
        ("in/inside", "in"),
        ("in", "in/deep"),
        ("in", "in/rows"),
        ("in", "link"),
        ("link", "in"),
        ("link/inside", "in"),
        ("in/link", "in"),
        ("in", "links"),
        ("in/deep/../../in", "in"),
    ],
)
def test_an_input_is_refused_and_what_holds_it_or_lies_in_it(
    tmp_path: Path, tree: Tree, target: str, given_as: str, overwrite: bool
) -> None:
    output(tmp_path / "in")
    output(tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "links" / "split").mkdir(parents=True)
    (tmp_path / "links" / "split" / "train").symlink_to(tmp_path / "in" / "deep")
    before = tree(tmp_path)
    said = refusal(tmp_path / target, overwrite, (tmp_path / "missing", tmp_path / given_as))
    assert said == f"output {tmp_path / target} and input {tmp_path / given_as} overlap: choose a folder beside it"
    assert tree(tmp_path) == before


def test_a_folder_beside_an_input_is_fine_whatever_its_name(tmp_path: Path) -> None:
    output(tmp_path / "in")
    for name in ("in2", "i", "in-link"):
        with atomic_directory(tmp_path / name, "dataset", inputs=[tmp_path / "in"]):
            pass


def test_paths_are_told_from_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "packaged").mkdir()
    (tmp_path / "mine").mkdir()
    assert local_paths("packaged", "", "some/model", "mine") == [Path("mine")]
