"""The base model is read whole and as it is: no cap, no padding, no normalization, and no trace of this machine."""

import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model2vec import StaticModel

from bonepick.classifiers.static.base_model import BaseModelParams, load_base_model, make_base_model
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from tests.tiny import embed


def test_a_text_is_the_mean_of_its_known_tokens(base: StaticModel, vectors: dict[str, Any]) -> None:
    found = embed(base, ["law0 grade00 law0", "law1", "nothing known", "", "law1 unheard-of"])
    means = [(2 * vectors["law0"] + vectors["grade00"]) / 3, vectors["law1"], np.zeros(8), np.zeros(8), vectors["law1"]]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.stack(means), atol=1e-6)


def test_long_texts_are_read_to_their_end(base: StaticModel, vectors: dict[str, Any]) -> None:
    """128 is where the tokenizer of the fixture cuts, 512 where model2vec does."""
    text = "law0 " * 600 + "grade00 " * 600
    np.testing.assert_allclose(embed(base, [text])[0], (vectors["law0"] + vectors["grade00"]) / 2, atol=1e-4)


def test_no_texts_give_no_rows(base: StaticModel) -> None:
    assert embed(base, []).shape == (0, 8)


def test_each_text_gets_its_own_embedding_whatever_stands_beside_it(base: StaticModel) -> None:
    texts = [f"law{i % 6} " * (i % 40) + "film3" for i in range(1500)]
    alone = np.concatenate([embed(base, [text]) for text in texts[::100]])
    assert embed(base, texts)[::100].tobytes() == alone.tobytes()


def test_a_local_base_is_written_the_same_wherever_it_goes(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    params = BaseModelParams(source="local", name=str(base_dir))
    for target in (tmp_path / "one", tmp_path / "deeper" / "another"):
        make_base_model(params, target)
    one = helpers.content(tmp_path / "one")
    assert one == helpers.content(tmp_path / "deeper" / "another")
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(one)
    here = (str(tmp_path).encode(), str(base_dir).encode(), socket.gethostname().encode())
    assert not [name for name, data in one.items() if name.endswith(".json") and any(trace in data for trace in here)]


def test_what_is_written_embeds_like_what_was_read(base: StaticModel, base_dir: Path, tmp_path: Path) -> None:
    make_base_model(BaseModelParams(source="local", name=str(base_dir)), tmp_path / "base")
    texts = ["law0 film1", "bird3 " * 700]
    assert embed(load_base_model(str(tmp_path / "base")), texts).tobytes() == embed(base, texts).tobytes()


def test_others_read_it_without_cap_and_normalization_too(base: StaticModel, base_dir: Path, tmp_path: Path) -> None:
    make_base_model(BaseModelParams(source="local", name=str(base_dir)), tmp_path / "base")
    texts = ["law0 film1", "law0 " * 600 + "bird3 " * 600]
    theirs = StaticModel.from_pretrained(tmp_path / "base").encode(texts)
    np.testing.assert_allclose(theirs, embed(base, texts), atol=1e-4)  # it adds in float32


def test_files_can_be_read_by_everybody_who_may_read_the_folder(base_dir: Path, tmp_path: Path) -> None:
    """model2vec writes weights with mode 0600."""
    make_base_model(BaseModelParams(source="local", name=str(base_dir)), tmp_path / "base")
    (tmp_path / "plain").touch()
    assert {path.stat().st_mode for path in (tmp_path / "base").iterdir()} == {(tmp_path / "plain").stat().st_mode}


def test_the_packaged_base_is_potion_base_4m(tmp_path: Path) -> None:
    make_base_model(BaseModelParams(), tmp_path / "base")
    model = load_base_model(str(tmp_path / "base"))
    assert model.embedding.shape == (29_528, 128)
    near, far = embed(model, ["the court ruled on the appeal"]), embed(model, ["bake the cake with butter"])
    other = embed(model, ["a judge decided the lawsuit"])
    assert cosine(near, other) > cosine(near, far) + 0.2


def cosine(one: Any, other: Any) -> float:
    return float((one[0] @ other[0]) / np.linalg.norm(one[0]) / np.linalg.norm(other[0]))


@pytest.mark.parametrize("source", ["hf", "local"])
def test_a_source_that_needs_a_name_asks_for_it(source: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"base_model\.name is empty"):
        make_base_model(BaseModelParams(source=source), tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_a_directory_that_is_not_there_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    params = BaseModelParams(source="local", name=str(tmp_path / "none"))
    with pytest.raises(
        UsageError, match=r"^base_model\.name is '.*none': no such directory, which source 'local' needs"
    ):
        make_base_model(params, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BonepickError, match=r"nothing is no Model2Vec model"):
        load_base_model(str(tmp_path / "nothing"))


def test_a_file_in_place_of_a_folder_is_not_looked_for_on_the_hub(base_dir: Path) -> None:
    with pytest.raises(BonepickError, match=r"tokenizer\.json is no directory: wanted one as model2vec saves it"):
        load_base_model(str(base_dir / "tokenizer.json"))


def test_a_hub_without_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(BonepickError, match="some/model") as caught:
        load_base_model("some/model")
    assert "\n" not in str(caught.value)


def test_a_name_on_the_hub_is_fetched_at_its_revision(
    monkeypatch: pytest.MonkeyPatch, base_dir: Path, base: StaticModel, tmp_path: Path
) -> None:
    asked: list[tuple[str, str | None]] = []

    def snapshot(name: str, revision: str | None = None) -> str:
        asked.append((name, revision))
        return str(base_dir)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    make_base_model(BaseModelParams(source="hf", name="some/model", revision="abc"), tmp_path / "base")
    assert asked == [("some/model", "abc")]
    texts = ["law0 film1"]
    assert embed(load_base_model(str(tmp_path / "base")), texts).tobytes() == embed(base, texts).tobytes()


def test_an_occupied_output_is_refused_and_left_alone(base_dir: Path, tmp_path: Path, helpers: Any) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "mine").write_text("keep", encoding="utf-8")
    params = BaseModelParams(source="local", name=str(base_dir))
    with pytest.raises(BonepickError, match="not empty"):
        make_base_model(params, tmp_path / "base")
    assert helpers.content(tmp_path / "base") == {"mine": b"keep"}
    with pytest.raises(BonepickError, match="'mine', not written by bonepick, which is kept"):
        make_base_model(params, tmp_path / "base", Run(overwrite=True))
    assert helpers.content(tmp_path / "base") == {"mine": b"keep"}
    (tmp_path / "base" / "mine").unlink()
    for overwrite in (False, True):
        make_base_model(params, tmp_path / "base", Run(overwrite=overwrite))
        assert load_base_model(str(tmp_path / "base")).dim == helpers.dim
    with pytest.raises(BonepickError, match="overlap"):
        make_base_model(params, base_dir, Run(overwrite=True))
