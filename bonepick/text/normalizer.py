"""A normalizer by its name. Adding one is a module in `normalizers/`, named as it, and a line in `NORMALIZERS`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Annotated, ClassVar

from msgspec import Meta

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import Checked, Params, Shared
from bonepick.text.identity import NormalizerIdentity
from bonepick.text.tokenizer import PACKAGED, load_tokenizer, tokenizer_digest

NORMALIZERS = (
    "whitespace",
    "plsfix",
    "tokenizer",
    "ultrafine",
    "ultrafine-plus",
    "potion",
)
"""The names of all normalizers. Each module has `normalize`, from a text to a text, and `VERSION`, raised with every
change of what that returns; `TOKENIZED = True` where it takes a `TextTokenizer` as well, and `MAX_CHARS`, the length
from which on it cuts a text."""


def refuse_unknown(name: str) -> None:
    """Refuse what is the name of no normalizer.

    Raises:
        UsageError: it is none.
    """
    if name not in NORMALIZERS:
        raise UsageError(f"unknown normalizer {shortened(name)}: want one of {', '.join(NORMALIZERS)}")


NormalizerName = Annotated[str, Meta(examples=list(NORMALIZERS)), Checked(refuse_unknown)]
OptionalNormalizer = Annotated[
    str, Meta(examples=list(NORMALIZERS)), Checked(lambda name: name and refuse_unknown(name))
]
"""A name, or empty for none."""


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
        refuse_unknown(self.name)

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
    def identity(self) -> NormalizerIdentity:
        """What decides its output: name, version, the tokenizer's digest if it uses one, the length if it cuts there.

        Raises:
            BonepickError: the tokenizer cannot be had.

        >>> Normalizer("potion").identity
        NormalizerIdentity(name='potion', version=1, tokenizer=None, max_length=None, max_length_unit=None)
        """
        module = _module(self.name)
        digest = tokenizer_digest(self.tokenizer) if _tokenized(module) else None
        cut = (self.max_length, "characters") if self.max_length else (None, None)
        return NormalizerIdentity(self.name, module.VERSION, digest, *cut)

    @property
    def max_chars(self) -> int | None:
        """The number of characters above which a text is cut before it is normalized, None if it never is."""
        lengths = (self.max_length, getattr(_module(self.name), "MAX_CHARS", None))
        return min((length for length in lengths if length), default=None)


@dataclass(frozen=True, kw_only=True)
class NormalizerParams(Params):
    """Which normalizer."""

    LOCAL: ClassVar[tuple[str, ...]] = ("tokenizer",)
    RENAMED: ClassVar[dict[str, str]] = {"name": "normalizer"}

    normalizer: OptionalNormalizer = ""
    """Normalizer of the texts."""
    max_length: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    """Characters of a text that are read, before it is normalized; 0 reads all."""
    tokenizer: Annotated[str, Meta(min_length=1), Shared("tokenizer")] = PACKAGED
    """Tokenizer of the normalizers that need one: packaged, a tokenizer.json or a hub name."""

    def make(self) -> Normalizer:
        """Make it.

        Raises:
            UsageError: there is no normalizer of that name.
        """
        return Normalizer(self.normalizer, self.tokenizer, self.max_length)

    def if_named(self) -> Normalizer | None:
        """Make it; None where no name is given.

        Raises:
            UsageError: there is no normalizer of that name, or a length without a name.
        """
        if self.max_length and not self.normalizer:
            raise UsageError(f"max_length {self.max_length} without a normalizer: name one (--normalization)")
        return self.make() if self.normalizer else None


@cache
def _function(name: str, tokenizer: str) -> Callable[[str], str]:
    module = _module(name)
    function: Callable[..., str] = module.normalize
    return partial(function, tokenizer=load_tokenizer(tokenizer)) if _tokenized(module) else function


@cache
def _module(name: str) -> ModuleType:
    return import_module(f"bonepick.text.normalizers.{name.replace('-', '_')}")


def _tokenized(module: ModuleType) -> bool:
    return getattr(module, "TOKENIZED", False)
