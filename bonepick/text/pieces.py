"""A text cut into pieces that the packaged tokenizer never joins, each tokenized once and remembered.

Text is mostly words seen before, and looking one up is many times quicker than tokenizing it again. Why the answer is
the same, word for word: that tokenizer's pre-tokenizer first cuts at every line break, then, in what lies between,
around every match of an optional white space and a run of its letters; its later rules and its merges work inside such
a piece and see nothing around it. Only its special tokens could reach across a cut, and text that went through NFKD
holds none: it narrows the wide bar in their names.
"""

import json
import re
from collections.abc import Callable, Iterable

from bonepick.text.tokenizer import TextTokenizer

MAX_PIECES = 2**17
"""Pieces that are kept at most: some 20 MB. Then all are dropped, since the common ones are soon back."""

MAX_CHARS = 32
"""Longer pieces (a line without letters of the class, text without spaces) hardly ever come twice."""

_ASCII_WORD = re.compile(" ?[A-Za-z]+")


class PieceCache(dict[str, str]):
    """From a piece of text to its tokens, each decoded, joined.

    Attributes:
        cut: splits a text into its pieces.
    """

    def __init__(self, tokenizer: TextTokenizer, join: Callable[[Iterable[str]], str]) -> None:
        """Read from the packaged `tokenizer` where it cuts; `join` makes one text of the tokens of a piece."""
        self._tokenizer = tokenizer
        self._join = join
        self.cut = _cuts(tokenizer)

    def join(self, text: str) -> str:
        """Tokenize a text in NFKD, piece by piece, and join the pieces by spaces."""
        return " ".join(filter(None, map(self.__getitem__, self.cut.split(text))))

    def __missing__(self, piece: str) -> str:
        """Tokenize a piece, and remember it unless it is long."""
        if _ASCII_WORD.fullmatch(piece):
            joined = self._join_word(piece)
        else:
            joined = self._join(self._tokenizer.decode_each(piece)).strip(" ")
        if len(self) >= MAX_PIECES:
            self.clear()
        if len(piece) <= MAX_CHARS:
            self[piece] = joined
        return joined

    def _join_word(self, word: str) -> str:
        # the pre-tokenizer leaves such a word whole and the model spells its letters as they are, its space as Ġ
        tokens = self._tokenizer.inner.model.tokenize(word.replace(" ", "Ġ"))
        return " ".join([token.value for token in tokens]).lstrip("Ġ ")


def _cuts(tokenizer: TextTokenizer) -> re.Pattern[str]:
    state = json.loads(tokenizer.inner.pre_tokenizer.__getstate__())
    line_break, letters = (part["pattern"]["Regex"] for part in state["pretokenizers"][:2])
    # white space as that tokenizer's regex engine knows it: Python's holds U+001C to U+001F as well
    space = r"[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    return re.compile("(" + line_break + "|" + letters.replace(r"\s", space) + ")")
