"""jq expressions yield one value, say where they are wrong, and see their row and nothing more."""

import json
import os
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.expressions import compiled, one_value_of_line

ROW = {"a": 1, "text": "é\n", "tags": ["x", "y"], "meta": {"b": None}}


def one_value(expression: str, row: dict[str, Any] = ROW) -> Any:
    return one_value_of_line(expression, json.dumps(row).encode())


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
    assert one_value(expression) == value


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
    with pytest.raises(BonepickError, match=said) as caught:
        one_value(expression)
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
        value = json.dumps(one_value(expression))
    except BonepickError as error:
        value = str(error)
    assert "s3cr3t" not in value


def test_input_does_not_take_the_next_row() -> None:
    with pytest.raises(BonepickError, match="input is closed here"):
        one_value("input")
    assert one_value(".a") == 1


@pytest.mark.parametrize(
    "expression",
    [
        '"nan" | tonumber',
        '"NaN" | tonumber',
        '"-nan" | tonumber',
        '"Infinity" | tonumber',
        '"1e999" | tonumber',
        "-1 | log",
        "0 | log",
        "-4 | sqrt",
        "2 | acos",
        "pow(-8; 0.5)",
        "fmod(1; 0)",
        '"[1, NaN]" | fromjson',
        '"{\\"a\\": nan}" | fromjson | .a',
        "nan",
        "infinite | numbers",
        "infinite - infinite | numbers",
        "[infinite - infinite] | .[] | numbers",
        'if ("nan" | tonumber) < 3 then "neg" else "pos" end',
        'if (-1 | log) < 3 then "neg" else "pos" end',
    ],
)
def test_no_number_that_is_none_comes_out_of_a_text_or_a_function_or_through_a_filter(expression: str) -> None:
    with pytest.raises(BonepickError, match=r"yields no finite number|yields nothing|nan is closed here"):
        one_value(expression)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"3" | tonumber | numbers', 3),
        ('"-2.5e-3" | tonumber', -0.0025),
        ("3 | tonumber", 3),
        ("1 | log", 0),
        ("pow(2; 10) | sqrt | log2", 5),
        ("0 | numbers", 0),
        ('[1, null, "a", 2.5] | map(numbers)', [1, 2.5]),
        ('"{\\"a\\": [1, \\"x\\", null]}" | fromjson', {"a": [1, "x", None]}),
        ("[.tags[] | tonumber? // 0]", [0, 0]),
        ('"nan" | try tonumber catch "none"', "none"),
        ("1e308 | numbers", 1e308),
    ],
)
def test_numbers_that_are_some_pass(expression: str, value: object) -> None:
    assert one_value_of_line(expression, json.dumps(ROW).encode(), exact=False) == value


@pytest.mark.parametrize("levels", [201, 500, 900, 5000])
def test_a_result_that_is_nested_too_deeply_is_a_fault_of_the_row(levels: int) -> None:
    expression = f"reduce range({levels}) as $n (.; [.])"
    with pytest.raises(BonepickError, match="yields is nested too deeply: wanted 200"):
        one_value(expression)
    assert one_value("reduce range(100) as $n (.a; [.])")


@pytest.mark.parametrize("integer", [2**53, -(2**60) - 1, 10**40])
def test_an_integer_that_may_have_changed_is_a_fault_unless_that_does_not_matter(integer: int) -> None:
    line = json.dumps({"meta": [{"id": integer}]}).encode()
    for expression in (".meta[0].id", ".", "{id: .meta[0].id}"):
        with pytest.raises(BonepickError, match=r"does not hold integers from 2\^53 on exactly.*tostring"):
            one_value_of_line(expression, line)
        assert one_value_of_line(expression, line, exact=False)
    assert one_value_of_line(".meta[0].id | tostring", line) == str(integer)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("expression", [".meta[0].id", ".", "{id: .meta[0].id}", "[1, .meta[0].id, 9007199254740993]"])
@pytest.mark.parametrize("exact", [True, False])
def test_a_number_that_no_double_holds_never_becomes_the_largest(sign: str, expression: str, exact: bool) -> None:
    line = b'{"meta": [{"id": %s%s}]}' % (sign.encode(), b"1" * 400)
    with pytest.raises(BonepickError, match=rf"yields a number beyond {sign}1\.798e\+308.*tostring"):
        one_value_of_line(expression, line, exact=exact)
    assert one_value_of_line(".meta[0].id | tostring", line) == sign + "1" * 400
    assert one_value_of_line(".meta[0].id > 5", line) == (not sign)


@pytest.mark.parametrize("expression", ["infinite", "[-infinite]", "1e1000", "1e308 * 10"])
def test_neither_does_an_infinite_one(expression: str) -> None:
    with pytest.raises(BonepickError, match="yields a number beyond"):
        one_value(expression)


@pytest.mark.parametrize("content", ["def mine: 1; def map(f): 2;", "no jq at all ("])
def test_what_is_defined_at_home_is_not_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str) -> None:
    (tmp_path / ".jq").write_text(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    compiled.cache_clear()
    with pytest.raises(UsageError, match="mine/0 is not defined"):
        compiled("mine")
    assert one_value("[.a] | map(. + 1)") == [2]
    assert os.environ["HOME"] == str(tmp_path)
    monkeypatch.delenv("HOME")
    assert one_value("[.a] | map(. + 2)") == [3]
    assert "HOME" not in os.environ


@pytest.mark.parametrize("expression", ["localtime", "now | localtime", 'strflocaltime("%H")', "get_search_list"])
def test_nothing_depends_on_the_machine(expression: str) -> None:
    with pytest.raises(BonepickError, match="is closed here"):
        one_value(f"0 | {expression}")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_times_do_not_depend_on_the_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for closed in ('0 | strftime("at %s")', '0 | gmtime | strftime("%_10s")', '"12345" | strptime("%s") | mktime'):
            with pytest.raises(BonepickError, match=r"%s of str[fp]time is closed here"):
                one_value(closed)
        assert one_value('86400 | strftime("%Y-%m-%d %%s %Z %z %H")') == "1970-01-02 %s GMT +0000 00"
        assert one_value('"2015-03-05T23:51:47Z" | strptime("%Y-%m-%dT%H:%M:%SZ") | mktime') == 1425599507
        assert one_value('"2015-03-05T23:51:47Z" | fromdate | todate') == "2015-03-05T23:51:47Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("expression", ['"x" * 2000000000', '.text + ("x" * 1500000000)', '"abc" * 1e6 * 7e2'])
def test_an_expression_that_takes_gigabytes_to_compile_is_refused_before_it_does(
    expression: str, capfd: pytest.CaptureFixture[str]
) -> None:
    compiled.cache_clear()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UsageError, match="takes more than 10 s or 1 GiB to compile: is a text in it repeated"):
        compiled(expression)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kilobytes of this process"
    assert capfd.readouterr() == ("", "")


def test_one_that_repeats_a_text_a_few_times_is_fine() -> None:
    assert one_value('"ab" * 3 + .text') == "abababé\n"
    with pytest.raises(UsageError, match="does not compile"):
        compiled('"ab" * ')


@pytest.mark.parametrize(
    "expression",
    [
        "." * 100_000,
        "\n" * 100_000 + ".",
        ".a-b" * 1_250,
        "(" * 5_000,
        '"' + "x" * 4_990 + '" + 1',
        "error(. * 3)",
        "é" * 4999,
    ],
    ids=lambda expression: repr(expression[:8]),
)
def test_what_is_said_of_an_expression_is_short(expression: str) -> None:
    with pytest.raises(BonepickError) as caught:
        one_value(expression, {"a": "x" * 100_000})
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()
