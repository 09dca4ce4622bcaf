"""fastText models and lines of somebody else: their label prefix, several labels a row, labels that look odd."""

from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bonepick
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.classifiers.fasttext.label_prefix import label_prefix
from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.label_forms import LabelForm
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext

SEVERAL = b"__label__law __label__long one two\n__label__film __label__long three four\n__label__law one\n" * 20


def foreign(folder: Path, lines: bytes, **arguments: Any) -> Path:
    """A folder that holds somebody else's `model.bin`."""
    folder.mkdir()
    (folder / "their.txt").write_bytes(lines)
    given = {"dim": 4, "bucket": 50, "thread": 1, "verbose": 0, "epoch": 30, "lr": 0.5, **arguments}
    fasttext.train_supervised(str(folder / "their.txt"), **given).save_model(str(folder / "model.bin"))
    return folder


def lines_of(folder: Path, train: bytes) -> Path:
    folder.mkdir()
    (folder / "train.txt").write_bytes(train)
    return folder


@pytest.mark.parametrize("prefix", ["__class__", "label_", "#", "__label__"])
def test_a_label_prefix_of_its_own_is_taken(tmp_path: Path, notes: list[str], prefix: str) -> None:
    lines = f"{prefix}bad awful text\n{prefix}good fine text\n".encode() * 20
    folder = foreign(tmp_path / "their", lines, label=prefix)
    model = bonepick.load(folder)
    assert model.manifest.classes == ["bad", "good"]
    assert any(f"begin with {prefix}, which is taken" in note for note in notes) == (prefix != "__label__")
    labels, values = fasttext.load_model(str(folder / "model.bin")).predict("fine words", k=-1)
    theirs = dict(zip(labels, values / values.sum(), strict=True))
    assert model.predict_proba(["fine words"])[0, 1] == pytest.approx(theirs[f"{prefix}good"], rel=1e-6)


@pytest.mark.parametrize(
    ("labels", "prefix"),
    [
        (["__class__low", "__class__long"], "__class__"),
        (["__class__very_low", "__class__very_high"], "__class__"),
        (["label_a"], "label_"),
        (["pos", "neg"], ""),
        (["3.0", "3.5"], ""),
        (["__label__a", "__class__a"], ""),
        (["__class__", "__class__a"], ""),
    ],
)
def test_which_prefix_labels_have(labels: list[str], prefix: str) -> None:
    assert label_prefix(labels) == prefix


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[FastText, Any]]:
    """Prefix -> one model as we load it, and as fastText does."""
    root, made = tmp_path_factory.mktemp("both"), {}
    for number, prefix in enumerate(["__label__", "__class__", "class:"]):
        train = f"{prefix}a one two </s>\n{prefix}b three four\n{prefix}a label__b _class:a class__a <s>\n" * 20
        folder = foreign(root / str(number), train.encode(), label=prefix, wordNgrams=2)
        made[prefix] = FastText.load(folder), fasttext.load_model(str(folder / "model.bin"))
    return made


WORDS = [
    "one",
    "two",
    "three",
    "four",
    "</s>",
    "__label__",
    "__label__b",
    "__class__a",
    "class:a",
    "x\0y",
    "\t",
    "\x85",
]


@settings(max_examples=150)
@given(words=st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=8))
def test_no_word_is_lost_in_prediction(both: dict[str, Any], words: list[str]) -> None:
    """Each word counts, as it does in fastText for a text that holds no structure."""
    for prefix, (ours, theirs) in both.items():
        plain = {"</s>": "<s>", "__label__": "label__", "__label__b": "label__b", "x\0y": "x y"}
        plain |= {"__class__a": "class__a"} if prefix == "__class__" else {}
        plain |= {"class:a": "_class:a"} if prefix == "class:" else {}
        if any(word not in WORDS and (set(word) & set("_<:#\n\r\v\f\0") or not word.isprintable()) for word in words):
            continue
        text = " ".join(plain.get(word, word) for word in words)
        labels, values = theirs.predict(text, k=-1)
        own = dict(zip(labels, values / values.sum(), strict=True))
        wanted = [own[f"{prefix}a"], own[f"{prefix}b"]]
        np.testing.assert_allclose(ours.predict_proba([" ".join(words)]), [wanted], rtol=1e-6)


def test_words_behind_an_end_of_line_count(tmp_path: Path, helpers: Any) -> None:
    """fastText itself stops there, in training as in prediction."""
    rows = [{"text": f"same </s> {word}", "score": word} for word in ("bad", "good")] * 20
    dataset = helpers.write(tmp_path / "rows", train=rows)
    convert_to_fasttext(dataset, tmp_path / "lines", ConvertParams(), RowParams())
    helpers.train_here("fasttext", [tmp_path / "lines"], tmp_path / "model", epoch=60)
    found = bonepick.load(tmp_path / "model").predict_proba(["same </s> bad", "same </s> good"])
    assert found.argmax(axis=1).tolist() == [0, 1]


def test_a_text_that_is_not_unicode_is_named(both: dict[str, Any]) -> None:
    with pytest.raises(BonepickError, match=r"not all texts are valid Unicode: 'x \\ud800'"):
        both["__label__"][0].predict_proba(["fine", "x \ud800"])


def test_lines_with_several_labels_are_trained_on(tmp_path: Path, helpers: Any) -> None:
    conversion = helpers.several_labels()
    lines = lines_of(tmp_path / "lines", SEVERAL + b"\nnone here\n")
    helpers.train_here("fasttext", [lines], tmp_path / "model", conversion=conversion, loss="ova", epoch=50)
    manifest = Manifest.load(tmp_path / "model")
    assert (manifest.classes, manifest.label_form) == (["film", "law", "long"], LabelForm(multi_label=True))
    found = bonepick.load(tmp_path / "model").predict_proba(["one two", "three four"])
    assert (found > 0.5).tolist() == [[False, True, True], [True, False, True]]


def test_bins_are_no_matter_of_lines(tmp_path: Path, helpers: Any) -> None:
    lines = lines_of(tmp_path / "lines", SEVERAL)
    with pytest.raises(UsageError, match="for datasets of rows"):
        helpers.train_here("fasttext", [lines], tmp_path / "model", conversion=helpers.several_labels(False, auto=2))


def test_bad_lines_are_rejected_and_counted(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    good = b"__label__a one\n__label__b two\n" * 9
    lines = lines_of(tmp_path / "lines", good + b"no label\n\n__label__a caf\xe9\n__label__b last")
    with pytest.raises(BonepickError, match=r"train\.txt:19: 'no label' does not begin .*--on-error quarantine"):
        helpers.train_here("fasttext", [lines], tmp_path / "model")
    helpers.train_here("fasttext", [lines], tmp_path / "model", rows=RowParams(on_error="quarantine"))
    assert any("lines: 2 rows were rejected" in note for note in notes)
    assert any("trained on 19 rows" in note for note in notes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"__label__a,glued text", "1 of the classes are labels such as 'a,glued', with one line each"),
        (b"__label__a__label__b text", "such as 'a__label__b', with __label__ inside"),
        (b"__label__nan text\n__label__nan more", "label 'nan' (2 lines) is a class"),
        (b"__label__a nan\n__label__b  NaN ", "2 training texts are a word such as 'nan'"),
    ],
)
def test_lines_that_look_like_a_slip_are_said(
    tmp_path: Path, helpers: Any, notes: list[str], line: bytes, said: str
) -> None:
    lines = lines_of(tmp_path / "lines", b"__label__a one\n__label__b two\n" * 9 + line + b"\n")
    helpers.train_here("fasttext", [lines], tmp_path / "model")
    assert [said in note for note in notes].count(True) == 1


def test_ordinary_lines_are_no_slip(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    lines = lines_of(tmp_path / "lines", b"__label__a,b one\n__label__c two\n" * 9 + b"__label__once three\n")
    helpers.train_here("fasttext", [lines], tmp_path / "model")
    assert not [note for note in notes if "fastText ends a label" in note or "take it out" in note]
