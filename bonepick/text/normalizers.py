"""The normalizers by name: adding one is one file and one line here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from bonepick.core.errors import BonepickError, UsageError, shortened
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

    Raises:
        UsageError: there is no normalizer of that name.

    >>> Normalizer("potion")("Déjà\\n\\nvu")
    'deja¶vu'
    """

    name: str
    tokenizer: str = PACKAGED

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
            return function(text)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic inside plsfix or tokenizers is no Exception
            reason = f"{type(error).__name__}: {shortened(str(error), 200)}"
            raise NormalizationError(f"the normalizer {self.name} fails on this text ({reason})") from error

    @property
    def identity(self) -> dict[str, str | int | None]:
        """What decides its output: name, version, and the digest of the tokenizer where it uses one.

        Raises:
            BonepickError: the tokenizer cannot be had.

        >>> Normalizer("potion").identity
        {'name': 'potion', 'version': 1, 'tokenizer': None}
        """
        entry = _REGISTRY[self.name]
        digest = tokenizer_digest(self.tokenizer) if entry.tokenized else None
        return {"name": self.name, "version": entry.version, "tokenizer": digest}

    @property
    def max_chars(self) -> int | None:
        """The number of characters above which a text is cut before it is normalized, None if it never is."""
        return _REGISTRY[self.name].max_chars


@cache
def _function(name: str, tokenizer: str) -> Callable[[str], str]:
    entry = _REGISTRY[name]
    return partial(entry.function, tokenizer=load_tokenizer(tokenizer)) if entry.tokenized else entry.function
