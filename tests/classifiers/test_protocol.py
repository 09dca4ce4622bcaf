"""Every kind loads through one door and behaves alike behind it, and is the same bytes wherever it is trained."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

import bonepick
from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.normalizing import normalizer_of
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.errors import BonepickError
from bonepick.data.rows import RowParams
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.text.identity import NormalizerIdentity
from bonepick.text.normalizer import Normalizer, NormalizerParams
from tests.tiny import tiny_tokenizer

KINDS = kind_names()
Trained = Callable[..., Path]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_loads_and_tells_good_from_bad(trained: Trained, helpers: Any, kind: str, n_classes: int) -> None:
    model = bonepick.load(str(trained(kind, n_classes)))
    assert model.manifest.kind == kind
    assert model.manifest.classes == [str(label) for label in range(n_classes)]
    rows = helpers.rows(200, n_classes, 20)
    found = model.predict_proba([row["text"] for row in rows])
    assert (found.shape, found.dtype) == ((200, n_classes), np.float64)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    ranks = found @ np.arange(n_classes)
    assert np.corrcoef(ranks, [row["score"] for row in rows])[0, 1] > 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_columns_follow_the_order_of_classes(
    kind: str, graded: Callable[[int], Path], base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    helpers.train(kind, graded(3), tmp_path / "model", base_dir, labels=(1, 0, 2))
    model = bonepick.load(tmp_path / "model")
    assert model.manifest.classes == ["1", "0", "2"]
    rows = helpers.rows(300, 3, 21)
    found = model.predict_proba([row["text"] for row in rows])
    gold = np.array([["1", "0", "2"].index(str(row["score"])) for row in rows])
    # the ranker has one score: where texts of all grades overlap its middle class is told from neither side
    for column in (0, 2) if kind == "contrastive" else (0, 1, 2):
        assert found[gold == column, column].mean() > found[gold != column, column].mean() + 0.1


@settings(deadline=None, max_examples=40)
@given(texts=st.lists(st.text(max_size=60) | st.text("law0grade0123 \n\x00", max_size=60), max_size=5))
def test_any_text_gets_probabilities(trained: Trained, texts: list[str]) -> None:
    for kind in KINDS:
        model = bonepick.load(trained(kind, 3))
        found = model.predict_proba(texts)
        assert found.shape == (len(texts), 3)
        assert np.isfinite(found).all() and (found >= 0).all()
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_no_texts_no_rows(trained: Trained, kind: str) -> None:
    assert bonepick.load(trained(kind, 3)).predict_proba([]).shape == (0, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_has_its_row_however_many_there_are(trained: Trained, kind: str) -> None:
    """More texts than fit one batch: the model takes them in batches, the caller does not feel it."""
    model = bonepick.load(trained(kind, 2))
    texts = [f"law{i % 6} grade{i % 2}{i % 5} film{i % 4}" for i in range(2100)]
    found = model.predict_proba(texts)
    assert found.shape == (2100, 2)
    np.testing.assert_allclose(
        found[[0, 1023, 1024, 2099]], [model.predict_proba([texts[i]])[0] for i in (0, 1023, 1024, 2099)], atol=1e-6
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_model_saves_what_it_was_loaded_from(
    trained: Trained, tmp_path: Path, helpers: Any, kind: str
) -> None:
    (tmp_path / "copy").mkdir()
    bonepick.load(trained(kind, 3)).save(tmp_path / "copy")
    original = helpers.content(trained(kind, 3))
    original.pop(".bonepick.json")  # of the whole output; `save` alone writes none
    assert helpers.content(tmp_path / "copy") == original


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_is_saved_where_it_lies_stays_as_it_was(
    trained: Trained, tmp_path: Path, helpers: Any, kind: str
) -> None:
    shutil.copytree(trained(kind, 3), tmp_path / "copy")
    bonepick.load(tmp_path / "copy").save(tmp_path / "copy")
    assert helpers.content(tmp_path / "copy") == helpers.content(trained(kind, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_raw_texts_go_through_the_models_normalizer(
    kind: str, graded: Callable[[int], Path], base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    dataset = graded(2)
    if not params_of(kind).takes_lines:
        dataset = tmp_path / "normalized"
        normalize_dataset(graded(2), dataset, NormalizeParams(normalizer="potion"), RowParams())
    helpers.train(kind, dataset, tmp_path / "model", base_dir, convert="potion")
    model = bonepick.load(tmp_path / "model")
    assert model.manifest.normalizer == Normalizer("potion").identity
    raw, ready = ["LAW0\n\n  Grade10 grade11 "], ["law0¶ grade10 grade11"]
    assert model.predict_proba(raw).tobytes() == model.predict_proba(ready, normalized=True).tobytes()
    assert model.predict_proba(raw).tobytes() != model.predict_proba(raw, normalized=True).tobytes()


def manifest(**changed: Any) -> Manifest:
    return Manifest("model2vec", ["0", "1"], {}, None, 1, [], {}, {}, **changed)


def test_a_normalizer_of_another_version_is_refused() -> None:
    for normalizer in (NormalizerIdentity("whitespace", 99), NormalizerIdentity("ultrafine", 1, "0" * 64)):
        with pytest.raises(BonepickError, match="was trained with normalizer"):
            normalizer_of(Manifest("model2vec", ["0", "1"], {}, normalizer, 1, [], {}, {}))


def test_a_normalizer_that_this_version_lacks_is_refused() -> None:
    with pytest.raises(BonepickError, match="'newest'"):
        normalizer_of(Manifest("model2vec", ["0", "1"], {}, NormalizerIdentity("newest", 1), 1, [], {}, {}))


def test_an_unknown_normalizer_leaves_texts_alone() -> None:
    assert normalizer_of(manifest()) is None


@pytest.mark.parametrize(
    "kind",
    ["", "svm", "base", "static", "static.params", "a.b", ".", "..core", "../model2vec", "fasttext ", "None"],
)
def test_kinds_that_are_none_are_refused(kind: str, tmp_path: Path) -> None:
    """`base` and `static` lie beside the kinds, `a.b` would be a module inside another."""
    Manifest(kind, ["0", "1"], {}, None, 1, [], {}, {}).save(tmp_path)
    with pytest.raises(BonepickError, match="not known to this version") as caught:
        bonepick.load(tmp_path)
    assert repr(kind) in str(caught.value)
    assert caught.value.exit_code == 1 and ", ".join(KINDS) in str(caught.value)


def test_what_is_no_model_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for name, said in {"missing": "is not there", "empty": "is no model", "file": "is a file"}.items():
        with pytest.raises(BonepickError, match=f"{name} {said}"):
            bonepick.load(tmp_path / name)


@pytest.mark.parametrize(
    ("kind", "file"),
    [("model2vec", name) for name in ("head.safetensors", "model.safetensors", "tokenizer.json", "config.json")]
    + [("fasttext", "model.bin")],
)
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_missing_or_damaged_file_is_one_sentence(
    kind: str, file: str, how: str, trained: Trained, tmp_path: Path
) -> None:
    shutil.copytree(trained(kind, 2), tmp_path / "model")
    if how == "missing":
        (tmp_path / "model" / file).unlink()
    else:
        path = tmp_path / "model" / file
        path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(BonepickError) as caught:
        bonepick.load(tmp_path / "model")
    assert str(tmp_path / "model") in str(caught.value)


ELSEWHERE = """
import json, sys
from pathlib import Path
from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.core.run import Run

if __name__ == "__main__":
    out, base, kinds = sys.argv[1:]
    for kind, (dataset, params) in json.loads(kinds).items():
        training_input = TrainingInput([Path(dataset)], base_model=base)
        train(kind, training_input, Path(out) / kind, params_of(kind)(**params), Run(workers=2))
"""


def settings_of(params: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(params).items()}


@pytest.fixture(scope="module")
def elsewhere(
    tmp_path_factory: pytest.TempPathFactory,
    graded: Callable[[int], Path],
    base_dir: Path,
    trained: Callable[..., Path],
    helpers: Any,
) -> dict[str, Path]:
    """Models of three classes, trained by two workers in a process that shares little with this one."""
    lines = trained("fasttext", 3).parent / "fasttext-3-lines"
    folder = tmp_path_factory.mktemp("some where else")
    (folder / "train.py").write_text(ELSEWHERE, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "OMP_NUM_THREADS": "3",
        "TZ": "Asia/Tokyo",
        "HOME": str(folder),
        "HOSTNAME": "elsewhere",
        "LC_ALL": "C",
    }
    kinds = {
        kind: (str(lines if params_of(kind).takes_lines else graded(3)), settings_of(helpers.params(kind)))
        for kind in KINDS
    }
    arguments = [str(folder / "models"), str(base_dir), json.dumps(kinds)]
    done = subprocess.run(
        [sys.executable, "train.py", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {kind: folder / "models" / kind for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_two_trainings_give_the_same_directory(
    elsewhere: dict[str, Path], trained: Callable[..., Path], helpers: Any, kind: str
) -> None:
    assert helpers.content(trained(kind, 3)) == helpers.content(elsewhere[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_tells_where_when_or_by_whom(
    trained: Callable[..., Path], base_dir: Path, tmp_path_factory: pytest.TempPathFactory, helpers: Any, kind: str
) -> None:
    directory = trained(kind, 3)
    places = {tmp_path_factory.getbasetemp(), base_dir, directory, directory.parent, Path.cwd(), Path.home()}
    traces = {str(place).encode() for place in places if len(place.parts) > 1} | {b"partial-"}
    for name, data in helpers.content(directory).items():
        assert not [trace for trace in traces if trace in data], name
        if name.endswith(".json"):
            assert socket.gethostname().encode() not in data, name
            assert not re.search(rb"20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d|\b1[6-9]\d{8}\b", data), name
        assert not name.endswith((".pkl", ".md")), name


def test_clusters_large_enough_for_several_threads_do_not_feel_them(
    trained: Callable[..., Path], graded: Callable[[int], Path], tmp_path: Path, helpers: Any
) -> None:
    """k-means centres differ in their last bits between one thread and two: measured on the packaged base."""
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            directory = helpers.train("contrastive", graded(3), tmp_path / str(threads), "packaged", n_clusters=20)
        found.append(helpers.content(directory))
    assert found[0] == found[1]


def test_another_normalization_shows_in_the_manifest_alone_where_texts_are_the_same(
    graded: Callable[[int], Path], base_dir: Path, tmp_path: Path, helpers: Any
) -> None:
    """With `dataset.json` the content digest comes in; the weights are those of the texts."""
    found = {}
    for name in ("whitespace", "potion"):
        normalize_dataset(graded(2), tmp_path / name, NormalizeParams(normalizer=name), RowParams())
        found[name] = helpers.content(helpers.train("model2vec", tmp_path / name, tmp_path / f"{name}-model", base_dir))
    markers = [json.loads(files.pop(".bonepick.json")) for files in found.values()]
    manifests = [json.loads(files.pop("manifest.json")) for files in found.values()]
    assert all(marker["files"].keys() == {*found["potion"], "manifest.json"} for marker in markers)
    assert found["whitespace"] == found["potion"]
    assert [manifest.pop("normalizer")["name"] for manifest in manifests] == ["whitespace", "potion"]
    assert manifests[0] == manifests[1]
    assert len(manifests[0]["datasets"][0]) == 64


def test_the_same_params_are_written_the_same_however_they_were_given() -> None:
    """Whole numbers for shares, lists for tuples: what YAML and flags bring."""
    assert repr(ContrastiveParams(l2=[1])) == repr(ContrastiveParams(l2=(1.0,)))  # type: ignore[arg-type, list-item]
    assert repr(FastTextParams(learning_rate=1)) == repr(FastTextParams(learning_rate=1.0))


@pytest.mark.parametrize("kind", ["fasttext", "model2vec"])
def test_a_file_that_was_cut_is_refused_by_its_size(kind: str, trained: Any, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    shutil.copytree(trained(kind), directory)
    name = {"fasttext": "model.bin", "model2vec": "model.safetensors"}[kind]
    whole = (directory / name).read_bytes()
    (directory / name).write_bytes(whole[:-1])
    with pytest.raises(BonepickError, match=rf"{name} has {len(whole) - 1:,} bytes, wanted {len(whole):,}"):
        bonepick.load(directory)
    (directory / name).unlink()
    with pytest.raises(BonepickError, match=rf"{name} is missing, wanted {len(whole):,}"):
        bonepick.load(directory)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_go_through_the_tokenizer_that_training_used(
    kind: str, tmp_path: Path, base_dir: Path, helpers: Any
) -> None:
    own = tmp_path / "tokenizer.json"
    words = [word for topic in helpers.topics for word in topic]
    tiny_tokenizer(words).save(str(own))
    raw = helpers.write(tmp_path / "raw", train=helpers.rows(120, 2, 1))
    conversion = NormalizerParams(normalizer="tokenizer", tokenizer=str(own))
    normalizer = conversion.make()
    helpers.train_here(kind, [raw], tmp_path / "m", base=base_dir, conversion=conversion)
    texts = [row["text"] for row in helpers.rows(5, 2, 3)]
    found = bonepick.load(tmp_path / "m", str(own)).predict_proba(texts)
    wanted = bonepick.load(tmp_path / "m").predict_proba([normalizer(text) for text in texts], normalized=True)
    np.testing.assert_array_equal(found, wanted)
    with pytest.raises(BonepickError, match=r"use the tokenizer .*that it was trained with"):
        bonepick.load(tmp_path / "m").predict_proba(texts)


def test_a_model_of_another_kind_is_called_by_its_kind(trained: Any) -> None:
    with pytest.raises(BonepickError, match="is a model of kind model2vec, no fastText model"):
        FastText.load(trained("model2vec", 2))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not params_of(kind).takes_lines])
def test_heads_are_not_trained_on_lines(kind: str, tmp_path: Path, base_dir: Path, helpers: Any) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/train.txt").write_text("__label__a b\n")
    with pytest.raises(BonepickError, match="holds fastText lines: wanted rows, as they are before conversion"):
        helpers.train_here(kind, [tmp_path / "lines"], tmp_path / "m", base=base_dir)
