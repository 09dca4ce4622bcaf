"""A model is used only if its files are those that its manifest was written for, whatever their sizes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import bonepick
from bonepick.classifiers.base.digest import model_digest
from bonepick.core.errors import BonepickError

Trained = Callable[[str, int], Path]
KINDS = {
    "contrastive": ["model.safetensors", "head.safetensors", "history.csv"],
    "fasttext": ["model.bin"],
    "model2vec": ["model.safetensors", "head.safetensors", "tokenizer.json"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KINDS.items() for name in names])
def test_a_flipped_bit_anywhere_in_a_model_is_refused(tmp_path: Path, trained: Trained, kind: str, name: str) -> None:
    model = shutil.copytree(trained(kind, 2), tmp_path / "model")
    whole = (model / name).read_bytes()
    for place in range(0, len(whole), len(whole) // 20 + 1):
        data = bytearray(whole)
        data[place] ^= 1
        (model / name).write_bytes(data)
        with pytest.raises(BonepickError) as caught:
            bonepick.load(model)
        assert str(model) in str(caught.value)
        assert "\n" not in str(caught.value)
    (model / name).write_bytes(whole)
    assert bonepick.load(model).classes


def test_the_weights_of_another_model_are_refused(tmp_path: Path, trained: Trained, base_dir: Path) -> None:
    """Of the same size, or short by a few bytes, they load as well, and score by chance."""
    model = shutil.copytree(trained("fasttext", 2), tmp_path / "model")
    weights = bytearray((model / "model.bin").read_bytes())
    end = len(weights)
    weights[end - 8 : end] = weights[end - 16 : end - 8]
    (model / "model.bin").write_bytes(weights)
    with pytest.raises(BonepickError, match=r"model\.bin is not the file that manifest\.json was written for: copy or"):
        bonepick.load(model)
    with pytest.raises(BonepickError, match="is not the file"):
        model_digest(model)
    (model / "model.bin").write_bytes(weights[:-128])
    with pytest.raises(BonepickError, match=rf"model\.bin has {end - 128:,} bytes, wanted {end:,}"):
        bonepick.load(model)


def test_manifests_with_sizes_alone_are_still_read(tmp_path: Path, trained: Trained) -> None:
    """As earlier versions wrote them."""
    model = shutil.copytree(trained("model2vec", 2), tmp_path / "model")
    manifest = json.loads((model / "manifest.json").read_bytes())
    manifest["files"] = {name: told["size"] for name, told in manifest["files"].items()}
    (model / "manifest.json").write_text(json.dumps(manifest))
    assert bonepick.load(model).predict(["a text"]) == bonepick.load(trained("model2vec", 2)).predict(["a text"])


def test_what_lies_beside_is_no_part_of_it(tmp_path: Path, trained: Trained) -> None:
    model = shutil.copytree(trained("model2vec", 2), tmp_path / "model")
    before = model_digest(model)
    (model / "thresholds.json").write_text("{}")
    assert bonepick.load(model).digest == model_digest(model) == before
