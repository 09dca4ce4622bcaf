"""The leaderboard: best first, same rows for all, and what is not known is a dash."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt

from bonepick.core.errors import BonepickError
from bonepick.evaluation.comparing import as_csv, as_markdown, compare, leaderboard
from bonepick.evaluation.metrics import figures
from bonepick.evaluation.predictions import Predictions

CLASSES = ["neg", "pos"]
Save = Callable[..., Path]


def ranked(make: Any, kind: str, wrong: int, n: int = 200, **columns: Any) -> Predictions:
    """Scores that put every row right but for so many of the better ones, which come last."""
    better = np.arange(n) % 2
    score = np.where(better == 1, 0.9, 0.1) + np.arange(n) * 1e-5
    score[np.flatnonzero(better)[:wrong]] = 0.01 + np.arange(wrong) * 1e-5
    gold = [CLASSES[b] for b in better]
    made: Predictions = make(gold, np.stack([1 - score, score], axis=1), CLASSES, kind=kind, **columns)
    return made


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    return tmp_path / "evals"


def save(evals: Path, *models: Predictions) -> Path:
    for model in models:
        (evals / model.kind).mkdir(parents=True)
        model.save(evals / model.kind / "predictions.parquet")
    return evals


def test_the_best_comes_first_whatever_its_name(make: Any) -> None:
    table = leaderboard([ranked(make, kind, wrong) for kind, wrong in (("c", 5), ("a", 20), ("d", 0), ("b", 60))])
    assert [row[0] for row in table] == ["model", "d", "c", "a", "b"]
    assert [float(row[1]) for row in table[1:]] == sorted((float(row[1]) for row in table[1:]), reverse=True)


def test_a_difference_that_rounding_hides_still_decides_the_order(make: Any) -> None:
    models = [ranked(make, "z", 21, n=20_000), ranked(make, "a", 20, n=20_000), ranked(make, "m", 22, n=20_000)]
    table = leaderboard(models)
    assert len({row[1] for row in table[1:]}) == 1
    assert [row[0] for row in table[1:]] == ["a", "z", "m"]


def test_equal_models_come_in_the_order_of_their_names(make: Any) -> None:
    table = leaderboard([ranked(make, kind, 3) for kind in ("b", "a", "c")])
    assert [row[0] for row in table[1:]] == ["a", "b", "c"]


def test_figures_are_those_of_the_evaluation(make_random: Any) -> None:
    columns = {
        "dataset": ["sample", "unseen", "sample", "sample"] * 50,
        "split": ["test", "test", "valid", "test"] * 50,
    }
    model = make_random(200, ["0", "1", "2"], 1, **columns)
    header, row = leaderboard([model])
    assert header == ["model", "auc", "auc sample", "auc unseen", "accuracy", "macro f1", "valid auc"]
    test = model.where(split="test")
    expected = [
        figures(test)["auc"],
        figures(test.where(dataset="sample"))["auc"],
        figures(test.where(dataset="unseen"))["auc"],
        figures(test)["accuracy"],
        figures(test)["macro_f1"],
        figures(model.where(split="valid"))["auc"],
    ]
    assert row == ["model2vec", *(f"{number:.3f}" for number in expected)]
    assert len(set(expected)) == 6


def test_what_is_not_known_is_a_dash(make: Any) -> None:
    gold = ["neg", "pos", "pos", "pos"]
    chances = [[0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]]
    (_, row) = leaderboard([make(gold, chances, CLASSES, dataset=["two", "two", "one", "one"])])
    assert row == ["model2vec", "1.000", "-", "1.000", "1.000", "1.000", "-"]


def test_a_model_without_a_figure_comes_last(make: Any) -> None:
    """It knows only one of the labels that the rows have."""
    strange = make(["neg", "pos"] * 100, [[0.5, 0.5]] * 200, ["pos", "unheard-of"], kind="z")
    table = leaderboard([strange, ranked(make, "a", 90)])
    assert [(row[0], row[1] == "-") for row in table[1:]] == [("a", False), ("z", True)]


def test_files_hold_what_is_returned(make: Any, evals: Path, tmp_path: Path) -> None:
    save(evals, ranked(make, "model2vec", 3), ranked(make, "fasttext", 1))
    returned = compare(evals, tmp_path / "reports")
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "reports").iterdir()}
    assert set(files) == {"leaderboard.md", "leaderboard.csv"}
    assert files["leaderboard.md"] == returned
    cells = list(csv.reader(io.StringIO(files["leaderboard.csv"])))
    assert cells == leaderboard([ranked(make, "fasttext", 1), ranked(make, "model2vec", 3)])
    assert rendered(returned) == cells
    compare(evals, tmp_path / "again" / "reports")
    again = tmp_path / "again" / "reports"
    assert {path.name: path.read_text(encoding="utf-8") for path in again.iterdir()} == files


def rendered(markdown: str) -> list[list[str]]:
    """The cells of a table as a reader of Markdown finds them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    return rows


def test_markdown_is_aligned_as_text_too() -> None:
    table = [["model", "auc", "auc x"], ["fasttext", "0.913", "-"], ["a", "0.5", "0.123"]]
    assert as_markdown(table) == (
        "| model    |   auc | auc x |\n"
        "|:---------|------:|------:|\n"
        "| fasttext | 0.913 |     - |\n"
        "| a        |   0.5 | 0.123 |\n"
    )
    assert rendered(as_markdown(table)) == table


def test_a_name_with_a_bar_in_it_stays_in_its_cell() -> None:
    """Datasets are called like their folders, whatever these are called."""
    table = [["model", "auc a|b"], ["x", "0.5"]]
    assert rendered(as_markdown(table)) == table


def test_csv_quotes_what_needs_it() -> None:
    assert as_csv([["model", 'auc a,"b'], ["x", "0.5"]]) == 'model,"auc a,""b"\nx,0.5\n'


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BonepickError, match="holds no evaluation"):
            compare(folder, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"n": 198}, id="fewer rows"),
        pytest.param({"dataset": "other"}, id="another dataset"),
        pytest.param({"split": ["test"] * 199 + ["valid"]}, id="another split"),
        pytest.param({"digest": [f"{i + 1:064x}" for i in range(200)]}, id="other texts"),
    ],
)
def test_models_that_saw_different_rows_are_not_compared(
    make: Any, evals: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    save(evals, ranked(make, "a", 3), ranked(make, "b", 3, **changed))
    with pytest.raises(BonepickError, match="a and b were evaluated on different rows"):
        compare(evals, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_rows_whose_text_one_side_does_not_know_are_compared(make: Any, evals: Path, tmp_path: Path) -> None:
    """An evaluation on converted lines or normalized rows knows no digests."""
    save(evals, ranked(make, "a", 3), ranked(make, "b", 4, digest=[None] * 200, length=[None] * 200))
    assert "| b " in compare(evals, tmp_path / "reports")


def test_what_a_killed_evaluation_left_is_no_model(make: Any, evals: Path, tmp_path: Path) -> None:
    """`.NAME.partial-*` beside the target: whole or not at all."""
    save(evals, ranked(make, "a", 3))
    (evals / ".b.partial-x1").mkdir()
    ranked(make, "b", 1).save(evals / ".b.partial-x1" / "predictions.parquet")
    assert "| b " not in compare(evals, tmp_path / "reports")
