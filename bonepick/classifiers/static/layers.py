"""A trained head as layers: what a kind's training returns, and what a Model2Vec pipeline is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from model2vec import StaticModel
from model2vec.inference import StaticModelPipeline
from model2vec.inference.mlp import Activation, Layer, MLPHead
from numpy.typing import NDArray

Layers = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Weight (n_out, n_in) and bias (n_out,) of each linear layer, first to last, ReLU between."""


@dataclass(frozen=True)
class Head:
    """A trained head.

    Attributes:
        layers: from features to class logits.
        history: training and validation loss of each epoch; empty where they are not known.
    """

    layers: Layers
    history: Sequence[tuple[float, float]]


def static_pipeline(base: StaticModel, layers: Layers, classes: Sequence[str]) -> StaticModelPipeline:
    """Join a base model and a head with softmax over the classes."""
    head = MLPHead([Layer(weight, bias) for weight, bias in layers], Activation.SOFTMAX, np.asarray(classes))
    return StaticModelPipeline(base, head)
