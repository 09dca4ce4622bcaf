"""jq expressions on rows: compiled once per process, sealed off from the environment, yielding one value each."""

import multiprocessing
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from bonepick.core.children import Limits, WorkerDiedError
from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.parallel import ordered_map
from bonepick.core.params import Checked
from bonepick.data.jq_prelude import PRELUDE
from bonepick.data.row_limits import is_too_deep, too_deep

MAX_CHARACTERS = 5_000  # jq repeats the whole expression for each fault in it, and its parser can overflow the stack
COMPILING = Limits(seconds=10, memory=1 << 30)
_SHOWN = 200  # characters of an expression in a message
_NO_HOME = os.devnull  # no folder, so that nothing lies in it


@cache
def compiled(expression: str) -> Any:
    """Compile an expression.

    Raises:
        UsageError: it does not compile, or not within limits; the message shows the expression and the place.
    """
    import jq

    if not expression.strip():
        raise UsageError("jq expression is empty: write `.` for the row as it is")
    if len(expression) > MAX_CHARACTERS:
        raise UsageError(f"jq expression {shown(expression)} is too long: wanted {MAX_CHARACTERS:,} characters at most")
    if re.search(r"(^|[;\n])[^\S\n]*(import|include|module)\b", expression):
        raise UsageError(f"jq expression {shown(expression)}: modules are closed here (import, include)")
    if "*" in expression and '"' in expression and multiprocessing.parent_process() is None:
        _try_elsewhere(expression)  # jq repeats constant texts while it compiles: "x" * 1e9
    try:
        with _without_home():
            jq.compile(expression)  # alone first: places in messages then count from the user's own first column
            return jq.compile(f"{PRELUDE}({expression}\n)")
    except ValueError as error:
        reason = " ".join(str(error)[: MAX_CHARACTERS * 2].split()).removeprefix("jq: error: ").split(" jq: ")[0]
        hint = '; a name with a hyphen is quoted: ."a-b"' if re.search(r"\.\w+-\w", expression) else ""
        raise UsageError(f"jq expression {shown(expression)} does not compile: {reason[:_SHOWN]}{hint}") from None


def _try_elsewhere(expression: str) -> None:
    try:
        next(ordered_map(_compile_quietly, [expression], 1, COMPILING))
    except WorkerDiedError:
        raise UsageError(
            f"jq expression {shown(expression)} takes more than {COMPILING.seconds} s or 1 GiB to compile: is a text "
            "in it repeated too often?"
        ) from None


def _compile_quietly(expression: str) -> None:
    """Compile it in a child, where jq itself would say that it has no memory."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    compiled(expression)


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
            that is not exact, too large a number or nested too deeply.

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
    number = _odd_number(values[0])
    if isinstance(number, float):
        raise BonepickError(
            f"jq expression {shown(expression)} yields a number beyond {number:.4g}, which jq does not hold: keep it "
            "as a string, such as (.id | tostring), or leave it away"
        )
    if exact and number is not None:
        raise BonepickError(
            f"jq expression {shown(expression)} yields {shortened(number)}, and jq does not hold integers from 2^53 on "
            "exactly: keep it as a string, such as (.id | tostring), or leave it away"
        )
    return values[0]


def _odd_number(value: object) -> int | float | None:
    """Return a number within a JSON value that a double cannot be trusted to hold, None where there is none.

    It is an integer, or the largest double, which jq writes for infinity, and for all that is as large to it: that one
    comes first.

    >>> _odd_number({"id": 2**53 - 1, "tags": [1, {"x": 2**53}]}), _odd_number([2**53, -sys.float_info.max])
    (9007199254740992, -1.7976931348623157e+308)
    """
    if isinstance(value, int):
        return value if abs(value) >= 2**53 else None
    if isinstance(value, float):
        return value if abs(value) == sys.float_info.max else None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    odd = [number for part in inner if (number := _odd_number(part)) is not None]
    return next((number for number in odd if isinstance(number, float)), odd[0] if odd else None)
