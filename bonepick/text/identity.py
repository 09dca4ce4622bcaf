"""What decides a normalizer's output: datasets and models carry it, so that texts are never normalized two ways."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta


@dataclass(frozen=True)
class NormalizerIdentity:
    """What decides a normalizer's output.

    Attributes:
        name: one of `NORMALIZERS`.
        version: of its function.
        tokenizer: sha256 of the tokenizer's file in hex, where it uses one.
        max_length: characters of a text that are read; None reads all.
        max_length_unit: `characters`, where there is a length.

    >>> print(NormalizerIdentity("ultrafine", 1, "41f3bf64213da8c0", 4000, "characters"))
    ultrafine (version 1, tokenizer 41f3bf64, 4,000 characters at most)
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,50}$")]
    version: Annotated[int, Meta(ge=1, lt=2**31)]
    tokenizer: Annotated[str, Meta(pattern="^[0-9a-f]{1,64}$")] | None = None
    max_length: Annotated[int, Meta(ge=1, lt=2**31)] | None = None
    max_length_unit: Literal["characters"] | None = None

    def __str__(self) -> str:
        tokenizer = f", tokenizer {self.tokenizer[:8]}" if self.tokenizer else ""
        cut = f", {self.max_length:,} {self.max_length_unit} at most" if self.max_length else ""
        return f"{self.name} (version {self.version}{tokenizer}{cut})"
