"""`ultrafine-plus`: mended and folded text as the tokenizer spells it, each line break and tab on its own."""

import re

from bonepick.text.folding import fold
from bonepick.text.normalizers import plsfix
from bonepick.text.tokenizer import TextTokenizer

VERSION = 1
TOKENIZED = True
MAX_CHARS = plsfix.MAX_CHARS

_BREAK = re.compile(r"[\n\r\t]")
_OTHER_SPACE = re.compile(r"[^\S\n\r\t]+")


def normalize(text: str, tokenizer: TextTokenizer) -> str:
    r"""Mend and fold the text, set line breaks and tabs apart, join the tokens as spelled by spaces.

    No special tokens are added. White space other than line breaks and tabs becomes one space, before the text is cut
    into tokens and, for tokenizers that spell white space as itself, after it.

    >>> from bonepick.text.tokenizer import load_tokenizer
    >>> normalize("Café\nau  lait", load_tokenizer("packaged"))
    'ca fe Ġ Ċ Ġau Ġla it'
    """
    text = _BREAK.sub(r" \g<0> ", fold(plsfix.normalize(text)))
    tokens = tokenizer.spell(_OTHER_SPACE.sub(" ", text), add_special_tokens=False)
    return _OTHER_SPACE.sub(" ", " ".join(tokens)).strip()
