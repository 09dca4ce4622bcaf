"""A folder that is something else than a command wants is told by what it is, in one line; so is one given twice."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from tests.tiny import tiny_base, tiny_dataset, tiny_rows

WORDS = {label: [f"{label}{n}" for n in range(4)] for label in ("neg", "pos")}
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make `rows`, a link to it, its `lines`, a model of them, and one that is somebody else's."""
    root = tmp_path_factory.mktemp("places")
    parts = {split: tiny_rows(n, WORDS, n) for split, n in {"train": 60, "valid": 20, "test": 20}.items()}
    tiny_dataset(root / "rows", 1, **parts)
    (root / "link").symlink_to("rows")
    tiny_base(root / "base", [word for words in WORDS.values() for word in words])
    convert_to_fasttext(root / "rows", root / "lines", ConvertParams(), RowParams())
    train("fasttext", TrainingInput([root / "lines"]), root / "model", FastTextParams(bucket=100, dimension=2))
    (root / "theirs").mkdir()
    (root / "theirs/model.bin").write_bytes((root / "model/model.bin").read_bytes())
    shutil.copytree(root / "model", root / "head")
    manifest = (root / "model/manifest.json").read_text()
    (root / "head/manifest.json").write_text(manifest.replace('"fasttext"', '"contrastive"', 1))
    return root


@pytest.fixture
def places(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


def error_of(ended: Any, code: int) -> str:
    assert ended.code == code, ended
    (line,) = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in ended.err
    return str(line)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("eval -m rows -d rows", "rows is a dataset: wanted the folder of a trained model"),
        ("eval -m lines -d rows", "lines is a dataset: wanted the folder of a trained model"),
        ("eval -m model/model.bin -d rows", "model/model.bin is a file: wanted the folder of a trained model"),
        ("eval -m nowhere -d rows", "nowhere is not there: wanted the folder of a trained model"),
        ("eval -m base -d rows", "base is no model: it has no manifest.json"),
        (
            "eval-model2vec -m model -d rows",
            "model is a model of kind fasttext, which eval-model2vec does not take",
        ),
        ("eval-model2vec -m theirs -d rows", "does not take: eval-fasttext does, and eval any kind"),
        ("eval-fasttext -m head -d rows", "does not take: eval-model2vec does, and eval any kind"),
        ("infer-fasttext -m head -i rows -o out", "does not take: score takes any kind"),
        ("eval-fasttext -m nowhere -d rows", "nowhere is not there: wanted the folder of a trained model"),
        ("eval -m model -d model", "model is a model: wanted the folder of a dataset"),
        ("eval -m model -d theirs", "theirs is a model: wanted the folder of a dataset"),
        ("eval -m model -d lines/test.txt", "lines/test.txt is a file: wanted the folder of a dataset"),
        ("train-fasttext -d nowhere -o out", "nowhere is not there: wanted the folder of a dataset"),
        ("normalize-dataset -i rows/train/0.jsonl -o out", "rows/train/0.jsonl is a file: wanted the folder of a"),
        ("transform-dataset -i model -o out", "model is a model: wanted the folder of a dataset"),
    ],
)
def test_a_folder_of_another_kind_is_told(places: Path, bonepick: Run, words: str, said: str) -> None:
    assert said in error_of(bonepick(*words.split()), 1)
    assert not (places / "out").exists()


def test_a_model_beside_its_lines_is_both(places: Path, bonepick: Run) -> None:
    (places / "both").mkdir(exist_ok=True)
    for name in ("theirs/model.bin", "lines/train.txt", "lines/test.txt"):
        (places / "both" / Path(name).name).write_bytes((places / name).read_bytes())
    assert bonepick("eval", "-m", "both", "-d", "both", "--bootstrap", 20).code == 0


@pytest.mark.parametrize(
    "words",
    [
        "train-fasttext -n whitespace -o out -d",
        "eval -m model -d",
        "find-topics -m base -o out -d",
        "balance-dataset -o out -i",
        "sample-dataset --rate 0.5 -o out -i",
        "label-distribution -i",
    ],
)
def test_rows_that_are_given_twice_are_refused(places: Path, bonepick: Run, words: str) -> None:
    line = error_of(bonepick(*words.split(), "rows", words.split()[-1], "link"), 2)
    assert line == "error: link is given twice: name each input once"
    assert not (places / "out").exists()


@pytest.mark.parametrize("again", ["rows", "./rows", "lines/../rows", "rows/train"])
def test_so_they_are_by_any_other_name(places: Path, bonepick: Run, again: str) -> None:
    line = error_of(bonepick("label-distribution", "-i", "rows", "-i", again), 2)
    assert f"{Path(again)} is given twice" in line or "rows and rows/train both hold" in line
