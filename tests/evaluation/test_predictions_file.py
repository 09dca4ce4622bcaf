"""The predictions file: what is written is what is read, and the same predictions are the same bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.evaluation.predictions_file import load_predictions, save_predictions
from bonepick.metrics.predictions import Predictions, scores_of

LABELS = st.lists(st.text(min_size=1, max_size=6), min_size=2, max_size=4, unique=True)


def same(one: Predictions, other: Predictions) -> bool:
    return (one.kind, one.classes, one.columns, one.probabilities.tobytes()) == (
        other.kind, other.classes, other.columns, other.probabilities.tobytes(),
    )  # fmt: skip


def test_what_is_written_is_what_is_read(make_random: Any, tmp_path: Path) -> None:
    predictions = make_random(100, ["neg", "pos"], 1, dataset=["a", "b"] * 50, source=[None, "web"] * 50)
    save_predictions(predictions, tmp_path / "p.parquet")
    assert same(load_predictions(tmp_path / "p.parquet"), predictions)


@settings(deadline=None, max_examples=40)
@given(classes=LABELS, kind=st.text(max_size=5), data=st.data())
def test_any_labels_and_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, make: Any, classes: list[str], kind: str, data: st.DataObject
) -> None:
    """Labels with quotes, `score` and `p_...` among them, which are names of columns too."""
    classes = data.draw(st.permutations([*classes[:-1], data.draw(st.sampled_from(["score", "p_x", "gold", "é|\n"]))]))
    if len(set(classes)) < len(classes):
        return
    n = data.draw(st.integers(0, 5))
    chances = np.full((n, len(classes)), 1 / len(classes))
    maybe = st.none() | st.text(max_size=5)
    source = data.draw(st.lists(maybe, min_size=n, max_size=n))
    predictions = make([classes[i % len(classes)] for i in range(n)], chances, classes, kind=kind, source=source)
    path = tmp_path_factory.mktemp("predictions") / "p.parquet"
    save_predictions(predictions, path)
    assert same(load_predictions(path), predictions)


def test_the_same_predictions_are_the_same_bytes(make_random: Any, tmp_path: Path) -> None:
    for folder in ("one", "another"):
        (tmp_path / folder).mkdir()
        save_predictions(make_random(300, ["0", "1", "2"], 2), tmp_path / folder / "p.parquet")
    one, other = ((tmp_path / folder / "p.parquet").read_bytes() for folder in ("one", "another"))
    assert one == other
    assert str(tmp_path).encode() not in one


def test_columns_are_what_the_design_says(make_random: Any, tmp_path: Path) -> None:
    predictions = make_random(20, ["bad", "good"], 3)
    save_predictions(predictions, tmp_path / "p.parquet")
    table = pq.read_table(tmp_path / "p.parquet")
    assert table.column_names == [
        "dataset", "split", "row", "digest", "length", "words", "source", "group", "topic", "gold",
        "p_bad", "p_good", "score",
    ]  # fmt: skip
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert {types[name] for name in ("row", "length", "words", "topic")} == {"int64"}
    assert (types["group"], types["score"]) == ("string", "double")
    assert table.column("p_good").to_pylist() == predictions.probabilities[:, 1].tolist()
    assert table.column("score").to_pylist() == table.column("p_good").to_pylist()


def test_rows_are_chosen_with_their_probabilities(make_random: Any) -> None:
    predictions = make_random(60, ["0", "1", "2"], 4, dataset=["a", "b", "c"] * 20, split=["test", "valid"] * 30)
    chosen = predictions.where(dataset="b", split="test")
    keep = [i for i in range(60) if i % 3 == 1 and i % 2 == 0]
    assert chosen.columns["digest"] == [predictions.columns["digest"][i] for i in keep]
    assert chosen.probabilities.tobytes() == predictions.probabilities[keep].tobytes()
    assert chosen.score.tobytes() == scores_of(predictions.probabilities[keep]).tobytes()
    assert (chosen.kind, chosen.classes) == (predictions.kind, predictions.classes)
    nothing = predictions.where(dataset="z")
    assert nothing.probabilities.shape == (0, 3)
    assert set(map(len, nothing.columns.values())) == {0}


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match=r"p\.parquet is missing: evaluate again"):
        load_predictions(tmp_path / "p.parquet")


def test_somebody_elses_table_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"gold": ["a"]}), tmp_path / "p.parquet")
    with pytest.raises(BonepickError, match="holds no predictions of this project"):
        load_predictions(tmp_path / "p.parquet")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.parquet").write_bytes(b"<<<<<<< merge conflict, or a download that broke off")
    with pytest.raises(BonepickError, match=r"p\.parquet"):
        load_predictions(tmp_path / "p.parquet")
