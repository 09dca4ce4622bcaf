"""Reasons of rejected rows without what is of one row alone, so that they can be counted."""

import re

from bonepick.core.cells import on_one_line

LONGEST = 120
READ = 500
"""Characters of a reason that are looked at: longer ones are values."""
# an apostrophe inside a word begins no value; one that `shortened` cut has dots in place of its end
_QUOTED = r"""(?<!\w)b?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|['"].*?\.\.\.)"""
_NESTED = r"[\[{].*(?:[\]}]|\.\.\.)"
_NUMBER = r"(?<!\w)[-+]?\d[\w.,^+-]*(?<![,.])"
_VALUE = re.compile(f"{_QUOTED}|{_NESTED}|{_NUMBER}", re.DOTALL)
_DETAIL = re.compile(r"; |: | \(")


def kind_of_reason(reason: str) -> str:
    """Return a reason with dots for its values, and without what comes after them to explain it.

    >>> kind_of_reason("text field 'body' is 17, wanted a string")
    'text field … is …, wanted a string'
    >>> kind_of_reason("not valid JSON (JSON is malformed: byte 3): b'{x'")
    'not valid JSON'
    """
    kind = _DETAIL.split(_VALUE.sub("…", reason[:READ]), maxsplit=1)[0]
    return on_one_line(" ".join(kind.split()), LONGEST)
