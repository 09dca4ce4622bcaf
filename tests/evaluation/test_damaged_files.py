"""Files of ours that were damaged, or come from elsewhere: what reads them goes on with all of them, or names one."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bonepick
from bonepick.core.errors import BonepickError
from bonepick.core.history import load_history
from bonepick.core.replacing import MARKER, refuse_occupied
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.find_topics import find_topics
from bonepick.evaluation.params import SelectParams, TopicsParams
from bonepick.evaluation.select import select
from bonepick.evaluation.store import load, save_evaluation
from bonepick.metrics.params import EvalParams
from bonepick.reporting.compare import compare
from bonepick.reporting.save_comparison import save_comparison
from tests.damage import damages

QUICK = EvalParams(bootstrap=20)


@pytest.fixture(scope="module")
def whole(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Topics, and the evaluations of two models that were made with them."""
    root = tmp_path_factory.mktemp("whole")
    find_topics([world.raw], str(world.base), root / "topics", TopicsParams(n_topics=2), RowParams())
    for kind in ("model2vec", "contrastive"):
        evaluated = EvaluationInput([world.raw], RowParams(), topics=root / "topics")
        made = evaluate(bonepick.load(world.models / kind), evaluated, QUICK)
        save_evaluation(made, root / "evals" / kind, Run())
        shutil.copytree(world.models / kind, root / "models" / kind)
    shutil.copytree(world.normalized, root / "dataset")
    return root


@contextmanager
def put_back(path: Path) -> Iterator[None]:
    """Step aside with a file, and put it back."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        aside.rename(path)


def report(root: Path) -> None:
    comparison = compare({"evals": root / "evals"}, QUICK, topics=root / "topics", models_dir=root / "models")
    save_comparison(comparison, root / "report", Run(overwrite=True), {"Parameters": ""})


def model(root: Path) -> None:
    probabilities = bonepick.load(root / "models/model2vec").predict_proba(["good0 bad1", "fair2"])
    assert probabilities.shape == (2, 3) and np.isfinite(probabilities).all()


def dataset(root: Path) -> None:
    opened = Dataset.open(root / "dataset")
    assert str(opened.normalizer) and (opened.info is None or opened.info.rows >= 0)


def evaluation(root: Path) -> None:
    before = load(root / "evals/model2vec")
    assert np.isfinite(before.predictions.probabilities).all()


def choice(root: Path) -> None:
    select(root / "evals", root / "models", root / "best", SelectParams(), Run(overwrite=True))


USES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "manifest.json": (model, ("models/model2vec/manifest.json",)),
    "the model": (model, tuple(f"models/model2vec/{name}" for name in (
        "config.json", "head.safetensors", "model.safetensors", "history.csv", "tokenizer.json",
    ))),
    "dataset.json": (dataset, ("dataset/dataset.json",)),
    "predictions": (evaluation, ("evals/model2vec/predictions.parquet",)),
    "tables": (evaluation, tuple(f"evals/model2vec/{name}" for name in (
        "metrics.csv", "plots/roc.csv", "plots/keep.csv", "tables/shortcuts.csv", "tables/topics.csv",
    ))),
    "thresholds": (evaluation, ("evals/model2vec/thresholds.json", "evals/model2vec/tables/confident_errors.jsonl")),
    "metrics.json": (choice, ("evals/model2vec/metrics.json",)),
}  # fmt: skip


@pytest.mark.parametrize("what", USES)
def test_each_file_is_used_or_named(what: str, whole: Path) -> None:
    use, files = USES[what]
    use(whole)
    refused = 0
    for name in files:
        path = whole / name
        for how, damage in damages(path):
            with put_back(path):
                damage(path)
                try:
                    use(whole)
                except BonepickError as error:
                    refused += 1
                    said = str(error)
                    named = str(path.parent) in said or said.startswith("the model was trained with normalizer ")
                    assert named, (name, how, said)
                    assert said.isprintable() and len(said) < 500 + len(str(path)), (name, how, said)
                except Exception as error:
                    raise AssertionError(f"{name}, {how}: {error!r}") from error
    assert refused > 15 * len(files)


NEVER_FINE = ("empty", "cut", "deep", "a folder", "a FIFO", "a link to itself")


@pytest.mark.parametrize(
    "name",
    [
        "evals/model2vec/predictions.parquet", "evals/model2vec/metrics.csv", "evals/model2vec/thresholds.json",
        "topics/topics.json", "topics/topics.parquet", "models/model2vec/history.csv",
    ],
)  # fmt: skip
def test_a_report_names_the_file_that_is_damaged(name: str, whole: Path) -> None:
    path = whole / name
    ways = dict(damages(path, flips=0))
    for how in NEVER_FINE:
        with put_back(path):
            ways[how](path)
            with pytest.raises(BonepickError) as caught:
                report(whole)
            assert str(path.parent) in str(caught.value), how
    report(whole)


def test_a_damaged_marker_lets_nothing_be_replaced(whole: Path) -> None:
    path = whole / "dataset" / MARKER
    refuse_occupied(whole / "dataset", "dataset", overwrite=True)
    for how, damage in damages(path, flips=0):
        if how != "no ('format',)":  # which is the first format
            with put_back(path):
                damage(path)
                with pytest.raises(BonepickError, match=r"dataset (holds|is an output of another kind)"):
                    refuse_occupied(whole / "dataset", "dataset", overwrite=True)


MAYBE = ["models/model2vec/manifest.json", "dataset/dataset.json", "models/model2vec/history.csv"]


@pytest.mark.parametrize("name", MAYBE)
def test_a_fifo_or_folder_is_not_taken_for_no_file_at_all(name: str, whole: Path) -> None:
    """A dataset without `dataset.json`, and a model without `history.csv`, are fine: somebody else's."""
    path = whole / name
    read = {"manifest.json": bonepick.load, "dataset.json": Dataset.open, "history.csv": load_history}[path.name]
    for make, said in ((os.mkfifo, "a FIFO"), (Path.mkdir, "a folder")):
        with put_back(path):
            make(path)
            with pytest.raises(BonepickError, match=rf"{path.name} is {said}.*, wanted a file: "):
                read(path.parent)
