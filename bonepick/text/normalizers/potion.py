"""`potion`: folded text whose line breaks and tabs are single visible characters."""

import re

from bonepick.text.folding import fold
from bonepick.text.normalizers import plsfix, whitespace

VERSION = 1
MAX_CHARS = plsfix.MAX_CHARS

_PARAGRAPH = re.compile(r"\r?\n\r?\n")
_LINE = re.compile(r"\r?\n")


def normalize(text: str) -> str:
    r"""Mend and fold the text, write `¶` for an empty line, `·` for a line break, `↦` for a tab, trim white space.

    Nothing is added around these three signs.

    >>> normalize("Title\n\nFirst  LINE\n\tsecond line\n")
    'title¶first line·↦second line·'
    """
    text = _PARAGRAPH.sub("¶", fold(plsfix.normalize(text)))
    return whitespace.normalize(_LINE.sub("·", text).replace("\t", "↦"))
