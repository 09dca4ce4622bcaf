"""Every command and stage that writes, with --overwrite: it replaces its own earlier output, and nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bonepick as library
from bonepick.classifiers.static.base_model import BaseModelParams, make_base_model
from bonepick.core.errors import BonepickError
from bonepick.core.replacing import MARKER
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.find_topics import find_topics
from bonepick.evaluation.params import SelectParams, TopicsParams
from bonepick.evaluation.select import select
from bonepick.evaluation.store import save_evaluation
from bonepick.metrics.params import EvalParams
from bonepick.preparation.balance import link_dataset
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from tests.classifiers.conftest import base_dir, graded, train_kind

__all__ = ["base_dir", "graded"]  # fixtures: a tiny base model; a dataset of graded texts

Command, Tree, Graded = Callable[..., Any], Callable[[Path], dict[str, bytes]], Callable[[int], Path]
Write = Callable[[Path, Path], None]

COMMANDS = {
    "import-hf-dataset": "-n {rows}",
    "transform-dataset": "-i {rows}",
    "balance-dataset": "-i {rows}",
    "normalize-dataset": "-i {rows} -n whitespace",
    "convert-to-fasttext": "-i {rows}",
    "sample-dataset": "-i {rows} --rate 0.5",
    "reshard-dataset": "-i {rows} --shards 1",
    "find-topics": "-d {rows} -m {base} --n-topics 2",
    "train-model2vec": "-d {rows} -m {base} --max-epochs 1",
    "train-contrastive": "-d {rows} -m {base} --n-clusters 2 --n-pairs 100",
    "train-fasttext": "-d {lines} --bucket 100 --dimension 2 --epoch 1",
    "eval-model2vec": "-d {rows} -m {models}/model2vec -t {topics} --bootstrap 20",
    "eval-fasttext": "-d {rows} -m {models}/fasttext -t {topics} --bootstrap 20",
    "compare": "{evals} -t {topics} --bootstrap 20",
}
FUNCTIONS: dict[str, Callable[[Path, Path], object]] = {
    "link_dataset": lambda world, out: link_dataset(world / "rows", out, Run(overwrite=True)),
    "make_base_model": lambda world, out: make_base_model(
        BaseModelParams(source="local", name=str(world / "base")), out, Run(overwrite=True)
    ),
    "select": lambda world, out: select(
        world / "evals", world / "models", out, SelectParams(), Run(overwrite=True), KINDS
    ),
}
KINDS = ("model2vec", "fasttext")
INPUTS = {name: [word for word in words.split() if word.startswith("{")] for name, words in COMMANDS.items()}
INPUTS |= {"link_dataset": ["{rows}"], "make_base_model": ["{base}"], "select": ["{evals}", "{models}/fasttext"]}
OVERLAPS = [(name, place) for name, places in INPUTS.items() for place in places]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, base_dir: Path, graded: Graded) -> Path:
    """What the commands read, all of it outputs of this project, which could be replaced elsewhere."""
    folder = tmp_path_factory.mktemp("made")
    rows, base, models, topics = (folder / name for name in ("rows", "base", "models", "topics"))
    link_dataset(graded(2), rows)
    make_base_model(BaseModelParams(source="local", name=str(base_dir)), base)
    convert_to_fasttext(rows, folder / "lines", ConvertParams(), RowParams())
    find_topics([rows], str(base), topics, TopicsParams(n_topics=2), RowParams())
    for kind in KINDS:
        train_kind(kind, rows, models / kind, base)
        source = EvaluationInput([rows], RowParams(), topics=topics)
        evaluation = evaluate(library.load(models / kind), source, EvalParams(bootstrap=20))
        save_evaluation(evaluation, folder / "evals" / kind, Run())
    return folder


@pytest.fixture
def world(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and a current folder beside it."""
    shutil.copytree(made, tmp_path / "world")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "world"


@pytest.fixture
def written(bonepick: Command, world: Path) -> Callable[[str, object], str]:
    """Run a command or function by name, its output given; return its one line of refusal, or no text."""

    def write(name: str, out: object) -> str:
        if name in FUNCTIONS:
            try:
                FUNCTIONS[name](world, Path(str(out)))
            except BonepickError as error:
                assert error.exit_code == 1
                return str(error)
            return ""
        places = {place.name: place for place in world.iterdir()}
        ended = bonepick("--quiet", name, *COMMANDS[name].format(**places).split(), "-o", out, "--overwrite")
        if ended.code == 0:
            return ""
        assert (ended.code, ended.out) == (1, "")
        line = ended.err.removesuffix("\n")
        assert "\n" not in line
        return str(line.removeprefix("error: "))

    return write


@pytest.mark.parametrize("name", [*COMMANDS, *FUNCTIONS])
def test_an_output_of_its_own_is_replaced_until_something_is_added(
    tmp_path: Path, world: Path, written: Callable[..., str], tree: Tree, name: str
) -> None:
    out = tmp_path / "out"
    before = tree(world)
    assert written(name, out) == ""
    first = tree(out)
    assert len(first) > 1
    for stale in set(first) - {MARKER}:
        (out / stale).unlink()
    assert written(name, out) == ""
    assert set(tree(out)) == set(first)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]

    (out / "deep").mkdir()
    (out / "deep" / "b.txt").write_text("precious")
    added = tree(out)
    assert written(name, out).startswith(f"{out} holds 'deep/b.txt', not written by bonepick")
    assert tree(out) == added
    assert tree(world) == before


@pytest.mark.parametrize("name", [*COMMANDS, *FUNCTIONS])
def test_what_somebody_else_wrote_is_kept(
    tmp_path: Path, world: Path, written: Callable[..., str], tree: Tree, name: str
) -> None:
    (tmp_path / "out" / "docs").mkdir(parents=True)
    (tmp_path / "out" / "docs" / "a.md").write_text("precious")
    (tmp_path / "out" / "b.txt").write_text("precious")
    (tmp_path / "file").write_text("precious")
    shutil.copytree(tmp_path / "out", tmp_path / "here", dirs_exist_ok=True)
    other = world / ("rows" if name.startswith(("find", "train", "eval", "compare", "make", "select")) else "base")
    shutil.copytree(other, tmp_path / "other")
    before = tree(tmp_path)
    assert written(name, tmp_path / "out").startswith(f"{tmp_path}/out holds 'b.txt', 'docs', not written by bonepick")
    assert written(name, tmp_path / "file").startswith(f"{tmp_path}/file is no folder and is kept")
    assert written(name, tmp_path / "other").startswith(f"{tmp_path}/other is an output of another kind")
    assert written(name, ".") == "output . is the current folder, which is kept: choose a new folder"
    assert written(name, "..").startswith("output .. ")
    assert tree(tmp_path) == before


@pytest.mark.parametrize(("name", "place"), OVERLAPS)
def test_what_is_read_is_kept(
    tmp_path: Path, world: Path, written: Callable[..., str], tree: Tree, name: str, place: str
) -> None:
    source = Path(place.format(**{own.name: own for own in world.iterdir()}))
    before = tree(tmp_path)
    for out in (source, source / "inside", world):
        line = written(name, out)
        assert line.startswith(f"output {out} and input ")
        assert line.endswith(" overlap: choose a folder beside it")
    assert tree(tmp_path) == before
