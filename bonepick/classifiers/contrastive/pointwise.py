"""The pointwise head that the ranker corrects inside clusters: what it is pulled toward."""

from dataclasses import dataclass

import numpy as np

from bonepick.classifiers.static.convex import Vector, find_minimum
from bonepick.classifiers.static.cross_entropy import CrossEntropy
from bonepick.classifiers.static.labelled import Labelled


@dataclass(frozen=True)
class Pointwise:
    """A linear head by cross-entropy, on standardized features, or a part of it.

    Attributes:
        weights: shape (dim, n_classes); the biases are fitted with the ranker's.
    """

    weights: Vector

    @property
    def direction(self) -> Vector:
        """How logits rise with the rank of the class: the least-squares slope over the ranks, shape (dim,).

        With two classes these are the weights of the better class less those of the worse one.
        """
        ranks = np.arange(self.weights.shape[1]) - (self.weights.shape[1] - 1) / 2
        slopes: Vector = self.weights @ ranks / (ranks @ ranks)
        return slopes

    def corrected(self, direction: Vector) -> Vector:
        """Return the weights with another direction; what of them is no slope over the ranks stays as it is."""
        ranks = np.arange(self.weights.shape[1])
        return self.weights + np.outer(direction - self.direction, ranks)


def fit_pointwise(examples: Labelled, n_classes: int, l2: float, share: float) -> Pointwise:
    """Train a head.

    Args:
        examples: to train it on.
        n_classes: worst to best; two at least.
        l2: its penalty.
        share: of its weights that is taken; with 0 nothing is trained.
    """
    nothing = np.zeros((examples.rows.dim + 1, n_classes))
    fitted = find_minimum(CrossEntropy(examples), nothing, l2, slice(-1)).weights if share else nothing
    return Pointwise(share * fitted[:-1])
