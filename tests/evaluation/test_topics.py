"""Topics: what texts are about, the same whatever the shards and their order, and joined to the right rows."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from bonepick.classifiers.contrastive.classifier import ContrastiveParams
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.find_topics import TopicsParams, find_topics, topic_words
from bonepick.evaluation.topics import assigned_topics, load_topics

ABOUT = {"sea": ["ship", "wave", "sail", "port"], "film": ["actor", "scene", "plot", "cast"]}
PARAMS = TopicsParams(n_topics=2)


def rows(n: int, seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    made = []
    for number in range(n):
        about = rng.choice(list(ABOUT))
        text = " ".join(["the", *rng.choices(ABOUT[about], k=9), f"x{number}"])
        made.append({"text": text, "source": about})  # no label: topics look at none
    return made


def write(folder: Path, shards: int = 1, **splits: list[dict[str, Any]]) -> Path:
    for split, own in splits.items():
        (folder / split).mkdir(parents=True)
        size = -(-len(own) // shards)
        for number in range(shards):
            lines = [json.dumps(row) + "\n" for row in own[number * size : (number + 1) * size]]
            (folder / split / f"{number}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    words = ["[UNK]", "the", *ABOUT["sea"], *ABOUT["film"]]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    vectors = np.zeros((len(words), 3), dtype=np.float32)
    vectors[1], vectors[2:6], vectors[6:] = (0, 0, 0.1), (1, 0, 0), (0, 1, 0)
    folder = tmp_path_factory.mktemp("base")
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write(tmp_path / "own", train=rows(200, 1), valid=rows(20, 2), test=rows(40, 3))


def columns_of(folder: Path) -> dict[str, list[Any]]:
    return pq.read_table(folder / "topics.parquet").to_pydict()


def test_texts_about_one_thing_are_one_topic(base: str, dataset: Path, tmp_path: Path) -> None:
    find_topics([dataset], base, tmp_path / "topics", PARAMS, RowParams())
    columns = columns_of(tmp_path / "topics")
    assert list(zip(columns["dataset"], columns["split"], columns["row"], strict=True)) == [
        *(("own", "test", number) for number in range(40)),
        *(("own", "valid", number) for number in range(20)),
    ]
    pairs = set(zip(columns["topic"], (row["source"] for row in rows(40, 3)), strict=False))
    assert len(pairs) == 2
    described = {topic.topic: topic for topic in load_topics(tmp_path / "topics")}
    for number, about in pairs:
        assert set(described[number].words[:4]) == set(ABOUT[about])
        assert described[number].train_rows == sum(row["source"] == about for row in rows(200, 1))
        assert len(described[number].examples) == 3
        assert all(set(text.split()[1:-1]) <= set(ABOUT[about]) for text in described[number].examples)


def test_shards_their_order_and_workers_change_nothing(base: str, tmp_path: Path) -> None:
    splits = {"train": rows(200, 1), "valid": rows(20, 2), "test": rows(40, 3)}
    found = []
    for name, shards, workers, train in (("a", 1, 1, splits["train"]), ("b", 7, 2, splits["train"][::-1])):
        folder = write(tmp_path / name / "own", shards, **{**splits, "train": train})
        find_topics([folder], base, tmp_path / name / "topics", PARAMS, RowParams(), Run(workers))
        found.append({path.name: path.read_bytes() for path in (tmp_path / name / "topics").iterdir()})
    assert found[0] == found[1]


def test_rows_find_their_topics_by_place_and_text(base: str, dataset: Path, tmp_path: Path) -> None:
    find_topics([dataset], base, tmp_path / "topics", PARAMS, RowParams())
    known = columns_of(tmp_path / "topics")
    chosen = {name: [known[name][i] for i in (59, 0, 41)] for name in ("dataset", "split", "row", "digest", "topic")}
    assert assigned_topics(tmp_path / "topics", chosen) == chosen["topic"]
    assert assigned_topics(tmp_path / "topics", {**chosen, "digest": [None] * 3}) == chosen["topic"]
    with pytest.raises(BonepickError, match="no topic for row 19 of valid/ of own, or one of another text"):
        assigned_topics(tmp_path / "topics", {**chosen, "digest": ["0" * 64] * 3})
    with pytest.raises(BonepickError, match="no topic for row 19 of valid/ of other"):
        assigned_topics(tmp_path / "topics", {**chosen, "dataset": ["other"] * 3})


def test_a_row_that_is_set_aside_shifts_no_other(base: str, tmp_path: Path) -> None:
    test = rows(10, 3)
    test[4] = {"text": " "}
    folder = write(tmp_path / "own", train=rows(50, 1), test=test)
    find_topics([folder], base, tmp_path / "topics", PARAMS, RowParams(on_error="quarantine"))
    assert columns_of(tmp_path / "topics")["row"] == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_what_it_cannot_do_is_said(base: str, tmp_path: Path) -> None:
    only_test = write(tmp_path / "own", test=rows(5, 1))
    with pytest.raises(BonepickError, match=r"no train rows in .*own: topics are fitted on them"):
        find_topics([only_test], base, tmp_path / "topics", PARAMS, RowParams())
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/train.txt").write_text("__label__a b\n")
    with pytest.raises(BonepickError, match="holds fastText lines: wanted rows"):
        find_topics([tmp_path / "lines"], base, tmp_path / "topics", PARAMS, RowParams())
    assert not (tmp_path / "topics").exists()
    for read in (lambda: load_topics(tmp_path), lambda: assigned_topics(tmp_path, {})):
        with pytest.raises(BonepickError, match="holds no topics: find them first"):
            read()
    (tmp_path / "topics.json").write_text("junk")
    with pytest.raises(BonepickError, match=r"topics\.json is damaged .*: find topics again"):
        load_topics(tmp_path)


def test_a_topic_without_words_of_its_own_has_none() -> None:
    assert topic_words(["12 34", "56"], np.array([0, 1])) == {0: [], 1: []}
    found = topic_words(["blue sky", "blue sea", "red sun", "red moon"], np.array([0, 0, 1, 1]))
    assert (found[0][0], found[1][0]) == ("blue", "red")


def test_topics_are_not_the_clusters_that_the_ranker_is_trained_in() -> None:
    topics, training = TopicsParams(), ContrastiveParams()
    assert topics.n_topics != training.n_clusters
    assert topics.seed != training.seed


def test_damaged_topics_are_named(tmp_path: Path) -> None:
    for name in ("topics.json", "topics.parquet"):
        (tmp_path / name).write_bytes(b'["\xff')
    for read in (lambda: load_topics(tmp_path), lambda: assigned_topics(tmp_path, {})):
        with pytest.raises(BonepickError, match=r"topics\.\w+ is damaged .*: find topics again"):
            read()
