"""Vectors of tokens that no mean can be taken of: some public models have a few."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.progress import note

LARGEST = 1e6
"""Numbers beyond are taken for infinite: the features of a few texts would be."""
MOST = 0.5
"""Share of the vectors that may hold such numbers."""


def with_usable_numbers(
    vectors: NDArray[Any], tokens: Mapping[int, str], mapping: NDArray[Any] | None, path: Path
) -> NDArray[Any]:
    """Return vectors with 0 in place of NaN and infinity, as model2vec takes NaN in its own classifiers; say so.

    Args:
        vectors: shape (n, dim).
        tokens: number -> token.
        mapping: row of each token's vector; None where that is its number.
        path: of their file.

    Raises:
        BonepickError: most of them hold such numbers.
    """
    if vectors.dtype.kind == "i":
        return vectors
    usable = np.abs(vectors) <= min(LARGEST, float(np.finfo(vectors.dtype).max))
    broken = set(np.flatnonzero(~usable.all(axis=1)).tolist())
    if not broken:
        return vectors
    names = [shortened(token) for number, token in sorted(tokens.items()) if _row(number, mapping) in broken]
    said = f"{len(broken):,} of {len(vectors):,} vectors hold NaN or infinity (of {', '.join(names[:5])})"
    if len(broken) > MOST * len(vectors):
        raise BonepickError(f"{path}: {said}: take another base model")
    note(f"{path}: {said}: these numbers count as 0")
    return np.where(usable, vectors, vectors.dtype.type(0))


def _row(number: int, mapping: NDArray[Any] | None) -> int:
    return number if mapping is None else int(mapping[number])
