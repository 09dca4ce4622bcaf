"""Model2Vec directories from elsewhere: what is wrong with one is said in one line, before any text is embedded."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import bonepick
from bonepick.classifiers.static.base_model import load_base_model
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.find_topics import find_topics
from bonepick.evaluation.params import TopicsParams
from bonepick.text.tokenizer import load_tokenizer
from tests.tiny import embed

Edit = Callable[[Any], Any]
Change = Callable[[Path], object]


@pytest.fixture
def folder(base_dir: Path, tmp_path: Path) -> Path:
    """A copy of the tiny base: 45 tokens x 8."""
    return shutil.copytree(base_dir, tmp_path / "base")


@pytest.fixture
def model(trained: Callable[[str, int], Path], tmp_path: Path) -> Path:
    """A copy of a trained model."""
    return shutil.copytree(trained("model2vec", 2), tmp_path / "model")


def in_json(name: str, edit: Callable[[Any], object]) -> Change:
    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_bytes())
        edit(content)
        (folder / name).write_text(json.dumps(content))

    return change


def tokenizer(**parts: Any) -> Change:
    return in_json("tokenizer.json", lambda content: content.update(parts))


def tensors(edit: Callable[[dict[str, Any]], object], name: str = "model.safetensors") -> Change:
    def change(folder: Path) -> None:
        content = load_file(folder / name)
        edit(content)
        save_file(content, folder / name)

    return change


def header(edit: Callable[[dict[str, Any]], object]) -> Change:
    """Change what a tensor file says of its tensors, and leave the numbers as they are."""

    def change(folder: Path) -> None:
        data = (folder / "model.safetensors").read_bytes()
        end = 8 + int.from_bytes(data[:8], "little")
        said = json.loads(data[8:end])
        edit(said)
        packed = json.dumps(said).encode()
        (folder / "model.safetensors").write_bytes(len(packed).to_bytes(8, "little") + packed + data[end:])

    return change


def first_bytes(data: bytes) -> Change:
    def change(folder: Path) -> None:
        whole = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data + whole[len(data) :])

    return change


def replace(text: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": text}, "content": content}


def by_regex(pattern: str, content: str = "x") -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def sequence(*normalizers: Any) -> dict[str, Any]:
    return {"type": "Sequence", "normalizers": list(normalizers)}


def split_by(pattern: str) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def nested(depth: int, key: str) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "Sequence", key: []}
    for _ in range(depth // 2):
        inner = {"type": "Sequence", key: [inner]}
    return inner


TEN = sequence(*[replace("a", "aaaaaaaaaa")] * 10)
ADDED = {"id": 45, "single_word": False, "lstrip": False, "rstrip": False, "special": False}
CRAFTED: dict[str, tuple[Change, str]] = {
    "header of no bytes": (first_bytes(b"\0" * 8), "cut, or no safetensors file"),
    "header of 2**63 bytes": (first_bytes((2**63).to_bytes(8, "little")), "cut, or no safetensors file"),
    "header beyond the file": (first_bytes((4_000).to_bytes(8, "little")), "cut, or no safetensors file"),
    "a type that numpy lacks": (header(lambda said: said["embeddings"].update(dtype="BF16")), "is of type BF16"),
    "rows of 2**40": (header(lambda said: said["embeddings"].update(shape=[2**40, 8])), "does not fit its shape"),
    "negative rows": (header(lambda said: said["embeddings"].update(shape=[-45, -8])), "does not fit its shape"),
    "shape of texts": (header(lambda said: said["embeddings"].update(shape=["45", 8])), "Expected `int`"),
    "beyond the file": (header(lambda said: said["embeddings"].update(data_offsets=[0, 2**40])), "does not fit"),
    "twice the same bytes": (header(lambda said: said.update(weights=said["embeddings"])), "does not fit its shape"),
    "no embeddings": (tensors(lambda c: c.update(other=c.pop("embeddings"))), "no matrix 'embeddings'"),
    "a row of numbers": (tensors(lambda c: c.update(embeddings=c["embeddings"].ravel())), "no matrix 'embeddings'"),
    "whole numbers": (tensors(lambda c: c.update(embeddings=c["embeddings"].astype(np.int64))), "no matrix"),
    "a vector less": (tensors(lambda c: c.update(embeddings=c["embeddings"][1:])), "vectors, its tokenizer"),
    "a mapping out of the matrix": (
        tensors(lambda c: c.update(mapping=np.full(len(c["embeddings"]), 99))), "mapping leads beyond"
    ),
    "a mapping of few": (tensors(lambda c: c.update(mapping=np.zeros(3, np.int64))), "one number a token"),
    "weights of NaN": (
        tensors(lambda c: c.update(weights=np.full(len(c["embeddings"]), np.nan, np.float32))), "weights hold NaN"
    ),
    "nothing but NaN": (tensors(lambda c: c["embeddings"].fill(np.nan)), "take another base model"),
    "a token of number 2**31": (
        in_json("tokenizer.json", lambda c: c["model"]["vocab"].update({"law0": 2**31})), "its tokenizer"
    ),
    "no JSON": (lambda folder: (folder / "tokenizer.json").write_text("<html>"), "JSON is malformed"),
    "a list for a tokenizer": (lambda folder: (folder / "tokenizer.json").write_text("[]"), "Expected `object`"),
    "no model": (in_json("tokenizer.json", lambda c: c.pop("model")), "missing required field"),
    "no known model": (tokenizer(model={"type": "Magic"}), "it is no tokenizer"),
    "replacements that multiply": (tokenizer(normalizer=TEN), "can make a text 1e+10 times as long"),
    "replacements inside others": (tokenizer(normalizer=sequence(sequence(TEN, None), None)), "1e+10 times as long"),
    "replacements of added tokens": (
        tokenizer(normalizer=TEN, added_tokens=[{**ADDED, "content": "aaaa", "normalized": True}]), "times as long"
    ),
    "expressions that multiply": (tokenizer(normalizer=sequence(*[by_regex("", "xx")] * 20)), "times as long"),
    "an added token of 200,000 letters": (
        tokenizer(added_tokens=[{**ADDED, "content": "x" * 200_000, "normalized": False}]), "length <= 1000"
    ),
    "pre-tokenizers inside others": (tokenizer(pre_tokenizer=nested(900, "pretokenizers")), "json is damaged"),
    "normalizers inside others": (tokenizer(normalizer=nested(900, "normalizers")), "tokenizer.json is damaged"),
    "many replacements": (tokenizer(normalizer=sequence(*[replace("a", "b")] * 2_000)), "2,000 stages"),
    "a normalizer without a type": (tokenizer(normalizer={"pattern": {"String": "a"}, "content": "b"}), "malformed"),
    "a normalizer of texts": (tokenizer(normalizer={"type": "Sequence", "normalizers": "abc"}), "malformed"),
    "an unknown normalizer": (tokenizer(normalizer={"type": "Magic"}), "malformed"),
    "a table that is cut": (tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}), "is cut"),
    "an expression that never ends": (tokenizer(pre_tokenizer=split_by("(a+)+$")), "PanicException"),
    "a replacement that never ends": (tokenizer(normalizer=by_regex("(a|aa)+$")), "PanicException"),
    "no expression": (tokenizer(pre_tokenizer=split_by("(((")), "end pattern with unmatched parenthesis"),
}  # fmt: skip


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_base_is_one_line(what: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change, said = CRAFTED[what]
    change(folder)
    with pytest.raises(BonepickError) as caught:
        load_base_model(str(folder))
    assert str(folder) in str(caught.value) and said in str(caught.value)
    assert str(caught.value).isprintable()
    assert capfd.readouterr().err == "", "a library's panic is not shown"


def test_what_the_normalizer_of_texts_uses_is_checked_too(folder: Path) -> None:
    tokenizer(normalizer=TEN)(folder)
    with pytest.raises(BonepickError, match=r"tokenizer\.json is damaged .*: take another tokenizer"):
        load_tokenizer(str(folder / "tokenizer.json"))


USUAL = [
    sequence(*[replace(mark, f" {mark} ") for mark in "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"]),
    sequence({"type": "NFKC"}, by_regex(r"\s+", " "), by_regex(" {2,}", " "), {"type": "Lowercase"}),
    sequence({"type": "Prepend", "prepend": "▁"}, replace(" ", "▁")),
    {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(USUAL)))
def test_usual_normalizers_are_fine(number: int, folder: Path) -> None:
    tokenizer(normalizer=USUAL[number], pre_tokenizer=split_by(r"\p{N}{1,3}|\s+(?!\S)|\s+"))(folder)
    assert embed(load_base_model(str(folder)), ["law0 film1", "It's 1,234! " * 200]).shape == (2, 8)


def broken(folder: Path, value: float) -> Path:
    """Let the vector of one token be no number."""
    ids = json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"]
    tensors(lambda content: content["embeddings"].__setitem__(ids["law0"], value))(folder)
    return folder


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_a_vector_that_is_no_number_counts_as_zero_and_is_named(value: float, folder: Path, notes: list[str]) -> None:
    base = load_base_model(str(broken(folder, value)))
    assert np.abs(embed(base, ["law0"])).max() == 0
    assert notes == [
        f"{folder}/model.safetensors: 1 of 45 vectors hold NaN or infinity (of 'law0'): these numbers count as 0"
    ]


@pytest.mark.parametrize("kind", ["model2vec", "contrastive"])
def test_training_goes_on_with_the_zero(
    kind: str, folder: Path, graded: Callable[[int], Path], tmp_path: Path, notes: list[str], helpers: Any
) -> None:
    helpers.train(kind, graded(2), tmp_path / "model", broken(folder, np.inf))
    assert sum("these numbers count as 0" in note for note in notes) == 1
    assert np.isfinite(bonepick.load(tmp_path / "model").predict_proba(["law0 grade00", "law1"])).all()


def test_topics_are_found_with_the_zero(
    folder: Path, graded: Callable[[int], Path], tmp_path: Path, notes: list[str]
) -> None:
    params = TopicsParams(n_topics=2)
    topics = find_topics([graded(2)], str(broken(folder, np.nan)), tmp_path / "topics", params, RowParams(), Run())
    assert len(topics) == 2
    assert sum("these numbers count as 0" in note for note in notes) == 1


@pytest.mark.parametrize("more", range(5))
def test_numbers_are_mapped_read_only_wherever_they_begin(more: int, folder: Path) -> None:
    wanted = load_base_model(str(folder)).embedding.tobytes()
    header(lambda said: said.update(__metadata__={"of": "x" * more}))(folder)
    found = load_base_model(str(folder)).embedding
    assert found.tobytes() == wanted and found.flags.aligned
    begins = int.from_bytes((folder / "model.safetensors").read_bytes()[:8], "little")
    assert found.flags.owndata == (begins % 4 != 0)  # what is not aligned is copied
    assert found.flags.owndata or not found.flags.writeable


def test_a_model_is_saved_over_itself(model: Path) -> None:
    before = {path.name: path.read_bytes() for path in model.iterdir() if path.suffix == ".safetensors"}
    loaded = bonepick.load(model)
    loaded.save(model)
    assert {path.name: path.read_bytes() for path in model.iterdir() if path.suffix == ".safetensors"} == before
    assert np.isfinite(loaded.predict_proba(["law0"])).all()


HEADS: dict[str, tuple[Change, str]] = {
    "layers of 10**12": (in_json("config.json", lambda c: c["head_config"].update(n_layers=10**12)), "layer 1 is"),
    "no layers": (in_json("config.json", lambda c: c["head_config"].update(n_layers=0)), "`int` >= 1"),
    "no softmax": (in_json("config.json", lambda c: c["head_config"].update(activation="sigmoid")), "'sigmoid'"),
    "classes for a text": (in_json("config.json", lambda c: c["head_config"].update(classes="01")), "Expected `array`"),
    "other classes": (in_json("config.json", lambda c: c["head_config"].update(classes=["1", "0"])), "classes of its"),
    "a class more": (in_json("config.json", lambda c: c["head_config"].update(classes=["0", "1", "2"])), "3 classes"),
    "no head": (in_json("config.json", lambda c: c.pop("head_config")), "missing required field `head_config`"),
    "a text for a length": (in_json("config.json", lambda c: c.update(max_length="long")), "Expected `int"),
    "a head of NaN": (tensors(lambda c: c["head.0.weight"].fill(np.nan), "head.safetensors"), "NaN or infinity"),
    "another width": (
        tensors(lambda c: c.update({"head.0.weight": c["head.0.weight"][:, 1:].copy()}), "head.safetensors"),
        "8 numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HEADS)
def test_a_crafted_head_is_one_line(what: str, model: Path) -> None:
    change, said = HEADS[what]
    change(model)
    in_json("manifest.json", lambda content: content.update(files={}))(model)
    with pytest.raises(BonepickError) as caught:
        bonepick.load(model)
    assert str(model) in str(caught.value) and said in str(caught.value)


class Opened:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


def test_nothing_is_unpickled(model: Path, tmp_path: Path) -> None:
    for name in ("pipeline.skops", "head.safetensors", "model.safetensors", "manifest.json"):
        kept = shutil.copytree(model, tmp_path / f"with-{name}")
        (kept / name).write_bytes(pickle.dumps(Opened(tmp_path / "trace")))
        if name == "pipeline.skops":
            (kept / "head.safetensors").unlink()
        with pytest.raises(BonepickError):
            bonepick.load(kept)
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("name", ["../model.bin", "/etc/hostname", "a/../../x", "", "a\0b"])
def test_a_manifest_names_no_file_outside(name: str, model: Path) -> None:
    in_json("manifest.json", lambda content: content["files"].update({name: 1}))(model)
    with pytest.raises(BonepickError, match="outside of it"):
        bonepick.load(model)


@pytest.mark.parametrize("name", ["manifest.json", "tokenizer.json", "head.safetensors", "config.json"])
def test_a_link_out_of_the_directory_is_not_followed(name: str, model: Path, tmp_path: Path) -> None:
    (model / name).rename(tmp_path / "elsewhere")
    (model / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BonepickError, match=rf"{name} is a link that leads out of .*: put the file itself there"):
        bonepick.load(model)


def test_links_into_a_cache_of_contents_are_followed(folder: Path) -> None:
    """The hub's cache and DVC's keep files under their digests, and link to them."""
    stores = {"model.safetensors": "blobs/" + "0a" * 32, "tokenizer.json": "files/md5/1b/" + "2c" * 15}
    for name, stored in stores.items():
        target = folder.parent / stored
        target.parent.mkdir(parents=True)
        (folder / name).rename(target)
        (folder / name).symlink_to(target)
    assert load_base_model(str(folder)).dim == 8
