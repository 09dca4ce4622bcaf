"""fastText's knobs that are lists: each value is judged on rows that are held out, and the best one is trained with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from bonepick.classifiers.base import folds
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.classifiers.fasttext.lines import Lines
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.fasttext.train_file import DivergedError, trained
from bonepick.classifiers.fasttext.trials import Labels, Trial, judged
from bonepick.core.errors import BonepickError
from bonepick.core.params import ParamsError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext

QUICK: dict[str, Any] = {"bucket": 200, "dimension": 2, "word_ngrams": 1, "learning_rate": 0.05}
TRIED = (1, 20)
"""After one pass at this rate, little is learned."""
FOLDS = "3 folds of train/ by source or group"


def rows(helpers: Any, n: int = 150, labels: int = 2, seed: int = 1) -> list[dict[str, Any]]:
    """Texts that tell their label somewhat, of sources of one label each."""
    made = helpers.rows(n, labels, seed)
    return [{**row, "source": f"s{i % 3}-{row['score']}", "group": f"g{i}"} for i, row in enumerate(made)]


def convert(source: Path, target: Path, **params: Any) -> Path:
    convert_to_fasttext(source, target, ConvertParams(**params), RowParams())
    return target


def converted(helpers: Any, folder: Path, train: Any, valid: Any = None, **params: Any) -> Path:
    splits = {"train": train, "valid": valid} if valid else {"train": train}
    return convert(helpers.write(folder / "in", **splits), folder / "lines", **params)


def chosen(helpers: Any, source: Path, target: Path, epoch: Any = TRIED, run: Run = Run(), **params: Any) -> Manifest:
    helpers.train_here("fasttext", [source], target, epoch=epoch, run=run, **QUICK | params)
    return Manifest.load(target)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Path:
    return converted(helpers, tmp_path_factory.mktemp("own"), rows(helpers), rows(helpers, 20, seed=2))


@pytest.fixture(scope="module")
def model(lines: Path, helpers: Any) -> Path:
    """A model for which passes were chosen."""
    chosen(helpers, lines, lines.parent / "model")
    return lines.parent / "model"


def test_the_better_number_of_passes_wins_and_stands_in_the_manifest(model: Path) -> None:
    manifest = Manifest.load(model)
    assert manifest.params["epoch"] == 20
    assert [tried.values for tried in manifest.tried] == [{"epoch": 1}, {"epoch": 20}]
    first, second = (tried.metric for tried in manifest.tried)
    assert first is not None and second is not None and second > first
    assert manifest.reproducible


def test_the_winner_is_trained_on_all_rows_as_if_it_had_been_given(
    model: Path, lines: Path, tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    given = chosen(helpers, lines, tmp_path / "given", 20)
    assert (tmp_path / "given/model.bin").read_bytes() == (model / "model.bin").read_bytes()
    assert given.tried == []
    assert given.params == Manifest.load(model).params
    assert not any("best" in note for note in notes)


def test_any_number_of_workers_gives_the_same_bytes_and_says_what_won(
    model: Path, lines: Path, tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    manifest = chosen(helpers, lines, tmp_path / "two", run=Run(2))
    assert helpers.content(tmp_path / "two") == helpers.content(model)
    assert sorted(helpers.content(model)) == [".bonepick.json", "manifest.json", "model.bin"]
    first, second = (tried.metric for tried in manifest.tried)
    assert notes[0] == f"epoch 20 has the best auc of 1 ({first:.4f}), 20 ({second:.4f}) on {FOLDS}"


def test_valid_is_not_looked_at_where_there_are_folds(
    model: Path, lines: Path, tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    """Nor does it matter whether rows are converted before."""
    (tmp_path / "in/valid").mkdir(parents=True)
    (tmp_path / "in/valid/0.jsonl").write_bytes(b'{"text": "grade00", "score": 1}\n{"text": "grade10", "score": 0}\n')
    (tmp_path / "in/train").symlink_to(lines.parent / "in/train")
    conversion = helpers.several_labels(False, normalizer="whitespace")
    assert chosen(helpers, tmp_path / "in", tmp_path / "new", conversion=conversion).tried == Manifest.load(model).tried
    assert any(note.endswith(f" on {FOLDS}") for note in notes)


@pytest.fixture(scope="module")
def without_folds(tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Path:
    """Each label has one group."""
    train = [{**row, "group": str(row["score"]), "source": "s"} for row in rows(helpers)]
    return converted(helpers, tmp_path_factory.mktemp("one"), train, rows(helpers, 50, seed=2))


def test_valid_judges_where_there_are_no_folds(
    without_folds: Path, tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    assert chosen(helpers, without_folds, tmp_path / "model").params["epoch"] == 20
    assert any(note.endswith(" on valid/") for note in notes)


def test_a_part_is_held_out_by_hash_where_there_is_no_valid(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    """A label that one row alone has leaves no fold."""
    train = [*rows(helpers), {"text": "odd", "score": 2, "group": "x"}]
    assert len(chosen(helpers, converted(helpers, tmp_path, train), tmp_path / "model").tried) == 2
    assert any(note.endswith(" on 10% of train/") for note in notes)


def test_where_nothing_can_be_held_out_the_first_is_taken_and_that_is_said(
    tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    train = [{"text": f"word{i % 2}", "score": i % 2} for i in range(40)]
    manifest = chosen(helpers, converted(helpers, tmp_path, train), tmp_path / "model")
    assert (manifest.params["epoch"], manifest.tried) == (1, [])
    assert "no rows of two labels can be held out to judge by: epoch is 1, the first of 1, 20" in notes


def test_a_label_that_is_not_trained_on_is_none_to_judge_by(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    """With it alone beside one that is, there is no AUC, which is no divergence."""
    train = [{"text": f"word{i % 2} {i}", "score": i % 2, "group": str(i % 2)} for i in range(40)]
    valid = [{"text": "word0", "score": 0}, {"text": "word", "score": 2}]
    manifest = chosen(helpers, converted(helpers, tmp_path, train, valid), tmp_path / "model")
    assert (manifest.params["epoch"], manifest.tried) == (1, [])
    assert "no rows of two labels can be held out to judge by: epoch is 1, the first of 1, 20" in notes


@pytest.mark.parametrize(
    ("label", "ordered", "metric"),
    [
        (lambda score, i: score, True, "auc"),
        (lambda score, i: "abcde"[score], False, "macro_f1"),
        (lambda score, i: {"film": score > 2, "law": i % 4 > 1}, False, "macro_f1"),
    ],
    ids=["ordered", "unordered", "several"],
)
def test_what_judges_goes_by_the_labels(tmp_path: Path, helpers: Any, label: Any, ordered: bool, metric: str) -> None:
    train = [{**row, "score": label(row["score"], i)} for i, row in enumerate(rows(helpers, labels=5))]
    several = isinstance(train[0]["score"], dict)
    lines = converted(helpers, tmp_path, train, train, multi_label=several)
    labels = Labels(["film", "law"] if several else sorted({str(row["score"]) for row in train}), ordered, several)
    assert labels.metric == metric
    few, many = (FastTextParams(epoch=n, loss="ova" if several else "softmax", **QUICK) for n in TRIED)
    worse, better = (judged(Trial(lines / "train.txt", lines, params, labels)) for params in (few, many))
    assert 0 <= worse < better < 1


def test_the_auc_of_a_trial_is_that_of_the_model(lines: Path, tmp_path: Path, helpers: Any) -> None:
    params = FastTextParams(epoch=20, **QUICK)
    found = judged(Trial(lines / "train.txt", lines, params, Labels(["0", "1"], True, False)))
    chosen(helpers, lines, tmp_path / "model", 20)
    valid = [line.split(" ", 1) for line in (lines / "valid.txt").read_text().splitlines()]
    scores = FastText.load(tmp_path / "model").score([text for _, text in valid])
    assert found == pytest.approx(roc_auc_score([label == "__label__1" for label, _ in valid], scores))


def test_a_fold_does_where_it_holds_out_enough_rows(
    lines: Path, tmp_path: Path, helpers: Any, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "ENOUGH", 40)
    chosen(helpers, lines, tmp_path / "model")
    assert any(note.endswith(" on a fold of train/ by source or group") for note in notes)


@given(sizes=st.lists(st.integers(1, 30_000), max_size=3))
def test_folds_are_taken_until_enough_rows_are_held_out(sizes: list[int]) -> None:
    taken = [len(fold) for fold in folds.enough([np.ones(size, dtype=bool) for size in sizes])]
    assert taken == sorted(sizes)[: len(taken)]
    assert len(taken) == len(sizes) or sum(taken) >= folds.ENOUGH
    assert sum(taken[:-1]) < folds.ENOUGH


def test_divergence_is_one_sentence_with_advice(lines: Path, without_folds: Path, tmp_path: Path, helpers: Any) -> None:
    params = FastTextParams(epoch=3, **QUICK | {"learning_rate": 1e30})
    with pytest.raises(BonepickError, match=r"cannot train: it diverged: lower learning_rate, which is 1e\+30"):
        trained(str(lines / "train.txt"), params)
    with pytest.raises(BonepickError, match=r"training diverged with each of epoch 1, epoch 20: lower learning_rate"):
        chosen(helpers, without_folds, tmp_path / "model", learning_rate=1e30)
    assert not (tmp_path / "model").exists()


def test_a_model_of_no_numbers_is_divergence(lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def get_output_matrix(self) -> Any:
            return np.array([[np.nan]])

    monkeypatch.setattr("fasttext.train_supervised", lambda **given: Broken())
    with pytest.raises(DivergedError):
        trained(str(lines / "train.txt"), FastTextParams(epoch=1))


def test_fasttexts_own_search_is_said_to_be_another_each_time(
    lines: Path, tmp_path: Path, helpers: Any, notes: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    manifest = chosen(helpers, lines, tmp_path / "model", autotune=2)
    assert capfd.readouterr() == ("", "")
    assert not manifest.reproducible
    assert manifest.params["autotune"] == 2 and manifest.params["epoch"] >= 1
    assert any("for 2 s, judged on valid/: no two searches give the same model" in note for note in notes)
    found = next(note for note in notes if note.startswith("fastText found "))
    assert f"epoch {manifest.params['epoch']}" in found
    assert FastText.load(tmp_path / "model").model.get_dimension() == manifest.params["dimension"]


def test_more_than_one_thread_is_no_reproducible_model(lines: Path, tmp_path: Path, helpers: Any) -> None:
    assert not chosen(helpers, lines, tmp_path / "model", 2, thread=2).reproducible


def test_manifests_of_before_are_read(model: Path, tmp_path: Path) -> None:
    (tmp_path / "model.bin").hardlink_to(model / "model.bin")
    content = json.loads((model / "manifest.json").read_bytes())
    del content["tried"], content["reproducible"]
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    manifest = Manifest.load(tmp_path)
    assert (manifest.tried, manifest.reproducible) == ([], True)


def test_a_row_of_several_labels_is_held_out_for_its_rarest(tmp_path: Path) -> None:
    lines = Lines(tmp_path, labels=[("a", "b"), ("a",), ("a",), ("b", "c"), ()])
    assert lines.targets().tolist() == [1, 0, 0, 2, 3]


@pytest.mark.parametrize("wrong", [(), 0, (3, 0), "3", None, 2.5])
def test_numbers_of_passes_have_bounds(wrong: Any) -> None:
    with pytest.raises(ParamsError, match=r"epoch is .*: wanted a whole number from 1 to 1000000, or a list of such"):
        FastTextParams(epoch=wrong)
