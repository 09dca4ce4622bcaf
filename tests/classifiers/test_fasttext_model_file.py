"""A model file of somebody else: real ones of every form are taken, damaged and crafted ones are one line."""

import json
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bonepick
from bonepick.classifiers.fasttext import model_bytes, probabilities
from bonepick.classifiers.fasttext.model_file import labels_in
from bonepick.core.errors import BonepickError

LABELS = [f"__label__{name}" for name in "abc"]
DENSE: dict[str, dict[str, Any]] = {
    "softmax": {},
    "hs": {"loss": "hs"},
    "ns": {"loss": "ns"},
    "ova": {"loss": "ova"},
    "word n-grams": {"wordNgrams": 3},
    "character n-grams": {"minn": 2, "maxn": 4, "loss": "hs"},
    "one dimension": {"dim": 1, "wordNgrams": 2},
    "longest n-gram without shortest": {"minn": 3, "maxn": 0},
}
QUANTIZED: dict[str, dict[str, Any]] = {
    "plain": {},
    "norms": {"qnorm": True},
    "pruned": {"cutoff": 280},
    "pruned, norms, odd parts": {"cutoff": 280, "qnorm": True, "dsub": 3},
}
Model = Callable[..., Path]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Training arguments, and perhaps how it is quantized -> a model's folder, made once."""
    root, made = tmp_path_factory.mktemp("models"), dict[str, Path]()
    words = [f"w{i}" for i in range(300)]
    rng = random.Random(1)
    lines = [f"{rng.choice(LABELS)} {' '.join(rng.choices(words, k=6))}\n" for _ in range(300)]
    (root / "train.txt").write_text("".join(lines))

    def model_of(quantize: dict[str, Any] | None = None, **arguments: Any) -> Path:
        key = json.dumps([quantize, arguments], sort_keys=True)
        if key not in made:
            folder = made[key] = root / str(len(made))
            folder.mkdir()
            given = {"dim": 5, "bucket": 300, "epoch": 1, "thread": 1, "verbose": 0, **arguments}
            trained = fasttext.train_supervised(str(root / "train.txt"), **given)
            if quantize is not None:
                trained.quantize(verbose=0, thread=1, **quantize)
            trained.save_model(str(folder / "model.bin"))
        return made[key]

    return model_of


@pytest.mark.parametrize("quantize", [None, *QUANTIZED])
@pytest.mark.parametrize("arguments", DENSE)
def test_models_of_every_form_are_taken(model: Model, arguments: str, quantize: str | None) -> None:
    folder = model(QUANTIZED[quantize] if quantize else None, **DENSE[arguments])
    assert sorted(labels_in(folder / "model.bin")) == LABELS
    found = bonepick.load(folder).predict_proba(["w1 w2 zzz", ""])
    theirs = fasttext.load_model(str(folder / "model.bin")).predict("w1 w2 zzz", k=-1)
    share = dict(zip(*theirs, strict=True))["__label__c"] / sum(theirs[1])
    assert found[0, 2] == pytest.approx(share, rel=1e-6)


def test_a_quantized_output_and_many_labels_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"__label__l{i % 300} word{i % 7} word{i % 11}\n" for i in range(600)]
    (tmp_path / "train.txt").write_text("".join(lines))
    arguments = {"dim": 6, "bucket": 300, "wordNgrams": 2, "epoch": 1, "thread": 1, "verbose": 0}
    trained = fasttext.train_supervised(str(tmp_path / "train.txt"), **arguments)
    trained.quantize(qout=True, verbose=0, thread=1)
    trained.save_model(str(tmp_path / "model.bin"))
    assert len(labels_in(tmp_path / "model.bin")) == 300
    monkeypatch.setattr(probabilities, "BATCH", 30)  # 900 probabilities at a time are 3 texts
    texts = [f"word{i} word{i + 1}" for i in range(8)]
    whole = bonepick.load(tmp_path).predict_proba(texts)
    assert whole.tolist() == [bonepick.load(tmp_path).predict_proba([text])[0].tolist() for text in texts]


def at(offset: int, form: str, value: int) -> Callable[[bytearray], None]:
    return lambda data: struct.pack_into(form, data, offset, value)


CRAFTED = {
    "magic": (at(0, "<i", 1), "begins with b"),
    "version": (at(4, "<i", 13), "its version is 13, wanted 11 or 12"),
    "dim": (at(8, "<i", -5), "its dim is -5"),
    "larger dim": (at(8, "<i", 2**31 - 1), r"input matrix is 601 x 5, its dictionary wants 601 x 2,147,483,647"),
    "word n-grams": (at(28, "<i", 2**31 - 1), "its word_ngrams is 2147483647"),
    "no bound of word n-grams": (at(28, "<i", -1), "its word_ngrams is -1"),
    "loss": (at(32, "<i", 9), "its loss is 9"),
    "unsupervised": (at(36, "<i", 2), "it is not supervised"),
    "no bucket": (at(40, "<i", 0), "its bucket is 0"),
    "many buckets": (at(40, "<i", 2**31 - 1), "its dictionary wants 2,147,483,948 x 5"),
    "no bound of character n-grams": (at(48, "<i", -1), "its maxn is -1"),
    "entries": (at(64, "<i", 2**31 - 1), "its dictionary has"),
    "negative words": (at(68, "<i", -1), "its dictionary has -1 words"),
    "no label": (at(72, "<i", 0), "0 labels"),
    "n-grams": (at(84, "<q", 2**40), "8,796,093,022,208 bytes more"),
    "negative n-grams": (at(84, "<q", -(2**40)), "n-grams"),
    "pruned but dense": (at(84, "<q", 0), "pruned but not quantized"),
    "a word that is a label": (at(92 + 5 + 8, "<b", 1), "dictionary is cut or damaged"),
    "output rows": (at(-3 * 5 * 4 - 16, "<q", 2**62), "its output matrix is 4,611,686,018,427,387,904 x 5"),
    "negative columns": (at(-3 * 5 * 4 - 8, "<q", -1), "its output matrix is 3 x -1"),
    "flag": (at(-3 * 5 * 4 - 17, "<B", 7), "7 stands where 0 or 1 must"),
    "more": (lambda data: data.extend(b"more"), "4 bytes follow its last matrix"),
    "words and labels": (lambda data: struct.pack_into("<ii", data, 68, 300, 4), "damaged|has kind"),
}


@pytest.mark.parametrize("crafted", CRAFTED)
def test_crafted_files_are_one_line(model: Model, tmp_path: Path, crafted: str) -> None:
    change, message = CRAFTED[crafted]
    data = bytearray((model(wordNgrams=2) / "model.bin").read_bytes())
    change(data)
    (tmp_path / "model.bin").write_bytes(data)
    with pytest.raises(BonepickError, match=message) as caught:
        bonepick.load(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'model.bin'} cannot be used as a fastText classifier: ")
    assert "\n" not in str(caught.value)


def test_the_counts_of_a_tree_of_labels_are_checked(model: Model, tmp_path: Path) -> None:
    """Zeros make a tree as deep as there are labels, and huge counts one without an end."""
    whole = (model(loss="hs") / "model.bin").read_bytes()
    count = whole.index(b"__label__") + len("__label__a\0")
    for value in (0, -1, 2**62):
        data = bytearray(whole)
        struct.pack_into("<q", data, count, value)
        (tmp_path / "model.bin").write_bytes(data)
        with pytest.raises(BonepickError, match=r"label '__label__.' has kind 1 and occurs"):
            labels_in(tmp_path / "model.bin")


def test_n_grams_of_a_pruned_model_point_into_its_matrix(model: Model, tmp_path: Path) -> None:
    data = bytearray((model({"cutoff": 280}, wordNgrams=2) / "model.bin").read_bytes())
    last = data.rindex(b"__label__") + len("__label__a\0") + 9
    struct.pack_into("<i", data, last + 4, 2**31 - 1)
    (tmp_path / "model.bin").write_bytes(data)
    with pytest.raises(BonepickError, match="n-grams point out of its input matrix"):
        labels_in(tmp_path / "model.bin")


def test_words_that_take_for_ever_are_refused(tmp_path: Path) -> None:
    """One word of a million characters has 10^9 n-grams of up to a thousand."""
    header = struct.pack("<14id", 793712314, 12, 1, 5, 1, 1, 5, 1, 3, 3, 10, 1, 1000, 100, 1e-4)
    dictionary = struct.pack("<iiiqq", 2, 1, 1, 2, -1) + b"x" * 10**6 + b"\0" + struct.pack("<qb", 1, 0)
    dictionary += b"__label__a\0" + struct.pack("<qb", 1, 1)
    matrices = b"\0" + struct.pack("<qq", 11, 1) + bytes(44) + b"\0" + struct.pack("<qq", 1, 1) + bytes(4)
    (tmp_path / "model.bin").write_bytes(header + dictionary + matrices)
    with pytest.raises(BonepickError, match="too many character n-grams"):
        labels_in(tmp_path / "model.bin")


@pytest.mark.parametrize("quantize", [None, {"cutoff": 280, "qnorm": True}])
def test_a_file_that_was_cut_anywhere_is_refused(model: Model, tmp_path: Path, quantize: Any) -> None:
    whole = (model(quantize, wordNgrams=2) / "model.bin").read_bytes()
    for size in {0, 1, 8, 64, 92, len(whole) // 100, *range(100, len(whole), len(whole) // 50), len(whole) - 1}:
        (tmp_path / "model.bin").write_bytes(whole[:size])
        with pytest.raises(BonepickError, match="cannot be used as a fastText classifier"):
            labels_in(tmp_path / "model.bin")


USE = """
import sys, fasttext
for path in sys.argv[1:]:
    try:
        fasttext.load_model(path).predict(["w1 w2 zzz " * 9, ""], k=-1)
    except RuntimeError as error:
        assert "NaN" in str(error)
"""


def test_what_passes_never_harms(model: Model, tmp_path: Path) -> None:
    rng = random.Random(7)
    wholes = [(model(q, **DENSE[d]) / "model.bin").read_bytes() for d in DENSE for q in (None, QUANTIZED["pruned"])]
    passed = []
    for number in range(150):
        data = bytearray(rng.choice(wholes))
        for _ in range(rng.choice([1, 1, 3])):
            where = rng.choice([4 * rng.randrange(24), rng.randrange(len(data) - 4)])
            struct.pack_into("<i", data, where, rng.choice([0, 1, -1, 2, 255, 1000, 2**31 - 1, -(2**31)]))
        path = tmp_path / f"{number}.bin"
        path.write_bytes(data)
        try:
            labels_in(path)
        except BonepickError as error:
            assert "\n" not in str(error)
        else:
            passed.append(str(path))
    assert 20 < len(passed) < 130
    used = subprocess.run([sys.executable, "-c", USE, *passed], capture_output=True, text=True, check=False)
    assert (used.returncode, used.stdout) == (0, ""), used.stderr


@settings(max_examples=50)
@given(data=st.binary(max_size=200))
def test_any_bytes_behind_a_good_beginning_are_refused(model: Model, tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "model.bin"
    path.write_bytes((model(wordNgrams=2) / "model.bin").read_bytes()[:64] + data)
    with pytest.raises(BonepickError, match="cannot be used as a fastText classifier"):
        labels_in(path)


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json/model.bin").write_text('{"a": "' + "x" * 100 + '"}')
    with pytest.raises(BonepickError, match=r'json/model\.bin .*begins with b\'\{"a": "xxx.*not as fastText'):
        bonepick.load(tmp_path / "json")
    (tmp_path / "folder/model.bin").mkdir(parents=True)
    with pytest.raises(BonepickError, match=r"folder is no fastText model: its model\.bin is no regular file"):
        bonepick.load(tmp_path / "folder")


@pytest.mark.parametrize("quantize", [None, *QUANTIZED])
@pytest.mark.parametrize("part", ["input matrix", "output matrix"])
def test_weights_that_are_no_numbers_are_said(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quantize: str | None, part: str
) -> None:
    """Wherever they stand: no text that is tried need come upon them."""
    monkeypatch.setattr(model_bytes, "PIECE_BYTES", 64)
    whole = (model(QUANTIZED[quantize] if quantize else None) / "model.bin").read_bytes()
    end = len(whole) if part == "output matrix" else len(whole) - 4 * 15 - 17
    for value in (float("nan"), float("inf"), float("-inf")):
        for place in (end - 4, end - 4 * 15):
            data = bytearray(whole)
            struct.pack_into("<f", data, place, value)
            (tmp_path / "model.bin").write_bytes(data)
            with pytest.raises(BonepickError, match=rf"its {part} holds NaN or infinity; fetch or train the model"):
                bonepick.load(tmp_path)
