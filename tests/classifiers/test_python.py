"""A loaded model in Python: classes, scores and labels, of texts in whatever form people hold them; pickled."""

import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dill
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import bonepick
from bonepick.classifiers.base.kinds import kind_names
from bonepick.core.errors import BonepickError, UsageError
from bonepick.metrics.predictions import scores_of

KINDS = kind_names()
TEXTS = ["law0 grade00 grade01", "film1 grade20 grade21 grade22", "", "bird2 GRADE10\n grade11 é"]
Trained = Callable[..., Path]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_score_and_label_follow_from_the_probabilities(trained: Trained, kind: str, n_classes: int) -> None:
    model = bonepick.load(trained(kind, n_classes))
    assert model.classes == model.classes_.tolist() == [str(label) for label in range(n_classes)]
    found, scores = model.predict_proba(TEXTS), model.score(TEXTS)
    assert (scores.shape, scores.dtype) == ((len(TEXTS),), np.float64)
    ranks = [rank / (n_classes - 1) for rank in range(n_classes)]
    np.testing.assert_allclose(scores, [sum(np.array(row) * ranks) for row in found], rtol=1e-12)
    assert scores.tobytes() == scores_of(found).tobytes(), "evaluation has the same"
    if n_classes == 2:
        np.testing.assert_array_equal(scores, found[:, 1])
    assert model.predict(TEXTS) == [model.classes[row.argmax()] for row in found]


FORMS: dict[str, Callable[[list[str]], Any]] = {
    "tuple": tuple,
    "Series": lambda texts: pd.Series(texts, index=range(7, 7 + len(texts))),
    "Series of objects": lambda texts: pd.Series(texts, dtype=object),
    "categories": lambda texts: pd.Series(texts, dtype="category"),
    "numpy": np.array,
    "numpy objects": lambda texts: np.array(texts, dtype=object),
    "numpy strings": lambda texts: [np.str_(text) for text in texts],
    "pyarrow": pa.array,
    "pyarrow, chunked": lambda texts: pa.chunked_array([texts[:1], texts[1:]]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_texts_may_come_in_any_form(trained: Trained, kind: str, form: str) -> None:
    model = bonepick.load(trained(kind, 3))
    found = FORMS[form](TEXTS)
    assert model.predict_proba(found).tobytes() == model.predict_proba(TEXTS).tobytes()
    assert model.score(found).tobytes() == model.score(TEXTS).tobytes()
    assert model.predict(found) == model.predict(TEXTS)


WRONG: list[tuple[Any, str]] = [
    (None, "texts is of type NoneType"),
    ("a text", r"texts is 'a text', a single text: wanted a list of texts, \[text\]"),
    (np.array("a text"), "texts is 'a text'"),
    (b"a text", "texts is b'a text'"),
    (3, "texts is of type int"),
    ({"a text": 1}, "texts is of type dict"),
    (pd.DataFrame({"text": ["a"]}), "texts is of type DataFrame"),
    ((text for text in TEXTS), "texts is of type generator"),
    (["a", None], r"texts\[1\] is None, wanted a string"),
    (["a", "b", b"c"], r"texts\[2\] is b'c'"),
    (pd.Series(["a", None], index=[5, 6]), r"texts\[1\] is "),
    (np.array(["a", 1.5], dtype=object), r"texts\[1\] is 1.5"),
    (np.array([["a", "b"]]), r"texts\[0\] is \['a', 'b'\]"),
    (pa.array(["a", None]), r"texts\[1\] is None"),
    (pa.chunked_array([["a"], [None]]), r"texts\[1\] is None"),
    (pa.table({"text": ["a"]}), r"texts\[0\] is \{'text': 'a'\}"),
    ([["a"]], r"texts\[0\] is \['a'\]"),
]


@pytest.mark.parametrize(("texts", "said"), WRONG)
def test_what_is_no_sequence_of_texts_is_one_line(trained: Trained, texts: Any, said: str) -> None:
    model = bonepick.load(trained("model2vec"))
    for ask in (model.predict_proba, model.score, model.predict):
        with pytest.raises(UsageError, match=said) as caught:
            ask(texts)
        assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Path:
    """A model of the labels `grade` and `law`, of which a text may have both or none."""
    root = tmp_path_factory.mktemp("several")
    rows = [
        {"text": " ".join(words), "score": {"law": "law0" in words, "grade": "grade00" in words}}
        for words in [("law0", "x"), ("grade00", "x"), ("law0", "grade00"), ("y", "x")] * 60
    ]
    dataset = helpers.write(root / "rows", train=rows)
    conversion = helpers.several_labels(normalizer="whitespace")
    return helpers.train_here(  # type: ignore[no-any-return]
        "fasttext", [dataset], root / "model", conversion=conversion, loss="ova", epoch=60, learning_rate=1.0
    )


def test_a_model_of_several_labels_gives_a_list_a_text_and_no_score(several: Path) -> None:
    model = bonepick.load(several)
    texts = ["law0 x", "grade00 x", "law0 grade00", "y x"]
    assert model.predict(texts) == [["law"], ["grade"], ["grade", "law"], []]
    with pytest.raises(UsageError, match=r"several labels, and so no score: take predict_proba") as caught:
        model.score(texts)
    assert str(several) in str(caught.value)


@pytest.fixture(scope="module")
def untold(tmp_path_factory: pytest.TempPathFactory, base_dir: Path, helpers: Any) -> dict[str, Path]:
    """Models of the labels art and law, of which nobody said which is better."""
    root = tmp_path_factory.mktemp("untold")
    names = ("law", "art")
    rows = [row | {"score": names[row["score"]]} for row in helpers.rows(200, 2, 1)]
    dataset = helpers.write(root / "rows", train=rows, valid=rows[:40])
    return {kind: helpers.train(kind, dataset, root / kind, base_dir) for kind in ("model2vec", "fasttext")}


@pytest.mark.parametrize("kind", ["model2vec", "fasttext"])
def test_an_order_that_training_was_not_told_can_be_told_at_loading(untold: dict[str, Path], kind: str) -> None:
    model, told = bonepick.load(untold[kind]), bonepick.load(untold[kind], labels=["law", "art"])
    assert (model.classes, model.ordered) == (["art", "law"], False)
    assert (told.classes, told.ordered) == (["law", "art"], True)
    np.testing.assert_array_equal(told.predict_proba(TEXTS), model.predict_proba(TEXTS)[:, ::-1])
    np.testing.assert_array_equal(told.score(TEXTS), told.predict_proba(TEXTS)[:, 1])
    assert told.predict(TEXTS[:2]) == model.predict(TEXTS[:2])
    with pytest.raises(UsageError, match=r"which of its labels art, law is better is not known.*labels=.*--labels"):
        model.score(TEXTS)
    with pytest.raises(UsageError, match="none of good, bad occurs"):
        bonepick.load(untold[kind], labels=["good", "bad"])
    with pytest.raises(UsageError, match="labels is 'law', one text"):
        bonepick.load(untold[kind], labels="law")
    again = pickle.loads(pickle.dumps(told))
    assert again.score(TEXTS).tobytes() == told.score(TEXTS).tobytes()


@pytest.mark.parametrize("library", [pickle, dill])
@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_is_the_same_whoever_makes_it_and_predicts_the_same(trained: Trained, kind: str, library: Any) -> None:
    directory = trained(kind, 3)
    used, fresh = bonepick.load(directory), bonepick.load(directory)
    used.score(TEXTS)
    pickled = library.dumps(used)
    assert pickled == library.dumps(fresh) == library.dumps(library.loads(pickled))
    elsewhere = (
        f"import sys, {library.__name__} as library, bonepick\n"
        f"sys.stdout.buffer.write(library.dumps(bonepick.load({str(directory)!r})))"
    )
    assert subprocess.run([sys.executable, "-c", elsewhere], capture_output=True, check=True).stdout == pickled
    assert library.loads(pickled).predict_proba(TEXTS).tobytes() == used.predict_proba(TEXTS).tobytes()


def test_another_model_at_the_same_place_has_another_pickle_and_is_not_taken_for_it(
    trained: Trained, tmp_path: Path
) -> None:
    place = tmp_path / "model"
    shutil.copytree(trained("model2vec", 2), place)
    pickled = pickle.dumps(bonepick.load(place))
    shutil.rmtree(place)
    shutil.copytree(trained("contrastive", 2), place)
    assert pickle.dumps(bonepick.load(place)) != pickled
    with pytest.raises(BonepickError, match=f"{place} holds another model than the one that was pickled"):
        pickle.loads(pickled)


def test_what_lies_in_no_directory_is_not_pickled(trained: Trained) -> None:
    model = bonepick.load(trained("model2vec"))
    model.directory = None
    with pytest.raises(BonepickError, match="lies in no directory and cannot be pickled"):
        pickle.dumps(model)


@pytest.fixture
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    yield tmp_path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_datasets_map_with_two_processes_scores_as_one_call_does(
    trained: Trained, kind: str, no_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import Dataset

    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    model = bonepick.load(trained(kind, 2))
    rows = Dataset.from_dict({"text": TEXTS * 5})
    alone = rows.map(lambda batch: {"score": model.score(batch["text"])}, batched=True)
    both = rows.map(lambda batch: {"score": model.score(batch["text"])}, batched=True, batch_size=4, num_proc=2)
    assert alone["score"] == model.score(rows["text"]).tolist()
    np.testing.assert_allclose(both["score"], alone["score"], atol=1e-6)
    fresh = bonepick.load(trained(kind, 2))

    def fingerprint(model: Any) -> str:
        return rows.map(lambda batch: {"score": model.score(batch["text"])}, batched=True)._fingerprint  # type: ignore[no-any-return]

    assert fingerprint(fresh) == fingerprint(model)
