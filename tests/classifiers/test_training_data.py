"""Training data: what is read, in which order, what is held out, and that test/ is never looked at."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bonepick.classifiers.contrastive import train_contrastive
from bonepick.classifiers.model2vec import train_model2vec
from bonepick.classifiers.training_data import TrainingData, read_training_data
from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.dataset import DatasetInfo
from bonepick.data.normalizing import NormalizeParams, normalize_dataset
from bonepick.data.rows import RowParams
from bonepick.text.normalizers import Normalizer


def number_of(texts: list[str]) -> Any:
    """Texts are numbers here, so that features say which rows came."""
    return np.array([[float(text)] for text in texts], dtype=np.float32)


def read(*directories: Path, labels: Any = (), workers: int = 1, seed: int = 42, **rows: Any) -> TrainingData:
    return read_training_data(directories, number_of, RowParams(**rows), labels, seed, workers)


def numbered(start: int, stop: int, labels: str = "ab") -> list[dict[str, Any]]:
    return [{"text": str(i), "score": labels[i % len(labels)]} for i in range(start, stop)]


def numbers(examples: Any) -> list[int]:
    return [int(value) for value in examples.features[:, 0]]


@pytest.fixture
def dataset(tmp_path: Path, helpers: Any) -> Path:
    folder: Path = helpers.write(tmp_path / "own", train=numbered(0, 30), valid=numbered(100, 110))
    return folder


def test_rows_come_in_the_order_of_their_shards(dataset: Path) -> None:
    data = read(dataset)
    assert numbers(data.train) == [*range(0, 30, 3), *range(1, 30, 3), *range(2, 30, 3)]
    assert data.train.targets.tolist() == [i % 2 for i in numbers(data.train)]
    assert sorted(numbers(data.valid)) == list(range(100, 110))
    assert (data.train.features.dtype, data.train.targets.dtype) == (np.float32, np.int64)
    assert (data.classes, data.label_shares) == (["a", "b"], {"a": 0.5, "b": 0.5})


def test_more_workers_change_nothing(dataset: Path) -> None:
    one, two = read(dataset), read(dataset, workers=2)
    for split in ("train", "valid"):
        assert getattr(one, split).features.tobytes() == getattr(two, split).features.tobytes()
        assert getattr(one, split).targets.tobytes() == getattr(two, split).targets.tobytes()


def test_several_datasets_come_one_after_the_other(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "aaa", train=numbered(200, 203), valid=numbered(300, 301))
    data = read(dataset, other)
    assert sorted(numbers(data.train)[:30]) == list(range(30))
    assert numbers(data.train)[30:] == [200, 201, 202]
    assert numbers(read(other, dataset).train)[:3] == [200, 201, 202]
    assert data.datasets == ["", ""]


def test_a_dataset_with_test_rows_only_adds_nothing(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "unseen", test=numbered(200, 300, "z"))
    assert sorted(numbers(read(dataset, other).train)) == list(range(30))


def test_test_rows_are_never_read(dataset: Path) -> None:
    (dataset / "test").mkdir()
    (dataset / "test" / "0.jsonl.zst").write_bytes(b"\xff garbage")
    (dataset / "test" / "1.jsonl").write_text("{broken\n", encoding="utf-8")
    assert sorted(numbers(read(dataset).train)) == list(range(30))


def test_a_tenth_is_held_out_where_there_is_no_valid(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    folder = helpers.write(tmp_path / "own", train=numbered(0, 3000))
    data = read(folder)
    held_out = numbers(data.valid)
    assert 240 <= len(held_out) <= 360  # 300 and six standard deviations or so
    assert sorted(held_out + numbers(data.train)) == list(range(3000))
    assert any("no valid/" in said and "10%" in said for said in notes)
    # the same rows whatever else there is, and others with another seed
    more = helpers.write(tmp_path / "more", train=numbered(0, 4000))
    assert {i for i in numbers(read(more).valid) if i < 3000} == set(held_out)
    assert set(numbers(read(folder, seed=1).valid)) != set(held_out)


def test_texts_that_repeat_do_not_straddle_the_hold_out(tmp_path: Path, helpers: Any) -> None:
    rows = numbered(0, 100) * 5
    data = read(helpers.write(tmp_path / "own", train=rows))
    assert not set(numbers(data.train)) & set(numbers(data.valid))
    assert set(Counter(numbers(data.valid)).values()) == {5}


def test_each_dataset_is_asked_for_its_own_valid(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "none", train=numbered(1000, 1300))
    data = read(dataset, other)
    held_out = {i for i in numbers(data.valid) if i >= 1000}
    assert 0 < len(held_out) < 100
    assert {i for i in numbers(data.valid) if i < 1000} == set(range(100, 110))
    assert {i for i in numbers(data.train) if i < 1000} == set(range(30))


def test_a_label_that_only_validation_knows_is_named(tmp_path: Path, helpers: Any) -> None:
    folder = helpers.write(tmp_path / "own", train=numbered(0, 10), valid=numbered(20, 23, "abc"))
    with pytest.raises(BonepickError, match=r"label 'c' occurs in valid/ but not in train/"):
        read(folder)


def test_one_label_is_too_few(tmp_path: Path, helpers: Any) -> None:
    folder = helpers.write(tmp_path / "own", train=numbered(0, 10, "a"), valid=numbered(20, 23, "a"))
    with pytest.raises(BonepickError, match=r"only label 'a' .* needs two"):
        read(folder)


@pytest.mark.parametrize(("there", "missing"), [("valid", "train"), ("test", "train")])
def test_without_training_rows_it_says_so(there: str, missing: str, tmp_path: Path, helpers: Any) -> None:
    folder = helpers.write(tmp_path / "own", **{there: numbered(0, 10)})
    with pytest.raises(BonepickError, match=f"no {missing} rows in .*own"):
        read(folder)


def test_an_empty_valid_is_an_error_and_no_reason_to_hold_out(tmp_path: Path, helpers: Any) -> None:
    folder = helpers.write(tmp_path / "own", train=numbered(0, 100), valid=[])
    with pytest.raises(BonepickError, match="no valid rows"):
        read(folder)


def test_labels_are_taken_in_canonical_form_and_order(tmp_path: Path, helpers: Any) -> None:
    scores = [10, 9.0, "9", "__label__10", "10 ", 9]
    rows = [{"text": str(i), "score": score} for i, score in enumerate(scores)]
    data = read(helpers.write(tmp_path / "own", train=rows, valid=rows))
    assert data.classes == ["9", "10"]
    assert {i: int(t) for i, t in zip(numbers(data.train), data.train.targets, strict=True)} == {
        0: 1, 1: 0, 2: 0, 3: 1, 4: 1, 5: 0,
    }  # fmt: skip


def test_the_order_of_labels_can_be_given(dataset: Path, notes: list[str]) -> None:
    data = read(dataset, labels=["B", "unused", "a"])
    assert data.classes == ["b", "a"]
    assert data.train.targets.tolist() == [1 - i % 2 for i in numbers(data.train)]
    with pytest.raises(UsageError, match="'b' occurs in the data"):
        read(dataset, labels=["a", "c"])
    notes.clear()
    read(dataset)
    assert any("alphabetically" in said for said in notes)


def test_other_fields_can_be_named(tmp_path: Path, helpers: Any) -> None:
    rows = [{"body": str(i), "meta": {"grade": i % 2}} for i in range(20)]
    folder = helpers.write(tmp_path / "own", train=rows, valid=rows)
    assert read(folder, text_field="body", label_field=".meta.grade").classes == ["0", "1"]


def test_a_bad_row_stops_training_or_is_left_out_and_counted(dataset: Path, notes: list[str]) -> None:
    with (dataset / "train" / "1.jsonl").open("a", encoding="utf-8") as shard:
        shard.write(json.dumps({"text": "  ", "score": "a"}) + "\n")
        shard.write(json.dumps({"text": "5", "score": None}) + "\n")
    with pytest.raises(BonepickError, match=r"1\.jsonl:11: text field 'text' is empty"):
        read(dataset)
    assert sorted(numbers(read(dataset, on_error="quarantine").train)) == list(range(30))
    assert any("2 rows" in said and "left out" in said for said in notes)


def test_what_is_known_of_the_datasets_is_handed_on(dataset: Path, tmp_path: Path, notes: list[str]) -> None:
    read(dataset)
    assert any("normalizer" in said and "not known" in said for said in notes)
    normalize_dataset(dataset, tmp_path / "done", NormalizeParams(name="whitespace"), RowParams())
    data = read(tmp_path / "done")
    info = DatasetInfo.load(tmp_path / "done")
    assert info is not None
    assert data.normalizer == {"name": "whitespace", "version": 1, "tokenizer": None}
    assert data.datasets == [info.digest]


def test_datasets_that_were_normalized_differently_are_refused(dataset: Path, tmp_path: Path) -> None:
    for name in ("whitespace", "potion"):
        normalize_dataset(dataset, tmp_path / name, NormalizeParams(name=name), RowParams())
    with pytest.raises(BonepickError, match="normalizers differ"):
        read(tmp_path / "whitespace", tmp_path / "potion")


@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_a_normalizer_on_the_fly_gives_the_model_of_normalized_rows(
    kind: str, tmp_path: Path, base_dir: Path, helpers: Any
) -> None:
    """Without a valid/, so that both ways hold out the same rows."""
    rows = [{**row, "text": row["text"].upper()} for row in helpers.rows(200, 2, 5)]
    raw = helpers.write(tmp_path / "raw", train=rows)
    normalize_dataset(raw, tmp_path / "normalized", NormalizeParams(name="potion", max_length=40), RowParams())
    train = {"model2vec": train_model2vec, "contrastive": train_contrastive}[kind]
    potion = Normalizer("potion", max_length=40)
    made = []
    for name, source, normalizer in (
        ("before", tmp_path / "normalized", None),
        ("again", tmp_path / "normalized", potion),
        ("here", raw, potion),
    ):
        train([source], str(base_dir), tmp_path / name, helpers.params(kind), RowParams(), normalizer=normalizer)
        files = helpers.content(tmp_path / name)
        manifest = json.loads(files.pop("manifest.json"))
        listed = json.loads(files.pop(".bonepick.json"))["files"]  # with the manifest's size, which digests are in
        assert listed.keys() == {*files, "manifest.json"}
        assert manifest["normalizer"] == potion.identity
        made.append((files, {**manifest, "datasets": None}))
    assert made[0] == made[1] == made[2]


def test_rows_of_another_normalizer_are_not_normalized_again(tmp_path: Path, base_dir: Path, helpers: Any) -> None:
    raw = helpers.write(tmp_path / "raw", train=helpers.rows(60, 2, 5))
    normalize_dataset(raw, tmp_path / "normalized", NormalizeParams(name="whitespace"), RowParams())
    params = helpers.params("model2vec")
    with pytest.raises(BonepickError, match=r"normalized with whitespace .*wanted is potion"):
        train_model2vec(
            [tmp_path / "normalized"],
            str(base_dir),
            tmp_path / "model",
            params,
            RowParams(),
            normalizer=Normalizer("potion"),
        )
