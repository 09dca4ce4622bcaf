"""Evaluation folders: what is written is what is read, damage is named, and nothing replaces an input."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.evaluation.store import load, save, save_evaluation
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.slices import Slice

Tree = Callable[[Path], dict[str, bytes]]
QUICK = EvalParams(bootstrap=20)


@pytest.fixture
def evaluation(make_random: Any) -> Evaluation:
    """Two datasets, three labels, some sources unknown, texts with quotes and line separators."""
    columns = {
        "dataset": ["a", 'b,"'] * 60,
        "split": ["test", "test", "valid"] * 40,
        "source": [None, "web", "news"] * 40,
        "topic": [i % 4 for i in range(120)],
    }
    return measure(make_random(120, ["0", "1", "2"], 1, **columns), ['two "words"', "é\u2028"] * 60, QUICK)


def test_what_is_written_is_what_is_read(evaluation: Evaluation, tmp_path: Path) -> None:
    save_evaluation(evaluation, tmp_path / "model2vec", Run())
    again = load(tmp_path / "model2vec")
    for field in fields(Evaluation):
        if field.name != "predictions":
            assert getattr(again, field.name) == getattr(evaluation, field.name), field.name
            assert getattr(again, field.name), field.name
    assert again.predictions.columns == evaluation.predictions.columns
    assert again.predictions.probabilities.tobytes() == evaluation.predictions.probabilities.tobytes()
    assert load(tmp_path / "model2vec", "HEAD:model2vec").name == "HEAD:model2vec"


def test_an_evaluation_of_few_rows_comes_back_too(make: Any, tmp_path: Path) -> None:
    one = measure(make(["neg"], [[0.9, 0.1]], ["neg", "pos"]), [""], QUICK)
    save_evaluation(one, tmp_path / "model2vec", Run())
    again = load(tmp_path / "model2vec")
    assert (again.metrics, again.keep, again.thresholds) == (one.metrics, [], {})


def test_files_have_plain_line_ends_and_the_same_bytes(evaluation: Evaluation, tmp_path: Path, tree: Tree) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save(evaluation, tmp_path / name)
    one = tree(tmp_path / "one")
    assert one == tree(tmp_path / "two")
    texts = {name: data for name, data in one.items() if not name.endswith(".parquet")}
    assert not any(b"\r" in data or not data.endswith(b"\n") for data in texts.values())
    assert one["metrics.csv"].startswith(b"level,slice,rows,metric,value,low,high\nall,,80,auc,")
    assert b"\ndataset,a,40,auc," in one["metrics.csv"]
    keep, confusion = one["plots/keep.csv"].split(b"\n"), one["plots/confusion.csv"].split(b"\n")
    assert keep[0] == b"rate,threshold,kept,precision,recall,words,characters,source_shift,topic_shift"
    assert confusion[0] == b"gold,predicted" and len(confusion) == 1 + 80 + 1
    errors = one["tables/confident_errors.jsonl"].splitlines()
    assert [msgspec.json.decode(line) for line in errors] == evaluation.confident_errors


def test_empty_tables_have_their_headers(evaluation: Evaluation, tmp_path: Path) -> None:
    save(replace(evaluation, keep=[], roc=[], confident_errors=[]), tmp_path)
    assert (tmp_path / "plots/roc.csv").read_text() == "false_positive_rate,true_positive_rate,threshold\n"
    assert (tmp_path / "tables/confident_errors.jsonl").read_bytes() == b""
    assert load(tmp_path).roc == []


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("plots/roc.csv", "false_positive_rate,true_positive_rate,threshold\n0.1,much,\n"),
        ("metrics.csv", "of,name,rows,figure,value,low,high\n"),
        ("metrics.csv", ""),
        ("thresholds.json", "{"),
        ("tables/confident_errors.jsonl", "{}\n"),
        ("tables/topics.csv", "topic,rows\n1,2\n"),
    ],
)
def test_a_damaged_file_is_named(evaluation: Evaluation, tmp_path: Path, file: str, data: str) -> None:
    save(evaluation, tmp_path)
    (tmp_path / file).write_text(data)
    with pytest.raises(BonepickError, match=rf"{file}(:1)? is damaged .*: evaluate again"):
        load(tmp_path)


def test_a_missing_file_is_named(evaluation: Evaluation, tmp_path: Path) -> None:
    save(evaluation, tmp_path)
    (tmp_path / "plots/keep.csv").unlink()
    with pytest.raises(BonepickError, match=r"plots/keep\.csv is missing: evaluate again"):
        load(tmp_path)


def test_an_evaluation_of_an_older_version_is_refused(evaluation: Evaluation, tmp_path: Path) -> None:
    save(evaluation, tmp_path)
    (tmp_path / "metrics.csv").rename(tmp_path / "figures.csv")
    with pytest.raises(BonepickError, match=r"older version \(figures\.csv, and no metrics\.csv\): evaluate again"):
        load(tmp_path)


def test_an_output_never_replaces_what_it_was_made_from(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "data/own").mkdir(parents=True)
    for target in ("data", "data/own"):
        with pytest.raises(BonepickError, match="overlap: choose a folder beside it"):
            save_evaluation(evaluation, tmp_path / target, Run(overwrite=True), [tmp_path / "data/own"])
    save_evaluation(evaluation, tmp_path / "data/evals", Run(), [tmp_path / "data/own"])
    assert (tmp_path / "data/own").is_dir()


def test_slices_stand_in_the_order_of_levels() -> None:
    first, *others = slices = [Slice(), Slice("valid"), Slice("dataset", "b"), Slice("source", "a"), Slice("label")]
    assert sorted([*others, first]) == slices
    assert Slice("dataset", "a") < Slice("dataset", "b")
