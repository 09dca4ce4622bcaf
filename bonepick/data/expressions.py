"""jq expressions on rows: compiled once per process, sealed off from the environment, yielding one value each."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import Checked
from bonepick.data.jq_prelude import PRELUDE
from bonepick.data.row_limits import is_too_deep, too_deep

MAX_CHARACTERS = 5_000  # jq repeats the whole expression for each fault in it, and its parser can overflow the stack
_SHOWN = 200  # characters of an expression in a message
_NO_HOME = os.devnull  # no folder, so that nothing lies in it


@cache
def compiled(expression: str) -> Any:
    """Compile an expression.

    Raises:
        UsageError: it does not compile; the message shows the expression and the place.
    """
    import jq

    if not expression.strip():
        raise UsageError("jq expression is empty: write `.` for the row as it is")
    if len(expression) > MAX_CHARACTERS:
        raise UsageError(f"jq expression {shown(expression)} is too long: wanted {MAX_CHARACTERS:,} characters at most")
    if re.search(r"(^|[;\n])[^\S\n]*(import|include|module)\b", expression):
        raise UsageError(f"jq expression {shown(expression)}: modules are closed here (import, include)")
    try:
        with _without_home():
            jq.compile(expression)  # alone first: places in messages then count from the user's own first column
            return jq.compile(f"{PRELUDE}({expression}\n)")
    except ValueError as error:
        reason = " ".join(str(error)[: MAX_CHARACTERS * 2].split()).removeprefix("jq: error: ").split(" jq: ")[0]
        hint = '; a name with a hyphen is quoted: ."a-b"' if re.search(r"\.\w+-\w", expression) else ""
        raise UsageError(f"jq expression {shown(expression)} does not compile: {reason[:_SHOWN]}{hint}") from None


@contextmanager
def _without_home() -> Iterator[None]:
    """Hide the home directory: the compiler would put what is defined in `~/.jq` in front of the expression."""
    home = os.environ.get("HOME")
    os.environ["HOME"] = _NO_HOME
    try:
        yield
    finally:
        del os.environ["HOME"]
        if home is not None:
            os.environ["HOME"] = home


def shown(expression: str) -> str:
    """Return an expression for a message."""
    return shortened(expression, _SHOWN)


Expression = Annotated[str, Checked(compiled)]
"""A jq expression, which is compiled before any row is read: a wrong one is no fault of the rows."""

OptionalExpression = Annotated[str, Checked(lambda expression: expression and compiled(expression))]
"""One that may be empty, for none."""


def one_value_of_line(expression: str, line: bytes, exact: bool = True) -> Any:
    """Evaluate an expression on the JSON text of a row (a fifth faster than on the decoded row).

    Args:
        expression: in jq.
        line: the row.
        exact: whether an integer that jq may have rounded is a fault.

    Raises:
        BonepickError: the expression does not compile, fails on this row, does not yield exactly one value, or one
            that is not exact or nested too deeply.

    >>> one_value_of_line(".meta.score + 1", b'{"meta": {"score": 2}}')
    3
    """
    try:
        values = compiled(expression).input_text(line.decode()).all()
    except ValueError as error:
        raise BonepickError(f"jq expression {shown(expression)} fails: {shortened(str(error))}") from None
    if len(values) != 1:
        came = len(values) or "nothing (a filter let nothing pass)"
        raise BonepickError(f"jq expression {shown(expression)} yields {came}, wanted one value")
    if is_too_deep(values[0]):
        raise too_deep(f"what jq expression {shown(expression)} yields")
    if exact and (number := _inexact_integer(values[0])) is not None:
        raise BonepickError(
            f"jq expression {shown(expression)} yields {shortened(number)}, and jq does not hold integers from 2^53 on "
            "exactly: keep it as a string, such as (.id | tostring), or leave it away"
        )
    return values[0]


def _inexact_integer(value: object) -> int | None:
    """Return an integer within a JSON value that a double cannot be trusted to hold, None where there is none.

    >>> _inexact_integer({"id": 2**53 - 1, "tags": [1, {"x": 2**53}]})
    9007199254740992
    """
    if isinstance(value, int):
        return value if abs(value) >= 2**53 else None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((number for part in inner if (number := _inexact_integer(part)) is not None), None)
