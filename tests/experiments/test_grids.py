"""Grids become experiments, whose names follow from their params and whose overrides DVC reads back as they were."""

from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from hypothesis import assume, example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bonepick.core.errors import UsageError
from bonepick.experiments.grids import Point, read_grid

TOP = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("train: {seed: 42, n_clusters: 100}\nlabels: [a]\n")
    return tmp_path


def grid(place: Path, text: str, name: str = "g") -> list[Point]:
    (place / "sweeps.yaml").write_text(text)
    return read_grid(name)


def test_all_combinations_are_experiments(place: Path) -> None:
    points = grid(place, "g: {train.n_clusters: [50, 100], train.seed: [1, 2]}\nother: {train.seed: [1]}\n")
    assert [point.changes for point in points] == [
        {"train.n_clusters": clusters, "train.seed": seed} for clusters in (50, 100) for seed in (1, 2)
    ]
    assert len({point.name_at("c0ffee") for point in points}) == 4
    assert points[0].overrides == ["train.n_clusters=50", "train.seed=1"]


def test_a_name_depends_on_params_and_commit_alone() -> None:
    assert Point("g", {"a": 1, "b": 2}).name_at("x") == Point("g", {"b": 2, "a": 1}).name_at("x")
    names = [Point(*point).name_at("x") for point in (("g", {"a": 1}), ("g", {"a": "1"}), ("h", {"a": 1}))]
    assert len({*names, Point("g", {"a": 1}).name_at("y")}) == 4


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("g: {train.seed: [1]}\n", "x", r"sweeps\.yaml has no grid 'x'; known: g"),
        ("a b: {train.seed: [1]}\n", "a b", "a grid is called 'a b': wanted letters, digits, - and _"),
        ("", "x", "has no grid 'x'; known: none"),
        ("g: [1]\n", "g", "g is .*1.*, wanted params with a list of values each"),
        ("g: {train.seed: 1}\n", "g", r"g: train\.seed is 1, wanted a list of values"),
        ("g: {train.seed: []}\n", "g", r"g: train\.seed is \[\], wanted a list of values"),
        ("g: {train.sed: [1]}\n", "g", r"params\.yaml: train\.sed is missing"),
        ("g: {train.seed: [1\n", "g", r"sweeps\.yaml: not valid YAML"),
    ],
)
def test_what_is_no_grid_is_said(place: Path, text: str, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        grid(place, text, name)


def test_a_missing_file_is_said(place: Path) -> None:
    with pytest.raises(UsageError, match=r"sweeps\.yaml is not in .*: run this from the top of the repository"):
        read_grid("g")


def test_the_committed_grids_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOP)
    for name in YAML(typ="safe").load(TOP / "sweeps.yaml"):
        assert read_grid(name)
    assert len(read_grid("seeds")) > 1, "the README speaks of it"


texts = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\x85\u2028\u2029"), min_size=1)
values = st.recursive(
    st.integers(-(2**31), 2**31) | st.booleans() | st.floats(-1e6, 1e6) | texts,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(values)
@example('{a: "\\\\"}')
@example("\\\\'\\")
@example("$x | {y}")
def test_dvc_reads_a_value_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    assume("${" not in str(value))  # DVC puts another param there
    file = tmp_path_factory.mktemp("params") / "params.yaml"
    file.write_text("a: {b: 0}\n")
    apply_overrides(file, Point("g", {"a.b": value}).overrides)
    assert YAML(typ="safe").load(file) == {"a": {"b": value}}
