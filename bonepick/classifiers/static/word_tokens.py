"""Tokens of words, for tokenizers that cut at white space: nearly all words are ASCII, whose normalizing is plain."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model2vec import StaticModel

MAX_CHARS = 64
"""Longer words go through the tokenizer: what is remembered stays small."""
MAX_PIECES = 1 << 17
"""Pieces that are kept: some 20 MB. Then all are dropped."""
FEW = 32
_PIECES = re.compile("[A-Za-z0-9]+|[^A-Za-z0-9]")
"""What BERT's pre-tokenizer makes of printable ASCII: all but letters and digits is punctuation there."""


class WordTokens:
    """From words to the ids of their tokens, as `StaticModel.tokenize` gives them, in a third of the time.

    Of a word of printable ASCII the normalizer changes the case at most, and words with different punctuation around
    share their pieces, which are remembered.

    Args:
        model: whose tokenizer cuts at white space: see `cuts_at_white_space`.
    """

    def __init__(self, model: "StaticModel") -> None:
        self._model = model
        self._lower = json.loads(model.tokenizer.normalizer.__getstate__())["lowercase"]
        self._pieces = _Pieces(model)
        # a word that an added token may begin in is left to the tokenizer
        special = {token.content[0] for token in model.tokenizer.get_added_tokens_decoder().values()}
        letters = "".join(letter for letter in map(chr, range(0x21, 0x7F)) if letter not in special)
        self._plain = re.compile(f"[{re.escape(letters)}]{{1,{MAX_CHARS}}}").fullmatch

    def __call__(self, words: Sequence[str]) -> list[Sequence[int]]:
        """Return the ids of the tokens of each word that the model knows."""
        found = [self._of_plain(word) if self._plain(word) else None for word in words]
        others = iter(self._of_others([word for word, ids in zip(words, found, strict=True) if ids is None]))
        return [next(others) if ids is None else ids for ids in found]

    def _of_others(self, words: list[str]) -> Iterable[Sequence[int]]:
        """Yield the ids of words that go through the tokenizer; for a few, its threads cost more than they bring."""
        return self._model.tokenize(words) if len(words) > FEW else (self._model.tokenize([word])[0] for word in words)

    def _of_plain(self, word: str) -> tuple[int, ...]:
        ids: tuple[int, ...] = ()
        for piece in _PIECES.findall(word.lower() if self._lower else word):
            ids += self._pieces[piece]
        return ids


class _Pieces(dict[str, tuple[int, ...]]):
    """From letters and digits, or one mark of punctuation, to the ids of the tokens that the model knows."""

    def __init__(self, model: "StaticModel") -> None:
        self._split = model.tokenizer.model.tokenize
        self._unknown = model.unk_token_id

    def __missing__(self, piece: str) -> tuple[int, ...]:
        ids = tuple([token.id for token in self._split(piece) if token.id != self._unknown])
        if len(self) >= MAX_PIECES:
            self.clear()
        self[piece] = ids
        return ids
