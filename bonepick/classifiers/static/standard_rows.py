"""Standardized features on processor or GPU, as what training asks of them: products, and small batches."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray

from bonepick.classifiers.static.standardizer import BLOCK, Standardizer


class StandardRows:
    """Features that are standardized while they are used: on the processor they are read where they lie.

    Products are float32 in fixed blocks of rows, and sums over blocks float64.

    Args:
        features: shape (n, dim); may be mapped from a file that is larger than memory, and is never written to.
        standardizer: of the training features.
        device: `cpu` or `cuda`, which gets the features once.
    """

    def __init__(self, features: NDArray[np.float32], standardizer: Standardizer, device: str) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")  # and is only read
            self.features = torch.from_numpy(np.ascontiguousarray(features)).to(device)
        self.device = device
        self.mean = torch.from_numpy(standardizer.mean).to(device)
        self.scale = torch.from_numpy(standardizer.scale).to(device)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def dim(self) -> int:
        """Number of features."""
        return self.features.shape[1]

    def products(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `times` of weights that lie here."""
        return self.times(torch.from_numpy(np.ascontiguousarray(weights)).to(self.device)).cpu().numpy()

    def times(self, weights: torch.Tensor) -> torch.Tensor:
        """Return standardized features times weights, float64.

        Args:
            weights: float64, shape (dim, k).

        Returns:
            Shape (n, k).
        """
        scaled = weights / self.scale[:, None]
        single = scaled.float()
        products = torch.empty((len(self), weights.shape[1]), dtype=torch.float64, device=self.device)
        for start in range(0, len(self), BLOCK):
            products[start : start + BLOCK] = self.features[start : start + BLOCK] @ single
        return products.sub_(self.mean @ scaled)

    def transposed_times(self, errors: torch.Tensor) -> torch.Tensor:
        """Return the transposed standardized features times errors, float64: a gradient.

        Args:
            errors: of each row, float64, shape (n, k).

        Returns:
            Shape (dim, k).
        """
        sums = torch.zeros((self.dim, errors.shape[1]), dtype=torch.float64, device=self.device)
        single = errors.float()
        for start in range(0, len(self), BLOCK):
            sums += self.features[start : start + BLOCK].T @ single[start : start + BLOCK]
        sums -= self.mean[:, None] * single.sum(dim=0, dtype=torch.float64)
        return sums / self.scale[:, None]

    def batch(self, chosen: torch.Tensor | slice) -> torch.Tensor:
        """Return the standardized features of some rows, float32."""
        rows = self.features[chosen] if isinstance(chosen, slice) else self.features.index_select(0, chosen)
        return rows.sub(self.mean.float()).div_(self.scale.float())
