"""Training rows as they are streamed: one by one with what is known of them, and in batches."""

import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bonepick.data.origins import Origin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Item(NamedTuple):
    """One row as training takes it.

    Attributes:
        text: as the model takes it; empty where the row is embedded.
        labels: canonical.
        group: rows of one group are held out together; a digest of the text where the row has none.
        names: labels that it names, though it need not have them.
        source: where it is from; None where it does not say.
    """

    text: str
    labels: tuple[str, ...]
    group: str
    names: tuple[str, ...] = ()
    source: str | None = None


class Batch(NamedTuple):
    """Some rows of one split; each has exactly one label, but where rows can have several.

    Attributes:
        split: `train` or `valid`.
        items: the rows.
        features: of each, float32, shape (n, dim); None unless features are asked for.
    """

    split: str
    items: list[Item]
    features: "NDArray[np.float32] | None" = None


class Embed(Protocol):
    """Turns texts into features; can be pickled."""

    @property
    def name(self) -> str:
        """What the base model is called, for people."""

    @property
    def digest(self) -> str:
        """Digest of the base model."""

    def __call__(self, texts: list[str]) -> "NDArray[np.float32]":
        """Return the features of texts, float32, shape (n_texts, dim)."""


def group_of(origin: Origin, text: str) -> str:
    """Return the group of a row; of one that says none, what equal texts have in common."""
    return hashlib.sha256(text.encode()).hexdigest() if origin.group is None else origin.group
