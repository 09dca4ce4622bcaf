"""fastText's line format: `__label__<label> <text>`, one line a row; several labels, or none, where rows have them."""

import re
from collections.abc import Iterable

FASTTEXT_PREFIX = "__label__"
# fastText splits at these bytes; a token that begins with the prefix would be read as a label
_BREAKS = re.compile(r"[\n\r\v\f\x00]+")
_LABEL_LIKE = re.compile(rf"(^|(?<=[ \t]))_+(?={FASTTEXT_PREFIX.lstrip('_')})")


def fasttext_text(text: str) -> str:
    r"""Make a text one line in which no token can be read as a label.

    Line breaks become spaces; a token that begins with `__label__` loses its leading underscores. Both training and
    prediction see texts in this form.

    >>> fasttext_text("good\n__label__pos  text")
    'good label__pos  text'
    """
    return _LABEL_LIKE.sub("", _BREAKS.sub(" ", text))


def fasttext_line(labels: Iterable[str], text: str) -> str:
    """Return the line, without its line break.

    >>> fasttext_line(["pos"], "Good text"), fasttext_line(["code", "maths"], "x = 1")
    ('__label__pos Good text', '__label__code __label__maths x = 1')
    """
    return " ".join([*(FASTTEXT_PREFIX + label for label in labels), fasttext_text(text)])
