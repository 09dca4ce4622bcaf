"""Standardized features: one penalty then suits any base model. They are never copied whole: see `StandardRows`."""

import numpy as np
from numpy.typing import NDArray

from bonepick.classifiers.static.layers import Layers

BLOCK = 4096
"""Rows that are read at a time; fixed, so that sums do not depend on anything else."""


class Standardizer:
    """Shifts and scales features to mean 0 and variance 1.

    Args:
        features: shape (n, dim), from which mean and variance are taken; n is 1 at least.

    Attributes:
        mean: shape (dim,).
        scale: standard deviations, shape (dim,); 1 where there is no spread.
    """

    def __init__(self, features: NDArray[np.float32]) -> None:
        starts = range(0, len(features), BLOCK)
        total = sum(features[start : start + BLOCK].sum(axis=0, dtype=np.float64) for start in starts)
        self.mean: NDArray[np.float64] = np.asarray(total) / len(features)
        squares = sum(np.square(features[start : start + BLOCK] - self.mean).sum(axis=0) for start in starts)
        spread = np.sqrt(np.asarray(squares) / len(features))
        # one value in all rows leaves rounding errors behind
        self.scale = np.where(spread > 1e-9 * np.abs(self.mean), spread, 1.0)

    def folded_into(self, layers: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Layers:
        """Return layers so that they take the features as they were before.

        Args:
            layers: weight (n_out, n_in) and bias (n_out,) of each.
        """
        (weight, bias), *others = layers
        first = (weight / self.scale, bias - weight @ (self.mean / self.scale))
        # in C order: safetensors saves the numbers as they lie
        return [(weight.astype(np.float32, "C"), bias.astype(np.float32)) for weight, bias in (first, *others)]
