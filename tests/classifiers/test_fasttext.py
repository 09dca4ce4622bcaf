"""The fastText kind says what fastText itself says, line by line, whatever the texts and labels."""

import hashlib
from collections.abc import Callable
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
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.errors import BonepickError
from bonepick.data.fasttext_lines import fasttext_text
from bonepick.data.labels import canonical_label
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext

Trained = Callable[..., Path]

GOOD_BAD = b"__label__bad awful text\n__label__good fine text\n" * 20
HOSTILE = [
    "",
    "\n",
    "law0\nfilm1",
    "__label__1 law0",
    "_____label__1",
    "law0\r\v\f\x00grade00",
    "</s>",
    "字 é \u2028 x",
]


def lines_dataset(folder: Path, train: bytes, **others: bytes) -> Path:
    folder.mkdir(parents=True)
    for split, data in {"train": train, **others}.items():
        (folder / f"{split}.txt").write_bytes(data)
    return folder


def train_lines(folder: Path, train: bytes, helpers: Any, **changed: Any) -> FastText:
    helpers.train_here("fasttext", [lines_dataset(folder / "lines", train)], folder / "model", **changed)
    return FastText.load(folder / "model")


def their_probabilities(model_file: Path, text: str, classes: list[str]) -> list[float]:
    labels, probabilities = fasttext.load_model(str(model_file)).predict(text, k=-1)
    found = dict(zip(labels, probabilities / probabilities.sum(), strict=True))
    return [found[f"__label__{label}"] for label in classes]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_predictions_are_fasttexts_own(trained: Trained, helpers: Any, n_classes: int) -> None:
    directory = trained("fasttext", n_classes)
    model = FastText.load(directory)
    texts = [row["text"] for row in helpers.rows(30, n_classes, 9)] + ["unknown words", "", "law0 " * 3000]
    ours = model.predict_proba(texts, normalized=True)
    theirs = [their_probabilities(directory / "model.bin", text, model.manifest.classes) for text in texts]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_predictions_are_those_of_the_model_as_published(tmp_path: Path, helpers: Any) -> None:
    """softmax(W mean(E)), the end-of-sentence token among the E: it is in every training line."""
    model = train_lines(tmp_path, GOOD_BAD, helpers, word_ngrams=1)
    inputs, outputs = model.model.get_input_matrix(), model.model.get_output_matrix()
    rows = [model.model.get_word_id(word) for word in ("fine", "awful", "fine", "</s>")]
    assert min(rows) >= 0
    logits = outputs @ inputs[rows].mean(axis=0)
    own = dict(zip(model.model.get_labels(), np.exp(logits) / np.exp(logits).sum(), strict=True))
    found = model.predict_proba(["fine awful fine"])
    np.testing.assert_allclose(found, [[own["__label__bad"], own["__label__good"]]], atol=1e-4)
    assert model.manifest.end_of_line == "</s>"


def test_a_file_is_judged_as_fasttext_judges_it(trained: Trained, tmp_path: Path, helpers: Any) -> None:
    model = FastText.load(trained("fasttext", 3))
    rows = helpers.rows(200, 3, 11)
    path = tmp_path / "test.txt"
    path.write_text("".join(f"__label__{row['score']} {row['text']}\n" for row in rows), encoding="utf-8")
    n, precision, _ = model.model.test(str(path))
    chosen = model.predict_proba([row["text"] for row in rows]).argmax(axis=1)
    hits = [model.manifest.classes[c] == str(row["score"]) for c, row in zip(chosen, rows, strict=True)]
    assert (n, precision) == (200, pytest.approx(np.mean(hits)))


@pytest.mark.parametrize("loss", ["softmax", "ns", "hs", "ova"])
def test_every_loss_gives_probabilities_that_learned_something(loss: str, tmp_path: Path, helpers: Any) -> None:
    model = train_lines(tmp_path, GOOD_BAD + b"__label__odd other words\n" * 20, helpers, loss=loss, epoch=40)
    found = model.predict_proba(["awful text", "fine text", "other words"])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


@settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.text(max_size=40) | st.sampled_from(HOSTILE) | st.text("_label 1\n\x00", max_size=30)))
def test_any_text_gets_probabilities(trained: Trained, texts: list[str]) -> None:
    found = FastText.load(trained("fasttext", 3)).predict_proba(texts)
    assert found.shape == (len(texts), 3)
    assert np.isfinite(found).all() and (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)


def test_each_text_stands_alone(trained: Trained) -> None:
    """More texts than fit one batch, in another order: the same numbers."""
    model = FastText.load(trained("fasttext", 2))
    texts = [f"law{i % 6} grade{i % 2}{i % 5} x{i}" for i in range(2100)]
    assert model.predict_proba(texts).tobytes() == model.predict_proba(texts[::-1])[::-1].tobytes()


def test_a_label_like_token_in_a_text_is_text(tmp_path: Path, helpers: Any) -> None:
    """fastText would drop it as a label; both training and prediction see it as the word it is."""
    rows = [{"text": "__label__good one", "score": "bad"}, {"text": "label__fine one", "score": "good"}] * 20
    dataset = helpers.write(tmp_path / "rows", train=rows)
    convert_to_fasttext(dataset, tmp_path / "lines", ConvertParams(), RowParams())
    helpers.train_here("fasttext", [tmp_path / "lines"], tmp_path / "model", epoch=40)
    model = FastText.load(tmp_path / "model")
    assert model.manifest.classes == ["bad", "good"]
    assert model.predict_proba(["__label__good one", "__label__fine one"]).argmax(axis=1).tolist() == [0, 1]
    assert fasttext_text("__label__good one") == "label__good one"


ODD = ["very good", "a|b", "Été", "__label__x y", '"', "p_a", "score", "1.50", "_", "字", "a\\b", "tab\there"]


def test_labels_with_odd_names_survive(tmp_path: Path, helpers: Any) -> None:
    rows = [{"text": f"word{i} word{i}", "score": label} for i, label in enumerate(ODD)] * 15
    dataset = helpers.write(tmp_path / "rows", train=rows)
    convert_to_fasttext(dataset, tmp_path / "lines", ConvertParams(), RowParams())
    helpers.train_here("fasttext", [tmp_path / "lines"], tmp_path / "model", epoch=60, dimension=16)
    model = FastText.load(tmp_path / "model")
    found = model.predict_proba([f"word{i} word{i}" for i in range(len(ODD))])
    assert [model.manifest.classes[c] for c in found.argmax(axis=1)] == [canonical_label(label) for label in ODD]


def test_a_label_with_a_nul_is_refused_or_learned(tmp_path: Path, helpers: Any) -> None:
    """fastText ends a token at NUL: what it would learn is another label than the one that was written."""
    rows = [{"text": "awful", "score": "a\0b"}, {"text": "fine", "score": "c"}] * 20
    dataset = helpers.write(tmp_path / "rows", train=rows)
    try:
        convert_to_fasttext(dataset, tmp_path / "lines", ConvertParams(), RowParams())
        helpers.train_here("fasttext", [tmp_path / "lines"], tmp_path / "model")
    except BonepickError as error:
        assert "\\x00" in str(error) or "a\0b" in str(error)
    else:
        assert FastText.load(tmp_path / "model").predict_proba(["awful"]).argmax() == 0


@pytest.mark.parametrize(
    "train",
    [
        pytest.param(GOOD_BAD.replace(b"good", b"Good"), id="upper case"),
        pytest.param(GOOD_BAD.replace(b"__label__good ", b"__label__good\t"), id="tab after the label"),
        pytest.param(GOOD_BAD.replace(b"\n", b"\r\n") + b"__label__good\r\n", id="windows line ends, empty text"),
        pytest.param(GOOD_BAD + GOOD_BAD.replace(b"good", b"GOOD"), id="two spellings of one label"),
    ],
)
def test_lines_made_elsewhere_train_the_same_classes(train: bytes, tmp_path: Path, helpers: Any) -> None:
    """The design: all kinds of model see labels in canonical form."""
    model = train_lines(tmp_path, train, helpers, epoch=40)
    assert model.manifest.classes == ["bad", "good"]
    assert sorted(model.manifest.label_shares) == ["bad", "good"]
    found = model.predict_proba(["fine text", "awful text"])
    assert found[0, 1] > 0.5 > found[1, 1]


def test_a_line_with_two_labels_is_refused_with_its_number(tmp_path: Path, helpers: Any) -> None:
    """One label a row: fastText would read the second as one more class, which the manifest does not know."""
    with pytest.raises(BonepickError, match=r"train\.txt:41"):
        train_lines(tmp_path, GOOD_BAD + b"__label__good __label__odd text\n", helpers)


def test_training_happens_in_another_process(tmp_path: Path, helpers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def here(**arguments: object) -> None:
        raise AssertionError("trained in the process of the caller")

    monkeypatch.setattr(fasttext, "train_supervised", here)
    assert train_lines(tmp_path, GOOD_BAD, helpers, epoch=40).predict_proba(["fine text"])[0, 1] > 0.5


def test_training_says_nothing_on_the_terminal(tmp_path: Path, helpers: Any, capfd: pytest.CaptureFixture[str]) -> None:
    train_lines(tmp_path, GOOD_BAD, helpers)
    assert capfd.readouterr() == ("", "")


def test_bad_settings_are_one_sentence_and_leave_nothing(tmp_path: Path, helpers: Any) -> None:
    with pytest.raises(BonepickError, match="fastText cannot train") as caught:
        train_lines(tmp_path, GOOD_BAD, helpers, learning_rate=10, loss="hs")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]


def test_vectors_that_were_trained_elsewhere_are_the_start(tmp_path: Path, helpers: Any) -> None:
    (tmp_path / "start.vec").write_text("2 4\nfine 1 0 0 0\nawful 0 1 0 0\n", encoding="utf-8")
    vectors = {"pretrained_vectors": str(tmp_path / "start.vec"), "epoch": 1, "learning_rate": 1e-6}
    model = train_lines(tmp_path, GOOD_BAD, helpers, **vectors)
    np.testing.assert_allclose(model.model.get_word_vector("fine"), [1, 0, 0, 0], atol=1e-3)
    digest = hashlib.sha256((tmp_path / "start.vec").read_bytes()).hexdigest()
    assert model.manifest.params["pretrained_vectors_sha256"] == digest, "and not where they lay on this machine"
    assert str(tmp_path) not in (tmp_path / "model/manifest.json").read_text()


def test_several_datasets_are_trained_on_together(tmp_path: Path, helpers: Any) -> None:
    one = lines_dataset(tmp_path / "one", b"__label__bad awful text\n" * 30)
    two = lines_dataset(tmp_path / "two", b"__label__good fine text\n" * 10)
    only_test = lines_dataset(tmp_path / "three", b"", test=b"__label__other x\n")
    (only_test / "train.txt").unlink()
    helpers.train_here("fasttext", [one, two, only_test], tmp_path / "model", epoch=40)
    manifest = Manifest.load(tmp_path / "model")
    assert (manifest.classes, manifest.label_shares) == (["bad", "good"], {"bad": 0.75, "good": 0.25})


def test_a_last_line_without_line_break_stays_a_line_of_its_own(tmp_path: Path, helpers: Any) -> None:
    one = lines_dataset(tmp_path / "one", GOOD_BAD + b"__label__bad awful")
    two = lines_dataset(tmp_path / "two", b"__label__good fine\n")
    helpers.train_here("fasttext", [one, two], tmp_path / "model")
    assert FastText.load(tmp_path / "model").model.get_labels(include_freq=True)[1].tolist() == [21, 21]


def test_only_the_training_lines_count(tmp_path: Path, helpers: Any) -> None:
    for name, test in (("one", b"__label__good fine\n"), ("two", b"\xff garbage\n")):
        dataset = lines_dataset(tmp_path / name / "lines", GOOD_BAD, test=test, valid=test)
        helpers.train_here("fasttext", [dataset], tmp_path / name / "model")
    assert helpers.content(tmp_path / "one" / "model") == helpers.content(tmp_path / "two" / "model")


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (b"", "no train rows in .*lines: training needs some"),
        (b"__label__a x\n__label__a y\n", "only label 'a'"),
        (b"__label__a x\nno label\n", r"train\.txt:2"),
        (b"__label__a x\n__label__ y\n", r"train\.txt:2"),
        (b"__label__a x\n__label__b \xff\n", r"train\.txt:2"),
    ],
)
def test_lines_that_cannot_be_trained_on(train: bytes, message: str, tmp_path: Path, helpers: Any) -> None:
    with pytest.raises(BonepickError, match=message):
        train_lines(tmp_path, train, helpers)
    assert not (tmp_path / "model").exists()


def test_rows_must_be_converted_first(graded: Callable[[int], Path], tmp_path: Path, helpers: Any) -> None:
    with pytest.raises(BonepickError, match="convert-to-fasttext"):
        helpers.train_here("fasttext", [graded(2)], tmp_path / "model")


def test_the_order_of_labels_is_the_one_that_is_asked_for(tmp_path: Path, helpers: Any) -> None:
    dataset = lines_dataset(tmp_path / "lines", GOOD_BAD)
    for name, labels in (("one", ["bad", "good"]), ("two", ["Good", "BAD"])):
        helpers.train_here("fasttext", [dataset], tmp_path / name, epoch=40, labels=labels)
    one, two = (FastText.load(tmp_path / name) for name in ("one", "two"))
    assert (one.manifest.classes, two.manifest.classes) == (["bad", "good"], ["good", "bad"])
    texts = ["fine text", "awful text"]
    assert one.predict_proba(texts).tobytes() == two.predict_proba(texts)[:, ::-1].tobytes()
    assert one.predict_proba(texts)[0, 1] > 0.5


def test_more_threads_are_written_down_and_said(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    model = train_lines(tmp_path, GOOD_BAD, helpers, thread=2)
    assert model.manifest.threads == 2
    assert any("2 threads" in said for said in notes)


def test_one_thread_is_the_default_and_the_seed_counts(tmp_path: Path, helpers: Any) -> None:
    assert FastTextParams().thread == 1
    found = {}
    for seed in (1, 2):
        train_lines(tmp_path / str(seed), GOOD_BAD, helpers, seed=seed)
        found[seed] = (tmp_path / str(seed) / "model" / "model.bin").read_bytes()
    assert found[1] != found[2]


def foreign(folder: Path, train: bytes, **arguments: Any) -> Path:
    """A model of somebody else: `model.bin` alone."""
    folder.mkdir()
    (folder / "their.txt").write_bytes(train)
    settings = {"dim": 4, "bucket": 50, "thread": 1, "verbose": 0, "epoch": 30, "lr": 0.5, **arguments}
    model = fasttext.train_supervised(str(folder / "their.txt"), **settings)
    (folder / "their.txt").unlink()
    model.save_model(str(folder / "model.bin"))
    return folder


def test_somebody_elses_model_is_used_as_it_is(tmp_path: Path, notes: list[str]) -> None:
    directory = foreign(tmp_path / "their", GOOD_BAD)
    model = bonepick.load(directory)
    assert (model.manifest.kind, model.manifest.classes, model.manifest.normalizer) == (
        "fasttext",
        ["bad", "good"],
        None,
    )
    texts = ["Fine  TEXT", "awful text"]
    theirs = [their_probabilities(directory / "model.bin", text, ["bad", "good"]) for text in texts]
    np.testing.assert_allclose(model.predict_proba(texts), theirs, rtol=1e-6)


def test_spellings_of_one_label_in_somebody_elses_model_are_one_class(tmp_path: Path) -> None:
    train = b"__label__Good fine text\n__label__good lovely text\n__label__bad awful text\n" * 20
    directory = foreign(tmp_path / "their", train)
    model = bonepick.load(directory)
    assert model.manifest.classes == ["bad", "good"]
    labels, probabilities = fasttext.load_model(str(directory / "model.bin")).predict("fine lovely text", k=-1)
    theirs = dict(zip(labels, probabilities / probabilities.sum(), strict=True))
    expected = theirs["__label__Good"] + theirs["__label__good"]
    assert model.predict_proba(["fine lovely text"])[0, 1] == pytest.approx(expected, rel=1e-6)


def test_a_text_of_which_a_model_knows_nothing_gets_the_same_for_all(tmp_path: Path) -> None:
    """Where words are rare even the end-of-sentence token is left out: fastText then returns no labels at all."""
    directory = foreign(tmp_path / "their", GOOD_BAD, minCount=1000, wordNgrams=1)
    assert bonepick.load(directory).predict_proba(["fine", ""]).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_word_vectors_and_other_files_are_no_classifiers(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(GOOD_BAD)
    unsupervised = fasttext.train_unsupervised(str(tmp_path / "words.txt"), dim=4, bucket=50, thread=1, verbose=0)
    for name in ("vectors", "other", "empty"):
        (tmp_path / name).mkdir()
    unsupervised.save_model(str(tmp_path / "vectors" / "model.bin"))
    (tmp_path / "other" / "model.bin").write_bytes(b"something else")
    for name in ("vectors", "other"):
        with pytest.raises(BonepickError, match="cannot be used as a fastText classifier"):
            FastText.load(tmp_path / name)
    with pytest.raises(BonepickError, match=r"it has no model\.bin"):
        FastText.load(tmp_path / "empty")


def test_saving_somewhere_else_copies_all(trained: Trained, tmp_path: Path, helpers: Any) -> None:
    (tmp_path / "copy").mkdir()
    FastText.load(trained("fasttext", 2)).save(tmp_path / "copy")
    original = helpers.content(trained("fasttext", 2))
    original.pop(".bonepick.json")
    assert helpers.content(tmp_path / "copy") == original
    assert set(helpers.content(tmp_path / "copy")) == {"manifest.json", "model.bin"}
