"""Standardized features: one penalty and step size then suit any base model."""

import numpy as np
import torch
from numpy.typing import NDArray

from bonepick.classifiers.static.layers import Layers


class Standardizer:
    """Shifts and scales features to mean 0 and variance 1.

    Args:
        features: shape (n, dim), from which mean and variance are taken.
    """

    def __init__(self, features: NDArray[np.float32]) -> None:
        self.mean = features.mean(axis=0, dtype=np.float64)
        spread = features.std(axis=0, dtype=np.float64)
        self.scale = np.where(spread > 0, spread, 1.0)

    def tensor(self, features: NDArray[np.float32], device: str) -> torch.Tensor:
        """Return standardized features on a device."""
        return torch.from_numpy(((features - self.mean) / self.scale).astype("float32")).to(device)

    def folded_into(self, head: torch.nn.Module) -> Layers:
        """Return the head's layers so that they take the features as they were before."""
        layers = [
            (layer.weight.detach().cpu().numpy().astype("float64"), layer.bias.detach().cpu().numpy().astype("float64"))
            for layer in linear_layers(head)
        ]
        weight, bias = layers[0]
        layers[0] = (weight / self.scale, bias - weight @ (self.mean / self.scale))
        return [(weight.astype("float32"), bias.astype("float32")) for weight, bias in layers]


def linear_layers(head: torch.nn.Module) -> list[torch.nn.Linear]:
    """Return a head's linear layers, first to last."""
    return [layer for layer in head.modules() if isinstance(layer, torch.nn.Linear)]
