"""What `ultrafine`, `ultrafine-plus` and `potion` share: fewer line breaks, lower case, no marks.

A change here changes all three: raise the VERSION of each.
"""

import re
import unicodedata

_MANY_LINE_FEEDS = re.compile(r"\n{3,}")


def fold(text: str) -> str:
    r"""Shorten three or more line feeds to two, then lower-case, then remove the marks.

    The order matters: what NFKD brings forth in upper case stays so.

    >>> fold("Été\n\n\n\nİstanbul™")
    'ete\n\nistanbulTM'
    """
    return without_marks(_MANY_LINE_FEEDS.sub("\n\n", text).lower())


def without_marks(text: str) -> str:
    """Decompose the text (NFKD) and drop the non-spacing marks (category Mn).

    >>> without_marks("naïve ① ﬁn")
    'naive 1 fin'
    """
    # ASCII decomposes to itself and holds no marks
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text)
    # a text has few distinct characters: asking for each once is many times quicker than asking at every place
    for character in set(text):
        if unicodedata.category(character) == "Mn":
            text = text.replace(character, "")
    return text
