"""jq expressions yield one value, say where they are wrong, and see their row and nothing more."""

import json
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.data.expressions import compiled, one_value, one_value_of_line

ROW = {"a": 1, "text": "é\n", "tags": ["x", "y"], "meta": {"b": None}}


def both(expression: str) -> Any:
    """Evaluate on the row and on its line: the two ways must agree."""
    value = one_value(expression, ROW)
    assert one_value_of_line(expression, json.dumps(ROW).encode()) == value
    return value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".", ROW),
        (".a + 1", 2),
        (".text", "é\n"),
        (".missing", None),
        (".meta.b", None),
        ('.tags | join("-")', "x-y"),
        ("[.tags[] | ascii_upcase]", ["X", "Y"]),
        ('if .a < 2 then "neg" else "pos" end', "neg"),
        ("def twice: . * 2; .a | twice", 2),
        (".a as $x | {x: $x}", {"x": 1}),
        ("3.0", 3),
        ("false", False),
        (".a\n# why, at the end of a block of params.yaml", 1),
        (".a # why", 1),
    ],
)
def test_one_value(expression: str, value: object) -> None:
    assert both(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("empty", "yields nothing .*, wanted one value"),
        (".tags[]", "yields 2, wanted one value"),
        (".a | numbers | select(. > 5)", "yields nothing"),
        ("halt", "yields nothing"),
        (".a.b", "fails: .*Cannot index number"),
        ('error("mine")', "fails: .*mine"),
    ],
)
def test_no_or_several_values_and_faults_on_a_row_are_errors_that_show_the_expression(
    expression: str, said: str
) -> None:
    for ask in (lambda: one_value(expression, ROW), lambda: one_value_of_line(expression, json.dumps(ROW).encode())):
        with pytest.raises(BonepickError, match=said) as caught:
            ask()
        assert str(caught.value).startswith(f"jq expression {expression!r}")


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        (".a[", "line 1, column 3"),
        (".a |\n.b + unknown", "line 2, column 6"),
        ("{a: .a", "line 1, column"),
        (")", "line 1, column 1"),
        (".a) | (.b", "line 1, column 3"),
    ],
)
def test_an_expression_that_does_not_compile_shows_the_place_in_the_users_own_text(expression: str, place: str) -> None:
    with pytest.raises(BonepickError) as caught:
        compiled(expression)
    said = str(caught.value)
    assert said.startswith(f"jq expression {expression!r} does not compile: ")
    assert place in said
    assert "\n" not in said
    assert "is closed here" not in said


@pytest.mark.parametrize(
    "expression",
    ["env", "env.BONEPICK_SECRET", "$ENV", "$ENV.BONEPICK_SECRET", "[inputs]", "input", "[env, $ENV] | tostring"],
)
def test_nothing_but_the_row_is_seen(monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setenv("BONEPICK_SECRET", "s3cr3t")
    try:
        value = json.dumps(one_value(expression, ROW))
    except BonepickError as error:
        value = str(error)
    assert "s3cr3t" not in value


def test_input_does_not_take_the_next_row() -> None:
    with pytest.raises(BonepickError, match="input is closed here"):
        one_value("input", ROW)
    assert one_value(".a", ROW) == 1
