"""`make params`: writes what each parameter means, its bounds and its default, on its own line of `params.yaml`.

They stand in the dataclasses, once; a test holds the committed file to them. On the parameter's own line they survive
what `dvc exp run -S` makes of the file.
"""

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, Literal, get_args, get_origin

from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from bonepick.core.params import Params, types_of, value_type
from bonepick.core.params_file import PARAMS_FILE
from bonepick.core.wording import BOUNDS
from bonepick.flags import field_docs
from bonepick.terminal import at_terminal
from stages.running.check_params import refuse_faults
from stages.running.nodes import field_at

UNTOLD = 2**31
"""Bounds from here on are those of number types, and are told by the error alone."""


def commented(text: str) -> str:
    """Return the text of a params file with a comment on the line of each parameter, in place of what stood there."""
    lines = text.splitlines()
    for path, line, start in _parameters(YAML().load(text)):
        if at := field_at(path):
            lines[line] = f"{_without_comment(lines[line], start)}  # {comment(*at)}"
    return "\n".join(lines) + "\n"


def _parameters(node: CommentedMap, path: str = "") -> Iterator[tuple[str, int, int]]:
    """Yield dotted path of each parameter, its line, and the column where its value begins, if that is on that line."""
    for key, value in node.items():
        if isinstance(value, CommentedMap):
            yield from _parameters(value, f"{path}{key}.")
        else:
            line, column = node.lc.value(key)
            own_line = node.lc.key(key)[0]
            yield f"{path}{key}", own_line, column if line == own_line else len(key)


def _without_comment(line: str, start: int) -> str:
    """Return a line up to a comment; one may begin where white space stands before `#` outside of quotes."""
    quote = ""
    for place, character in enumerate(line):
        if place >= start and character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        if place >= start and character == "#" and not quote and line[place - 1].isspace():
            return line[:place].rstrip()
    return line.rstrip()


def comment(kind: type[Params], name: str) -> str:
    """Return meaning, bounds and default of a field.

    >>> from bonepick.preparation.balance import BalanceParams
    >>> comment(BalanceParams, "seed")
    'Seed of the choice of rows. From 0; default 42.'
    """
    (default,) = [field.default for field in fields(kind) if field.name == name]  # type: ignore[arg-type]  # a dataclass
    bounds = ", ".join(_bounds(value_type(types_of(kind)[name])))
    told = [] if default is MISSING else [f"default {_shown(default)}"]
    ending = "; ".join([*([bounds] if bounds else []), *told])
    doc = " ".join(field_docs(kind)[name].split())
    return f"{doc} {ending[0].upper()}{ending[1:]}." if ending else doc


def _bounds(hint: Any) -> Iterator[str]:
    inner, *marks = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    if get_origin(inner) is Literal:
        yield f"one of {', '.join(map(str, get_args(inner)))}"
    for mark in marks:
        if isinstance(mark, Meta):
            bounds = ((text, getattr(mark, name)) for name, text in BOUNDS.items())
            yield from (text.format(bound) for text, bound in bounds if bound is not None and bound < UNTOLD)


def _shown(default: Any) -> str:
    if default in ("", ()):
        return "empty"
    if isinstance(default, tuple):
        return ", ".join(map(_shown, default))
    return str(default).lower() if isinstance(default, bool) else str(default)


def main() -> None:
    """Write the comments, unless something is wrong with the file."""
    with at_terminal():
        refuse_faults()
        PARAMS_FILE.write_text(commented(PARAMS_FILE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
