"""A trained head as layers: what a kind's training returns, and what a Model2Vec pipeline is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from model2vec import StaticModel
from model2vec.inference import StaticModelPipeline
from model2vec.inference.mlp import Activation, Layer, MLPHead
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bonepick.classifiers.base.knobs import Tried

Layers = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Weight (n_out, n_in) and bias (n_out,) of each linear layer, first to last, ReLU between."""

History = Sequence[tuple[float, float]]
"""Training and validation loss of each epoch or step, the first to the last; empty where they are not known."""


@dataclass(frozen=True)
class Fitted:
    """What one training gives.

    Attributes:
        layers: weight (n_out, n_in) and bias (n_out,) of each, for standardized features.
        history: its losses.
    """

    layers: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
    history: History


@dataclass(frozen=True)
class Head:
    """A trained head.

    Attributes:
        layers: from features to class logits.
        history: losses of the training that it comes from.
        chosen: value of each knob that it was trained with, of those that may be lists.
        tried: values of them that were tried before, with what came of them.
        statistics: of what it was trained on, by name, for the manifest.
    """

    layers: Layers
    history: History
    chosen: Mapping[str, Any]
    tried: "Sequence[Tried]" = ()
    statistics: Mapping[str, int] = field(default_factory=dict)


def static_pipeline(base: StaticModel, layers: Layers, classes: Sequence[str]) -> StaticModelPipeline:
    """Join a base model and a head with softmax over the classes."""
    head = MLPHead([Layer(weight, bias) for weight, bias in layers], Activation.SOFTMAX, np.asarray(classes))
    return StaticModelPipeline(base, head)


def logits_of(layers: Layers, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what a head gives features, shape (n, n_classes)."""
    outputs = features
    for number, (weight, bias) in enumerate(layers):
        outputs = (outputs if number == 0 else np.maximum(outputs, 0)) @ weight.T + bias
    return outputs.astype(np.float64)
