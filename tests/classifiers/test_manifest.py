"""The manifest comes back as it went out, and what this version cannot read is refused, not guessed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.classifiers.base.manifest import Manifest, library_versions
from bonepick.core.errors import BonepickError
from bonepick.data.label_forms import LabelForm
from bonepick.text.identity import NormalizerIdentity

NAMES = st.text(min_size=1, max_size=8)
IDENTITIES = st.from_regex("[a-z0-9-]{1,9}", fullmatch=True)
DIGESTS = st.from_regex("[0-9a-f]{1,64}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
MANIFESTS = st.builds(
    Manifest,
    kind=NAMES,
    classes=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    params=st.dictionaries(NAMES, JSON, max_size=3),
    normalizer=st.none() | st.builds(NormalizerIdentity, IDENTITIES, st.integers(1, 9), st.none() | DIGESTS),
    seed=st.none() | st.integers(0, 2**31 - 1),
    datasets=st.lists(NAMES, max_size=2),
    label_shares=st.dictionaries(NAMES, st.floats(0, 1), max_size=3),
    versions=st.dictionaries(NAMES, NAMES, max_size=3),
    label_form=st.none() | st.builds(LabelForm, st.booleans(), st.lists(st.floats(-9, 9), max_size=3).map(tuple)),
    end_of_line=st.none() | NAMES,
    threads=st.integers(1, 64),
)


def plain(**changed: Any) -> Manifest:
    own: dict[str, Any] = {
        "kind": "model2vec",
        "classes": ["b", "a"],
        "params": {"l2": [0.1]},
        "normalizer": None,
        "seed": 1,
        "datasets": [""],
        "label_shares": {"b": 0.5, "a": 0.5},
        "versions": {},
    }
    return Manifest(**{**own, **changed})


@given(MANIFESTS)
def test_it_comes_back_as_it_went_out(tmp_path_factory: pytest.TempPathFactory, manifest: Manifest) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    manifest.save(folder)
    assert Manifest.load(folder) == manifest


def test_its_bytes_do_not_depend_on_the_order_things_were_put_in(tmp_path: Path) -> None:
    files = []
    for name, shares in (("one", {"a": 0.5, "b": 0.5}), ("two", {"b": 0.5, "a": 0.5})):
        (tmp_path / name).mkdir()
        plain(label_shares=shares).save(tmp_path / name)
        files.append((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
    assert files[0] == files[1]
    assert files[0] == json.dumps(json.loads(files[0]), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert json.loads(files[0])["classes"] == ["b", "a"]


def test_a_folder_without_one_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BonepickError, match=r"is no model: it has no manifest\.json"):
        Manifest.load(tmp_path)


def changed_file(folder: Path, **changed: Any) -> None:
    plain().save(folder)
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changed}), encoding="utf-8")


@pytest.mark.parametrize(
    "changed",
    [
        {"classes": "neg pos"},
        {"classes": None},
        {"seed": "42"},
        {"threads": None},
        {"label_shares": {"a": "half"}},
        {"normalizer": "potion"},
        pytest.param({"format": 2}, id="a later format"),
        pytest.param({"lower_case": True}, id="a key of a later version"),
        pytest.param({"normalizer": {"name": "potion", "version": 1, "stem": True}}, id="later normalizer"),
        pytest.param({"label_form": {"soft": True}}, id="later label form"),
    ],
)
def test_content_that_this_version_does_not_know_is_refused(changed: dict[str, Any], tmp_path: Path) -> None:
    """A later version may say there what must be done to texts: to go on without it would be silently wrong."""
    changed_file(tmp_path, **changed)
    with pytest.raises(BonepickError, match=r"manifest\.json is damaged .*: copy or train the model again"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"kind": "model2vec"}', b"null"])
def test_a_damaged_file_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(BonepickError, match=r"manifest\.json"):
        Manifest.load(tmp_path)


def test_versions_do_not_tell_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPU build of torch and a CUDA build are the same version: else models would differ by machine."""
    monkeypatch.setattr(
        "bonepick.classifiers.base.manifest.version", {"torch": "2.9.0+cpu", "numpy": "2.4.1"}.__getitem__
    )
    assert list(library_versions(["torch", "numpy"]).items()) == [("numpy", "2.4.1"), ("torch", "2.9.0")]
