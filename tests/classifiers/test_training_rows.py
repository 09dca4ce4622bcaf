"""Training rows: what is read, in which order, what is held out, and that test/ is never looked at."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bonepick.classifiers.base.open_rows import open_rows
from bonepick.classifiers.base.params import TrainParams
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.static.embedder import Embedder
from bonepick.classifiers.static.features import read_features
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.dataset_info import DatasetInfo
from bonepick.data.rows import RowParams
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.text.identity import NormalizerIdentity
from bonepick.text.normalizer import NormalizerParams
from tests.tiny import embed


class Read:
    """Training rows whose texts are numbers, so that they say which rows came, after one pass over them."""

    def __init__(self, directories: Sequence[Path], params: TrainParams, rows: RowParams, workers: int) -> None:
        self.rows = open_rows(TrainingInput(directories, rows), params, Path("scratch"), Run(workers))
        self.texts: dict[str, list[str]] = {"train": [], "valid": []}
        self.labels: dict[str, list[str]] = {"train": [], "valid": []}
        for batch in self.rows.batches("train", "valid"):
            self.texts[batch.split] += [item.text for item in batch.items]
            self.labels[batch.split] += [label for item in batch.items for label in item.labels]
        self.classes = self.rows.classes

    def numbers(self, split: str) -> list[int]:
        return [int(text) for text in self.texts[split]]


def read(*directories: Path, labels: Any = (), workers: int = 1, seed: int = 42, **rows: Any) -> Read:
    return Read(directories, TrainParams(labels=labels, seed=seed), RowParams(**rows), workers)


def numbered(start: int, stop: int, labels: str = "ab") -> list[dict[str, Any]]:
    return [{"text": str(i), "score": labels[i % len(labels)]} for i in range(start, stop)]


@pytest.fixture
def dataset(tmp_path: Path, helpers: Any) -> Path:
    folder: Path = helpers.write(tmp_path / "own", train=numbered(0, 30), valid=numbered(100, 110))
    return folder


def test_rows_come_in_the_order_of_their_shards(dataset: Path) -> None:
    data = read(dataset)
    assert data.numbers("train") == [*range(0, 30, 3), *range(1, 30, 3), *range(2, 30, 3)]
    assert data.labels["train"] == ["ab"[i % 2] for i in data.numbers("train")]
    assert sorted(data.numbers("valid")) == list(range(100, 110))
    assert (data.classes, data.rows.label_shares, data.rows.n_rows) == (["a", "b"], {"a": 0.5, "b": 0.5}, 30)


def test_classes_can_be_asked_for_before_the_rows_are_read(dataset: Path, tmp_path: Path) -> None:
    rows = open_rows(TrainingInput([dataset]), TrainParams(), tmp_path, Run())
    assert (rows.classes, rows.n_rows) == (["a", "b"], 30)
    assert sum(len(batch.items) for batch in rows.batches("train")) == 30


def test_a_kind_that_looks_at_no_validation_rows_is_trained_on_all(tmp_path: Path, helpers: Any) -> None:
    class TakesNoValid(TrainParams):
        takes_valid = False

    folder = helpers.write(tmp_path / "own", train=numbered(0, 100))
    counts = {}
    for params in (TrainParams(), TakesNoValid()):
        rows = open_rows(TrainingInput([folder]), params, tmp_path, Run())
        counts[type(params).takes_valid] = rows.n_rows
    assert counts[True] < counts[False] == 100


def test_features_are_those_of_the_texts_and_targets_the_numbers_of_their_classes(
    base: Any, tmp_path: Path, helpers: Any
) -> None:
    parts = {"train": helpers.rows(40, 3, 1), "valid": helpers.rows(20, 3, 2)}
    folder = helpers.write(tmp_path / "own", **parts)
    rows = open_rows(TrainingInput([folder]), TrainParams(labels=(2, 0, 1)), tmp_path, Run())
    features = read_features(rows, Embedder.of("base", base))
    assert features.classes == ["2", "0", "1"]
    for split, examples in (("train", features.train), ("valid", features.valid)):
        in_order = [row for shard in range(3) for row in parts[split][shard::3]]
        assert (examples.features.dtype, examples.targets.dtype) == (np.float32, np.int64)
        assert examples.features.tobytes() == embed(base, [row["text"] for row in in_order]).tobytes()
        assert examples.targets.tolist() == [(row["score"] + 1) % 3 for row in in_order]
        assert len(examples.groups) == len(examples.sources) == len(in_order)


def test_more_workers_change_nothing(dataset: Path) -> None:
    one, two = read(dataset), read(dataset, workers=2)
    assert (one.texts, one.labels) == (two.texts, two.labels)


def test_several_datasets_come_one_after_the_other(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "aaa", train=numbered(200, 203), valid=numbered(300, 301))
    data = read(dataset, other)
    assert sorted(data.numbers("train")[:30]) == list(range(30))
    assert data.numbers("train")[30:] == [200, 201, 202]
    assert read(other, dataset).numbers("train")[:3] == [200, 201, 202]
    assert data.rows.digests == ["", ""]


def test_a_dataset_with_test_rows_only_adds_nothing(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "unseen", test=numbered(200, 300, "z"))
    assert sorted(read(dataset, other).numbers("train")) == list(range(30))


def test_test_rows_are_never_read(dataset: Path) -> None:
    (dataset / "test").mkdir()
    (dataset / "test" / "0.jsonl.zst").write_bytes(b"\xff garbage")
    (dataset / "test" / "1.jsonl").write_text("{broken\n", encoding="utf-8")
    assert sorted(read(dataset).numbers("train")) == list(range(30))


def test_a_tenth_is_held_out_where_there_is_no_valid(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    folder = helpers.write(tmp_path / "own", train=numbered(0, 3000))
    data = read(folder)
    held_out = data.numbers("valid")
    assert 240 <= len(held_out) <= 360  # 300 and six standard deviations or so
    assert sorted(held_out + data.numbers("train")) == list(range(3000))
    assert any("no valid/" in said and "10%" in said for said in notes)
    # the same rows whatever else there is, and others with another seed
    more = helpers.write(tmp_path / "more", train=numbered(0, 4000))
    assert {i for i in read(more).numbers("valid") if i < 3000} == set(held_out)
    assert set(read(folder, seed=1).numbers("valid")) != set(held_out)


def test_texts_that_repeat_do_not_straddle_the_hold_out(tmp_path: Path, helpers: Any) -> None:
    rows = numbered(0, 100) * 5
    data = read(helpers.write(tmp_path / "own", train=rows))
    assert not set(data.numbers("train")) & set(data.numbers("valid"))
    assert set(Counter(data.numbers("valid")).values()) == {5}


def test_each_dataset_is_asked_for_its_own_valid(dataset: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "none", train=numbered(1000, 1300))
    data = read(dataset, other)
    held_out = {i for i in data.numbers("valid") if i >= 1000}
    assert 0 < len(held_out) < 100
    assert {i for i in data.numbers("valid") if i < 1000} == set(range(100, 110))
    assert {i for i in data.numbers("train") if i < 1000} == set(range(30))


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
    assert dict(zip(data.numbers("train"), data.labels["train"], strict=True)) == {
        0: "10", 1: "9", 2: "9", 3: "10", 4: "10", 5: "9",
    }  # fmt: skip


def test_the_order_of_labels_can_be_given(dataset: Path, notes: list[str]) -> None:
    data = read(dataset, labels=["B", "unused", "a"])
    assert data.classes == ["b", "a"]
    assert data.labels["train"] == ["ab"[i % 2] for i in data.numbers("train")]
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
    assert sorted(read(dataset, on_error="quarantine").numbers("train")) == list(range(30))
    assert any("2 rows were rejected" in said for said in notes)


def test_what_is_known_of_the_datasets_is_handed_on(dataset: Path, tmp_path: Path, notes: list[str]) -> None:
    read(dataset)
    assert any("normalizer" in said and "not known" in said for said in notes)
    normalize_dataset(dataset, tmp_path / "done", NormalizeParams(normalizer="whitespace"), RowParams())
    data = read(tmp_path / "done")
    info = DatasetInfo.load(tmp_path / "done")
    assert info is not None
    assert data.rows.normalizer == NormalizerIdentity("whitespace", 1)
    assert data.rows.digests == [info.digest]


def test_datasets_that_were_normalized_differently_are_refused(dataset: Path, tmp_path: Path) -> None:
    for name in ("whitespace", "potion"):
        normalize_dataset(dataset, tmp_path / name, NormalizeParams(normalizer=name), RowParams())
    with pytest.raises(BonepickError, match="normalizers differ"):
        read(tmp_path / "whitespace", tmp_path / "potion")


@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_a_normalizer_on_the_fly_gives_the_model_of_normalized_rows(
    kind: str, tmp_path: Path, base_dir: Path, helpers: Any
) -> None:
    """Without a valid/, so that both ways hold out the same rows."""
    rows = [{**row, "text": row["text"].upper()} for row in helpers.rows(200, 2, 5)]
    raw = helpers.write(tmp_path / "raw", train=rows)
    normalize_dataset(raw, tmp_path / "normalized", NormalizeParams(normalizer="potion", max_length=40), RowParams())
    potion = NormalizerParams(normalizer="potion", max_length=40)
    made = []
    for name, source, conversion in (
        ("before", tmp_path / "normalized", None),
        ("again", tmp_path / "normalized", potion),
        ("here", raw, potion),
    ):
        helpers.train_here(kind, [source], tmp_path / name, base=base_dir, conversion=conversion)
        files = helpers.content(tmp_path / name)
        manifest = json.loads(files.pop("manifest.json"))
        listed = json.loads(files.pop(".bonepick.json"))["files"]  # with the manifest's size, which digests are in
        assert listed.keys() == {*files, "manifest.json"}
        assert NormalizerIdentity(**manifest["normalizer"]) == potion.make().identity
        made.append((files, {**manifest, "datasets": None}))
    assert made[0] == made[1] == made[2]


def test_rows_of_another_normalizer_are_not_normalized_again(tmp_path: Path, base_dir: Path, helpers: Any) -> None:
    raw = helpers.write(tmp_path / "raw", train=helpers.rows(60, 2, 5))
    normalize_dataset(raw, tmp_path / "normalized", NormalizeParams(normalizer="whitespace"), RowParams())
    potion = NormalizerParams(normalizer="potion")
    with pytest.raises(BonepickError, match=r"normalized with whitespace .*wanted is potion"):
        helpers.train_here("model2vec", [tmp_path / "normalized"], tmp_path / "model", base=base_dir, conversion=potion)


def test_a_label_without_rows_for_validation_is_said(
    tmp_path: Path, base_dir: Path, helpers: Any, notes: list[str]
) -> None:
    rows = [{"text": f"law{i} {label}", "score": label} for i in range(9) for label in ("bad", "fair", "good")]
    source = helpers.write(tmp_path / "in", train=rows, valid=[row for row in rows if row["score"] != "fair"])
    helpers.train_here("model2vec", [source], tmp_path / "model", base=base_dir)
    said = [note for note in notes if "validation" in note]
    assert said == ["no row for validation has the label 'fair': what is judged on such rows does not depend on it"]
