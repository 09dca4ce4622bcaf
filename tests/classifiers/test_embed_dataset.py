"""Embedded datasets: the same heads come of them as of rows, whatever the number of workers; others are refused."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from model2vec import StaticModel

from bonepick.classifiers.base.load import load
from bonepick.classifiers.static.base_model import BaseModelParams, make_base_model
from bonepick.classifiers.static.embed_dataset import embed_dataset
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo
from bonepick.data.rows import RowParams
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.text.normalizer import NormalizerParams
from tests.classifiers.conftest import content, train_here
from tests.tiny import embed

STATIC = ("model2vec", "contrastive")


@pytest.fixture
def dataset(tmp_path: Path, helpers: Any) -> Path:
    rows = helpers.rows(90, 2, 1)
    for number, row in enumerate(rows):
        row |= {"source": f"host {number % 4}", "group": f"page {number // 2}"}
    valid, test = helpers.rows(30, 2, 2), helpers.rows(9, 2, 3)
    folder: Path = helpers.write(tmp_path / "rows", train=rows, valid=valid, test=test)
    return folder


def embedded(dataset: Path, target: Path, base: Path, workers: int = 1, normalizer: str = "", **rows: Any) -> Path:
    params = NormalizerParams(normalizer=normalizer)
    embed_dataset(dataset, target, params, RowParams(**rows), str(base), Run(workers))
    return target


def test_features_labels_and_origins_are_those_of_the_rows(
    dataset: Path, base: StaticModel, base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    in_order = [row for shard in range(3) for row in helpers.rows(90, 2, 1)[shard::3]]
    features = np.load(folder / "train.npy", mmap_mode="r")
    assert features.tobytes() == embed(base, [row["text"] for row in in_order]).tobytes()
    origins = pq.read_table(folder / "train.parquet").to_pydict()
    assert origins["label"] == [str(row["score"]) for row in in_order]
    assert set(origins["source"]) == {f"host {number}" for number in range(4)}
    info = DatasetInfo.load(folder)
    assert info is not None and info.embedding is not None
    assert (info.rows_by_split, info.embedding.dim) == ({"train": 90, "valid": 30}, 8)
    files = {f"{split}.{ending}" for split in ("train", "valid") for ending in ("npy", "parquet")}
    assert {path.name for path in Dataset.open(folder).files if isinstance(path, Path)} == files


@pytest.mark.parametrize("kind", STATIC)
def test_heads_are_the_same_as_of_rows(kind: str, dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    of_rows = content(train_here(kind, [dataset], tmp_path / "of-rows", base=base_dir))
    of_features = content(train_here(kind, [folder], tmp_path / "of-features", base=base_dir))
    differ = {name for name in of_rows if of_rows[name] != of_features[name]}
    assert of_rows.keys() == of_features.keys()
    assert differ == {"manifest.json", ".bonepick.json"}, "the digests of the datasets, and that of the manifest"


def test_a_part_of_train_is_held_out_as_of_rows(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    rows = helpers.write(tmp_path / "rows", train=helpers.rows(120, 2, 5))
    folder = embedded(rows, tmp_path / "embedded", base_dir)
    made = [content(train_here("model2vec", [d], tmp_path / f"of-{d.name}", base=base_dir)) for d in (rows, folder)]
    assert made[0]["history.csv"] == made[1]["history.csv"]
    assert made[0]["head.safetensors"] == made[1]["head.safetensors"]


def test_rows_and_features_are_trained_on_together(dataset: Path, base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    other = helpers.write(tmp_path / "other", train=helpers.rows(60, 2, 7))
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    both = train_here("model2vec", [folder, other], tmp_path / "both", base=base_dir)
    apart = train_here("model2vec", [dataset, other], tmp_path / "apart", base=base_dir)
    assert content(both)["head.safetensors"] == content(apart)["head.safetensors"]


def test_more_workers_change_no_byte(dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    one = embedded(dataset, tmp_path / "one", base_dir)
    two = embedded(dataset, tmp_path / "two", base_dir, workers=2)
    assert content(one) == content(two)


def test_a_normalizer_is_applied_and_remembered(dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir, normalizer="potion")
    normalize_dataset(dataset, tmp_path / "normalized", NormalizeParams(normalizer="potion"), RowParams())
    of_normalized = embedded(tmp_path / "normalized", tmp_path / "of-normalized", base_dir)
    assert np.array_equal(np.load(folder / "train.npy"), np.load(of_normalized / "train.npy"))
    assert Dataset.open(folder).normalizer == Dataset.open(of_normalized).normalizer
    model = load(train_here("model2vec", [folder], tmp_path / "model", base=base_dir))
    assert model.manifest.normalizer == Dataset.open(folder).normalizer
    with pytest.raises(BonepickError, match=r"is normalized with potion .*wanted is whitespace"):
        asked = NormalizerParams(normalizer="whitespace")
        train_here("model2vec", [folder], tmp_path / "other", base=base_dir, conversion=asked)


def test_another_base_model_or_normalizer_than_asked_for_is_refused(
    dataset: Path, base_dir: Path, tmp_path: Path
) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    copied = tmp_path / "base"
    make_base_model(BaseModelParams(source="local", name=str(base_dir)), copied)
    train_here("model2vec", [folder], tmp_path / "same", base=copied)
    with pytest.raises(BonepickError, match=r"with another base model \(digest \w{8}\) than packaged \(\w{8}\): "):
        train_here("model2vec", [folder], tmp_path / "model")
    with pytest.raises(BonepickError, match="embedded without a normalizer, wanted potion"):
        asked = NormalizerParams(normalizer="potion")
        train_here("model2vec", [folder], tmp_path / "model", base=base_dir, conversion=asked)


def test_what_takes_texts_says_so(dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    for work in (
        lambda: train_here("fasttext", [folder], tmp_path / "model"),
        lambda: normalize_dataset(folder, tmp_path / "out", NormalizeParams(), RowParams()),
        lambda: embedded(folder, tmp_path / "out", base_dir),
    ):
        with pytest.raises(BonepickError, match=r"embedded holds features.*wanted rows, as they are before "):
            work()


def test_rows_of_several_labels_are_embedded_and_heads_say_that_they_take_one(
    base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    """The pipeline embeds whatever kinds it trains."""
    rows = [{"text": "law0 film1", "score": {"code": n % 2, "maths": 1}} for n in range(20)]
    folder = embedded(helpers.write(tmp_path / "rows", train=rows), tmp_path / "embedded", base_dir)
    info = DatasetInfo.load(folder)
    assert info is not None and info.splits["train"].labels == {"code": 10, "maths": 20}
    with pytest.raises(BonepickError, match="embedded: a row has several labels, or none: wanted one label a row"):
        train_here("model2vec", [folder], tmp_path / "model", base=base_dir)


def test_rejected_rows_are_accounted_for(dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    with (dataset / "train/0.jsonl").open("a") as stream:
        stream.write('{"text": 5, "score": 0}\n')
    with pytest.raises(BonepickError, match=r"train/0.jsonl:31: text field 'text' is 5"):
        embedded(dataset, tmp_path / "embedded", base_dir)
    assert not (tmp_path / "embedded").exists()
    folder = embedded(dataset, tmp_path / "embedded", base_dir, on_error="quarantine")
    info = DatasetInfo.load(folder)
    assert info is not None and (info.rows, info.rejected) == (120, 1)
    assert b"text field 'text' is 5" in (folder / "quarantine/train/0.jsonl").read_bytes()


@pytest.mark.parametrize("damage", ["cut", "other", "missing", "labels", "NaN", "infinity", "pipe", "folder"])
def test_damaged_files_are_refused_in_a_line(damage: str, dataset: Path, base_dir: Path, tmp_path: Path) -> None:
    folder = embedded(dataset, tmp_path / "embedded", base_dir)
    file = folder / "train.npy"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-50])
    elif damage == "other":
        np.save(file, np.zeros((90, 8)))
    elif damage == "missing":
        file.unlink()
    elif damage in ("pipe", "folder"):
        file.unlink()
        (os.mkfifo if damage == "pipe" else os.mkdir)(file)
    elif damage in ("NaN", "infinity"):
        np.load(file, mmap_mode="r+")[7, 3] = float(damage)
    else:
        (folder / "train.parquet").write_bytes((folder / "valid.parquet").read_bytes())
    with pytest.raises(BonepickError, match=r"train\.(npy|parquet).*embed the dataset again"):
        train_here("model2vec", [folder], tmp_path / "model", base=base_dir)


@pytest.mark.parametrize("file", ["valid.npy", "train.parquet"])
def test_rows_of_another_dataset_are_not_taken_for_these(
    file: str, dataset: Path, base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    """As many, of the same labels: nothing but the digest tells."""
    train = [{**row, "source": "elsewhere"} for row in helpers.rows(90, 2, 1)]
    helpers.write(tmp_path / "others", train=train, valid=helpers.rows(30, 2, 5))
    folder, other = (embedded(rows, tmp_path / f"{rows.name}-e", base_dir) for rows in (dataset, tmp_path / "others"))
    (folder / file).write_bytes((other / file).read_bytes())
    with pytest.raises(BonepickError, match=r"not those that dataset\.json tells of.*embed the dataset again"):
        train_here("contrastive", [folder], tmp_path / "model", base=base_dir)
