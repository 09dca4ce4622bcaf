"""Params take the types and bounds that are written at their fields, from flags and from params.yaml alike."""

import math
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from msgspec import Meta
from ruamel.yaml import YAML

from bonepick.core import params_file as params_file_module
from bonepick.core.errors import UsageError, shortened
from bonepick.core.params import OnError, OrOne, Params, Seed, Shared
from bonepick.core.params_file import as_yaml, nodes_that_changed, read_node, read_params


@dataclass(frozen=True, kw_only=True)
class Knobs(Params):
    rate: Annotated[float, Meta(gt=0)] = 0.1
    epochs: Annotated[int, Meta(ge=1, le=10)] = 5
    name: Annotated[str, Meta(min_length=1)] = "a"
    loss: Literal["hinge", "logistic"] = "hinge"
    sizes: tuple[Annotated[int, Meta(ge=1)], ...] = ()
    tried: Annotated[tuple[Annotated[float, Meta(gt=0)], ...], Meta(min_length=1), OrOne()] = (1.0,)
    on: bool = False
    seed: Annotated[Seed, Shared("train.seed")] = 42

    RENAMED: ClassVar = {"learning_rate": "rate"}


@pytest.fixture
def params_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "params.yaml"


WHOLE = "rate: 0.5\nepochs: 3\nname: b\nloss: logistic\nsizes: [4, 2]\ntried: [2, 0.5]\non: true\n"


def node(text: str) -> str:
    return "knobs:\n" + "".join(f"  {line}\n" for line in text.splitlines()) + "train:\n  seed: 7\n"


def test_values_of_the_right_type_are_kept() -> None:
    knobs = Knobs(rate=0.5, epochs=10, sizes=(3, 4))
    assert (knobs.rate, knobs.epochs, knobs.sizes, knobs.seed) == (0.5, 10, (3, 4), 42)


def test_an_integer_does_for_a_float_and_a_list_for_a_tuple() -> None:
    knobs = Knobs(rate=2, sizes=[3])  # type: ignore[arg-type]
    assert (type(knobs.rate), knobs.rate, knobs.sizes) == (float, 2.0, (3,))


@pytest.mark.parametrize(("given", "made"), [(3, (3.0,)), ([3], (3.0,)), ((3, 0.5), (3.0, 0.5))])
def test_one_value_stands_for_a_list_of_one_where_that_is_marked(params_file: Path, given: Any, made: Any) -> None:
    assert Knobs(tried=given).tried == made
    params_file.write_text(node(WHOLE.replace("[2, 0.5]", str(given).replace("(", "[").replace(")", "]"))))
    assert read_params(Knobs, "knobs").tried == made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate", 0),
        ("rate", -1.0),
        ("rate", "0.5"),
        ("rate", math.nan),
        ("rate", None),
        ("epochs", 2.7),
        ("epochs", True),
        ("epochs", "3"),
        ("epochs", 0),
        ("epochs", 11),
        ("name", ""),
        ("name", 3),
        ("loss", "Hinge"),
        ("sizes", [3, 0]),
        ("sizes", 3),
        ("tried", 0),
        ("tried", [1.0, 0.0]),
        ("tried", []),
        ("tried", None),
        ("tried", "3"),
        ("tried", math.inf),
        ("on", 1),
        ("on", "yes"),
        ("seed", -1),
        ("seed", 2**31),
    ],
)
def test_wrong_types_and_values_out_of_bounds_are_usage_errors_that_name_field_and_value(
    field: str, value: Any
) -> None:
    with pytest.raises(UsageError) as caught:
        Knobs(**{field: value})
    assert str(caught.value).startswith(f"{field} is {shortened(value)}: ")
    assert caught.value.exit_code == 2


def test_params_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Knobs().rate = 1.0  # type: ignore[misc]


def test_a_node_of_params_yaml_fills_the_dataclass(params_file: Path) -> None:
    params_file.write_text(node(WHOLE))
    assert read_params(Knobs, "knobs") == Knobs(
        rate=0.5, epochs=3, name="b", loss="logistic", sizes=(4, 2), tried=(2.0, 0.5), on=True, seed=7
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE + "speling: 1", "knobs.speling is unknown; known here: rate, epochs, name, loss, sizes, tried, on"),
        (WHOLE + "seed: 1", "knobs.seed is unknown"),
        (WHOLE + "3: 1", "knobs.3 is unknown"),
        (WHOLE + "learning_rate: 1", "knobs.learning_rate is called knobs.rate now"),
        (WHOLE.replace("epochs: 3\n", ""), "knobs.epochs is missing"),
        (WHOLE.replace("epochs: 3", "epochs: 2.7"), "knobs.epochs is 2.7: "),
        (WHOLE.replace("epochs: 3", "epochs:"), "knobs.epochs is null: "),
        (WHOLE.replace("[2, 0.5]", "-1"), "knobs.tried is -1: wanted a number above 0, or a list of such"),
        (WHOLE.replace("[2, 0.5]", "[1, a]"), "knobs.tried is [1, 'a']: wanted a number above 0, or a list of such"),
        (WHOLE.replace("name: b", "name: no\nname: b"), "not valid YAML: "),
        (WHOLE.replace("[4, 2]", "[4, 2"), "not valid YAML: "),
    ],
)
def test_what_is_wrong_in_a_node_is_said_with_file_and_key(params_file: Path, text: str, said: str) -> None:
    params_file.write_text(node(text))
    with pytest.raises(UsageError) as caught:
        read_params(Knobs, "knobs")
    assert str(caught.value).startswith(f"params.yaml: {said}")
    assert "\n" not in str(caught.value)


def test_a_wrong_shared_value_is_said_with_its_own_key(params_file: Path) -> None:
    params_file.write_text(node(WHOLE).replace("seed: 7", "seed: -7"))
    with pytest.raises(UsageError, match=r"params\.yaml: .*train\.seed\b.*-7"):
        read_params(Knobs, "knobs")


@pytest.mark.parametrize("content", ["knobs:\n", "knobs: 3\n", "knobs: [rate]\n"])
def test_a_node_that_is_no_mapping_is_refused(params_file: Path, content: str) -> None:
    params_file.write_text(content)
    with pytest.raises(UsageError, match=r"params\.yaml: knobs is .*, wanted a mapping"):
        read_params(Knobs, "knobs")


@pytest.mark.parametrize("content", ["", "[]", "train:\n  other: 1\n", "train: 3\n", "train:\n"])
def test_a_missing_section_is_refused(params_file: Path, content: str) -> None:
    params_file.write_text(content)
    with pytest.raises(UsageError, match=r"params\.yaml: train\.seed is missing"):
        read_node("train.seed")


def test_a_missing_file_names_the_folder(params_file: Path) -> None:
    with pytest.raises(UsageError, match=f"params.yaml is not in {params_file.parent}"):
        read_node("train.seed")


def test_bytes_that_are_no_text_are_said(params_file: Path) -> None:
    params_file.write_bytes(b"train: caf\xe9\n")
    with pytest.raises(UsageError, match=r"params\.yaml: not valid YAML"):
        read_node("train")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-5", 1e-5),
        ("1E5", 1e5),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("012", 12),
        ("0o14", 12),
        ("1:30", "1:30"),
        ("'3'", "3"),
        ("~", None),
        ("''", ""),
    ],
)
def test_values_are_read_as_yaml_1_2(params_file: Path, written: str, value: object) -> None:
    """The readings are those of the YAML 1.2 core schema; PyYAML (1.1) differs in the first eight of them."""
    params_file.write_text(f"a:\n  b: {written}\n")
    found = read_node("a.b")
    assert (type(found), found) == (type(value), value)


def test_a_block_text_keeps_its_lines(params_file: Path) -> None:
    params_file.write_text("a:\n  b: |-\n    {x: .x} #\n    | .\n")
    assert read_node("a.b") == "{x: .x} #\n| ."


@dataclass(frozen=True, kw_only=True)
class Reading(Params):
    text_field: str = "text"
    on_error: Annotated[OnError, Shared("on_error")] = "fail"


def test_params_without_a_node_of_their_own_read_what_they_share(params_file: Path) -> None:
    params_file.write_text("on_error: quarantine\n")
    assert read_params(Reading) == Reading(on_error="quarantine")
    params_file.write_text("on_error: ignore\n")
    with pytest.raises(UsageError, match=r"^params\.yaml: on_error is 'ignore': wanted fail or quarantine$"):
        read_params(Reading)


@dataclass(frozen=True, kw_only=True)
class Source(Params):
    name: str
    rows: int = 10


def test_keys_of_a_partial_node_keep_their_defaults_and_what_has_none_is_missed(params_file: Path) -> None:
    params_file.write_text("a:\n  name: x\nb:\n  rows: 3\n")
    assert read_params(Source, "a", partial=True) == Source(name="x")
    with pytest.raises(UsageError, match=r"^params\.yaml: b\.name is missing$"):
        read_params(Source, "b", partial=True)


def test_a_node_lies_over_another_key_by_key(params_file: Path) -> None:
    params_file.write_text("under:\n  name: all\n  rows: 3\nown:\n  name: mine\nbad:\n  rows: none\n")
    assert read_params(Source, "own", under="under") == Source(name="mine", rows=3)
    assert read_params(Source, "absent", under="under") == Source(name="all", rows=3)
    with pytest.raises(UsageError, match=r"^params\.yaml: bad\.rows is 'none': "):
        read_params(Source, "bad", under="under")


def test_a_node_that_was_found_missing_and_is_there_by_now_has_changed(
    params_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(params_file_module, "values_read", {})
    params_file.write_text("under: {name: all}\n")
    assert read_params(Source, "own", under="under") == Source(name="all")
    assert nodes_that_changed() == []
    params_file.write_text("under: {name: all}\nown: {name: mine}\n")
    assert nodes_that_changed() == ["own"]


BILLION_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BILLION_LAUGHS, id="aliases of aliases"),
        pytest.param("a: &a [*a]\n", id="an alias inside itself"),
        pytest.param("a: " + "[" * 50_000 + "]" * 50_000, id="nesting"),
        pytest.param("".join("  " * depth + "a:\n" for depth in range(300)), id="nested mappings"),
        pytest.param("a: " + "9" * 5_000, id="an integer of 5,000 digits"),
        pytest.param("a: 2024-13-45", id="an impossible date"),
        pytest.param("a: \0", id="NUL"),
        pytest.param("a: " + "x" * (1 << 21), id="two megabytes"),
    ],
)
def test_what_would_hang_or_break_a_reader_is_one_sentence(params_file: Path, content: str) -> None:
    params_file.write_text(content)
    with pytest.raises(UsageError, match=r"^params\.yaml: not valid YAML: .{1,320}$"):
        read_node("a")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a:\n  b: 1\n  b: 2\n", 'line 3: found duplicate key "b" (while constructing a mapping, begun on line 2)'),
        ("a: 1\nb: 2024-13-45\n", "line 2: '2024-13-45' cannot be read as a date, which it looks like: quote it"),
        ("a: 1\nb: [3, " + "9" * 5_000 + "]", f"line 2: '{'9' * 76}... cannot be read as a whole number, which "),
        (
            "a: 1\nb: 0x" + "f" * 5_000,
            f"line 2: '0x{'f' * 74}... cannot be read as a whole number, which it looks like",
        ),
        ("a: 1\nb: -_", "line 2: '-_' cannot be read as a whole number, which it looks like: quote it"),
        ("a: 1\nb: !!float x", "line 2: 'x' cannot be read as a number, which it looks like: quote it"),
        (
            "a: [1,\nb: 2\nc: 3",
            "line 3: expected ',' or ']', but got ':' (while parsing a flow sequence, begun on line 1)",
        ),
        ("a: 1\n\nb: \0", "line 3: the character '\\x00' is not allowed"),
        ("a: 1\nb: *c", "line 2: found undefined alias 'c'"),
        (BILLION_LAUGHS, "line 6: more than 100,000 values, aliases counted as what they stand for"),
        ("a:\n " + "[" * 40 + "]" * 40, "line 2: nested deeper than 30"),
    ],
)
def test_what_is_not_valid_is_said_whole_with_its_line(params_file: Path, content: str, said: str) -> None:
    params_file.write_text(content)
    with pytest.raises(UsageError) as caught:
        read_node("a")
    assert str(caught.value).startswith(f"params.yaml: not valid YAML: {said}")


def test_bytes_that_are_no_text_are_said_with_their_line(params_file: Path) -> None:
    params_file.write_bytes(b"train: 1\nb: caf\xe9\n")
    with pytest.raises(UsageError, match=r"^params\.yaml: not valid YAML: line 2: 0xe9 is no UTF-8$"):
        read_node("train")


def test_aliases_of_a_few_values_are_fine(params_file: Path) -> None:
    params_file.write_text("a: &a {b: 1}\nc: *a\n")
    assert read_node("c") == {"b": 1}


def test_values_as_yaml_are_the_values_whatever_their_order() -> None:
    values = {"b": {"x": 1.0, "on": True}, "a": ["no", "1", 1, ""], "c": 'if . < 2 then "é" else null end\n# x'}
    text = as_yaml(values)
    assert YAML(typ="safe").load(text) == values
    assert text == as_yaml(dict(reversed(values.items())))
