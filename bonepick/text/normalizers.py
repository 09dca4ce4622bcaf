"""The normalizers by name: adding one is one file and one line here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, NamedTuple

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import Params
from bonepick.text import plsfix, potion, tokens, ultrafine, ultrafine_plus, whitespace
from bonepick.text.tokenizer import PACKAGED, load_tokenizer, tokenizer_digest


class _Entry(NamedTuple):
    """What is known of one normalizer.

    Attributes:
        function: from a text to a text; with `tokenized`, it takes a TextTokenizer as its second argument.
        version: raised with every change of what the function returns.
        tokenized: whether the function needs a tokenizer.
        max_chars: the length from which on a text is cut.
    """

    function: Callable[..., str]
    version: int
    tokenized: bool = False
    max_chars: int | None = None


_REGISTRY = {
    "whitespace": _Entry(whitespace.normalize, whitespace.VERSION),
    "plsfix": _Entry(plsfix.normalize, plsfix.VERSION, max_chars=plsfix.MAX_CHARS),
    "tokenizer": _Entry(tokens.normalize, tokens.VERSION, tokenized=True, max_chars=plsfix.MAX_CHARS),
    "ultrafine": _Entry(ultrafine.normalize, ultrafine.VERSION, tokenized=True),
    "ultrafine-plus": _Entry(
        ultrafine_plus.normalize, ultrafine_plus.VERSION, tokenized=True, max_chars=plsfix.MAX_CHARS
    ),
    "potion": _Entry(potion.normalize, potion.VERSION, max_chars=plsfix.MAX_CHARS),
}

NORMALIZERS = tuple(_REGISTRY)
"""The names of all normalizers."""


class NormalizationError(BonepickError):
    """A text that a normalizer fails on: the row's fault, not the run's."""


@dataclass(frozen=True)
class Normalizer:
    """A named function from text to text; cheap to make and to pickle, what it needs is loaded when it is called.

    Attributes:
        name: one of NORMALIZERS.
        tokenizer: which tokenizer, for the normalizers that use one: see `load_tokenizer`.
        max_length: characters of a text that are read, the rest is dropped; 0 reads all.

    Raises:
        UsageError: there is no normalizer of that name.

    >>> Normalizer("potion")("Déjà\\n\\nvu"), Normalizer("potion", max_length=4)("Déjà\\n\\nvu")
    ('deja¶vu', 'deja')
    """

    name: str
    tokenizer: str = PACKAGED
    max_length: int = 0

    def __post_init__(self) -> None:
        """Refuse an unknown name here, before any row is read."""
        if self.name not in _REGISTRY:
            raise UsageError(f"unknown normalizer {shortened(self.name)}: want one of {', '.join(NORMALIZERS)}")

    def __call__(self, text: str) -> str:
        """Normalize one text.

        Raises:
            NormalizationError: the normalizer fails on this text.
            BonepickError: the tokenizer cannot be had.
        """
        function = _function(self.name, self.tokenizer)
        try:
            return function(text[: self.max_length] if self.max_length else text)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic inside plsfix or tokenizers is no Exception
            reason = f"{type(error).__name__}: {shortened(str(error), 200)}"
            raise NormalizationError(f"the normalizer {self.name} fails on this text ({reason})") from error

    def nonblank(self, text: str) -> str:
        """Normalize one text of which something must be left: a row to learn from.

        Raises:
            BonepickError: it cannot be normalized, or nothing is left of it.
        """
        result = self(text)
        if not result.strip():
            raise BonepickError(f"nothing is left of text {shortened(text)} after {self.name}")
        return result

    @property
    def identity(self) -> dict[str, str | int | None]:
        """What decides its output: name, version, the tokenizer's digest if it uses one, the length if it cuts there.

        Raises:
            BonepickError: the tokenizer cannot be had.

        >>> Normalizer("potion").identity
        {'name': 'potion', 'version': 1, 'tokenizer': None}
        """
        entry = _REGISTRY[self.name]
        digest = tokenizer_digest(self.tokenizer) if entry.tokenized else None
        found: dict[str, str | int | None] = {"name": self.name, "version": entry.version, "tokenizer": digest}
        return found | ({"max_length": self.max_length, "max_length_unit": "characters"} if self.max_length else {})

    @property
    def max_chars(self) -> int | None:
        """The number of characters above which a text is cut before it is normalized, None if it never is."""
        cuts = [cut for cut in (self.max_length, _REGISTRY[self.name].max_chars) if cut]
        return min(cuts, default=None)


@dataclass(frozen=True, kw_only=True)
class NormalizerParams(Params):
    """Which normalizer."""

    name: str = ""
    """Normalizer of the texts: whitespace, plsfix, tokenizer, ultrafine, ultrafine-plus or potion."""
    max_length: Annotated[int, Meta(ge=0)] = 0
    """Characters of a text that are read, before it is normalized; 0 reads all."""

    def normalizer(self, tokenizer: str) -> Normalizer:
        """Make it.

        Raises:
            UsageError: there is no normalizer of that name.
        """
        return Normalizer(self.name, tokenizer, self.max_length)

    def if_named(self, tokenizer: str) -> Normalizer | None:
        """Make it; None where no name is given.

        Raises:
            UsageError: there is no normalizer of that name, or a length without a name.
        """
        if self.max_length and not self.name:
            raise UsageError(f"max_length {self.max_length} without a normalizer: name one (--normalization)")
        return self.normalizer(tokenizer) if self.name else None


@cache
def _function(name: str, tokenizer: str) -> Callable[[str], str]:
    entry = _REGISTRY[name]
    return partial(entry.function, tokenizer=load_tokenizer(tokenizer)) if entry.tokenized else entry.function
