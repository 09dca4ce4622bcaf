"""What the pipeline made of kinds that it trains no longer is taken away, and nothing else."""

from pathlib import Path

import pytest

from bonepick.core.errors import UsageError
from stages.running.pipeline import dataset_dirs, kinds

# what DVC 3.67.1 wrote for these files
LOCK = """
stages:
  train@old:
    outs:
    - path: models/kinds/old
      md5: c4f9a6ca037eed8812b9f7d61c7fbff2.dir
  eval@old:
    outs:
    - path: evals/old/metrics.json
      md5: 81dc9bdb52d04dc20036dbd8313ed055
    - path: evals/old/plots
      md5: 5167ce70eb40ca00275c9b13e9f71d22.dir
  train@new:
    outs:
    - path: models/kinds/new
      md5: b037acfce00d69f26a683b83e8adaec9.dir
"""
MADE = {
    "models/kinds/old/model.bin": "1234",
    "models/kinds/old/more/manifest.json": "123",
    "evals/old/metrics.json": "1234",
    "evals/old/plots/roc.csv": "123",
    "models/kinds/new/model.bin": "123",
    "evals/new/metrics.json": "1234",
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("kinds:\n  new: {}\ndatasets:\n  b: {}\n  a: {}\n")
    (tmp_path / "dvc.lock").write_text(LOCK)
    for name, text in MADE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name not in ("params.yaml", "dvc.lock"))


def test_outs_of_a_dropped_kind_go_and_others_stay(repository: Path, notes: list[str]) -> None:
    assert kinds() == ["new"]
    assert files(repository) == ["evals/new/metrics.json", "models/kinds/new/model.bin"]
    assert not (repository / "evals/old").exists()
    assert not (repository / "models/kinds/old").exists()
    assert notes == []
    assert kinds() == ["new"], "a second time there is nothing to do"


@pytest.mark.parametrize("name", ["evals/old/mine.txt", "evals/old/plots/mine.csv", "models/kinds/old/mine.txt"])
def test_what_was_added_or_changed_there_is_left_and_said(repository: Path, notes: list[str], name: str) -> None:
    (repository / name).write_text("precious")
    kinds()
    assert (repository / name).read_text() == "precious"
    (said,) = notes
    assert said.startswith(f"{'/'.join(name.split('/')[:-1]).removesuffix('/plots')} is of no kind in params.yaml")


def test_a_file_that_was_changed_is_left(repository: Path, notes: list[str]) -> None:
    (repository / "evals/old/metrics.json").write_text("4321")
    kinds()
    assert files(repository)[1] == "evals/old/metrics.json"
    assert len(notes) == 1


def test_without_a_lock_nothing_goes(repository: Path, notes: list[str]) -> None:
    (repository / "dvc.lock").unlink()
    assert kinds() == ["new"]
    assert files(repository) == sorted(MADE)
    assert len(notes) == 2


def test_datasets_come_in_the_order_of_params_yaml(repository: Path) -> None:
    for name in ("a", "b"):
        (repository / "data" / name).mkdir(parents=True)
    (repository / "data" / ".gitignore").write_text("/a\n/b\n")
    assert dataset_dirs(Path("data")) == [Path("data/b"), Path("data/a")]


def test_a_folder_that_params_yaml_does_not_name_is_refused(repository: Path) -> None:
    (repository / "data/third").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"data/third belongs to no dataset of params\.yaml: remove it"):
        dataset_dirs(Path("data"))
