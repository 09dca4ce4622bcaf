"""Each parameter's line in params.yaml says what the dataclass says of it."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bonepick.classifiers.base.kinds import kind_names, params_of
from bonepick.core.params import shared_fields, types_of
from stages.running.comment_params import commented
from stages.running.nodes import OPERATIONS, field_at

TEXT = (Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8")
PARAMS = YAML(typ="safe").load(TEXT)


def test_the_committed_file_is_what_make_params_writes() -> None:
    assert commented(TEXT) == TEXT


def test_values_stay_as_they_are() -> None:
    bare = YAML(typ="safe").load(commented("\n".join(line.split("  # ")[0] for line in TEXT.splitlines())))
    assert bare == PARAMS


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("tokenizer: packaged", "tokenizer: packaged  # "),
        ("tokenizer: packaged # old", "tokenizer: packaged  # "),
        ("tokenizer: 'a # b'  # old", "tokenizer: 'a # b'  # "),
        ('tokenizer: "a\' # b"', 'tokenizer: "a\' # b"  # '),
        ("labels:   # old\n- neg # kept\n- pos", "labels:  # "),
        ("labels: [neg, pos]", "labels: [neg, pos]  # "),
        ("transform:\n  label: |-  # old\n    {score: 1} # jq's own", "transform:\n  label: |-  # "),
        ("transform:\n  label: a#b", "transform:\n  label: a#b  # "),
        ("mine: 3  # of somebody", "mine: 3  # of somebody"),
    ],
)
def test_a_comment_takes_the_place_of_the_one_before(line: str, made: str) -> None:
    text = commented(line)
    assert text.startswith(made)
    assert " old" not in text
    assert commented(text) == text
    assert YAML(typ="safe").load(text) == YAML(typ="safe").load(line)


def leaves(node: dict[str, Any], path: str = "") -> list[str]:
    return [
        leaf
        for key, value in node.items()
        for leaf in (leaves(value, f"{path}{key}.") if isinstance(value, dict) else [f"{path}{key}"])
    ]


@pytest.mark.parametrize("leaf", leaves(PARAMS))
def test_every_parameter_is_a_field_of_a_dataclass(leaf: str) -> None:
    assert field_at(leaf) is not None


def test_the_file_holds_every_parameter_and_the_default_unless_the_pipeline_wants_another() -> None:
    """`-S` can only override keys that are there; of a dataset, those left out keep their defaults (`-S +...`)."""
    nodes = {**OPERATIONS, **{f"train.{kind}": params_of(kind) for kind in kind_names()}}
    for path, kind in nodes.items():
        node = PARAMS
        for key in path.split("."):
            node = node[key]
        assert set(node) == set(types_of(kind)) - set(shared_fields(kind)), path
        defaults = {name: getattr(kind, name, None) for name in node}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in node.items()}
        changed = {f"{path}.{name}" for name in node if values[name] != defaults[name]}
        assert changed <= {"normalize.normalizer", "convert.normalizer"}
