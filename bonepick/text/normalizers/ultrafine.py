"""`ultrafine`: the preprocessing of the Ultra-FineWeb classifiers, letter for letter."""

import re
from collections.abc import Iterable
from functools import cache

from bonepick.text.folding import fold
from bonepick.text.pieces import PieceCache
from bonepick.text.tokenizer import PACKAGED_SHA256, TextTokenizer

VERSION = 1
TOKENIZED = True

_ESCAPES = str.maketrans({"\n": r"\n", "\r": r"\r", "\t": r"\t"})
_SPACES = re.compile(" +")


def normalize(text: str, tokenizer: TextTokenizer) -> str:
    r"""Fold the text, decode each of its tokens alone, join them by spaces, write line breaks and tabs as escapes.

    Special tokens decode to nothing, and a token that is half of a character to U+FFFD.

    >>> from bonepick.text.tokenizer import load_tokenizer
    >>> normalize("Café\n\n\nau  lait 字", load_tokenizer("packaged"))
    'ca fe \\n \\n au la it 字'
    """
    text = fold(text)
    if tokenizer.digest == PACKAGED_SHA256:
        # the same answer sooner: only of this tokenizer is it known where a text may be cut
        return _pieces(tokenizer).join(text).strip()
    return join_tokens(tokenizer.decode_each(text)).strip()


def join_tokens(tokens: Iterable[str]) -> str:
    r"""Join tokens by spaces, escape line breaks and tabs, make runs of U+0020 one.

    >>> join_tokens(["a", " b", "\t", "", "  c"])
    'a b \\t c'
    """
    return _SPACES.sub(" ", " ".join(tokens).translate(_ESCAPES))


@cache
def _pieces(tokenizer: TextTokenizer) -> PieceCache:
    return PieceCache(tokenizer, join_tokens)
