"""Heads: small networks on frozen features, trained with AdamW and early stopping; what both static kinds share."""

import copy
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Protocol

from msgspec import Meta

from bonepick.classifiers.device import Device, resolved
from bonepick.classifiers.manifest import Manifest, library_versions
from bonepick.classifiers.training_data import TrainingData
from bonepick.core.errors import BonepickError
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note, progress
from bonepick.core.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    import torch
    from model2vec import StaticModel
    from model2vec.inference import StaticModelPipeline
    from numpy.typing import NDArray

Layers = list[tuple["NDArray[np.float32]", "NDArray[np.float32]"]]
"""Weight (n_out, n_in) and bias (n_out,) of each linear layer, first to last, ReLU between."""

SHAPING = ("model2vec", "numpy", "scikit-learn", "scipy", "tokenizers", "torch")
"""Libraries whose version can change a trained head."""


Penalties = Annotated[tuple[Annotated[float, Meta(ge=0)], ...], Meta(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class HeadParams(Params):
    """How a head is trained."""

    learning_rate: Annotated[float, Meta(gt=0)] = 0.003
    """Step size of AdamW."""
    batch_size: Annotated[int, Meta(ge=1)] = 256
    """Examples per step."""
    max_epochs: Annotated[int, Meta(ge=1)] = 50
    """Passes over the training examples at most."""
    early_stopping_patience: Annotated[int, Meta(ge=1)] = 5
    """Passes without a lower validation loss after which training ends."""
    l2: Penalties = (0.001,)
    """Penalties to try: l2/2 times the squared weights (on standardized features); the best on validation wins."""
    seed: Seed = 42
    """Seed of initial weights, the order of examples and all other random choices."""
    device: Device = "auto"
    """Where the head is trained: auto takes a GPU where there is one."""


class Objective(Protocol):
    """What a head is trained for."""

    n_examples: int

    def loss(self, head: "torch.nn.Module", chosen: "torch.Tensor") -> "torch.Tensor":
        """Return the mean loss of the training examples of these numbers."""

    def valid_loss(self, head: "torch.nn.Module") -> "torch.Tensor":
        """Return the mean loss of the validation examples."""


class Standardizer:
    """Shifts and scales features to mean 0 and variance 1, so that one penalty and step size suit any base model."""

    def __init__(self, features: "NDArray[np.float32]") -> None:
        import numpy as np

        self.mean = features.mean(axis=0, dtype=np.float64)
        spread = features.std(axis=0, dtype=np.float64)
        self.scale = np.where(spread > 0, spread, 1.0)

    def tensor(self, features: "NDArray[np.float32]", device: str) -> "torch.Tensor":
        """Return standardized features on a device."""
        import torch

        return torch.from_numpy(((features - self.mean) / self.scale).astype("float32")).to(device)

    def folded_into(self, head: "torch.nn.Module") -> Layers:
        """Return the head's layers so that they take the features as they were before."""
        layers = [
            (layer.weight.detach().cpu().numpy().astype("float64"), layer.bias.detach().cpu().numpy().astype("float64"))
            for layer in linear_layers(head)
        ]
        weight, bias = layers[0]
        layers[0] = (weight / self.scale, bias - weight @ (self.mean / self.scale))
        return [(weight.astype("float32"), bias.astype("float32")) for weight, bias in layers]


@dataclass(frozen=True)
class TrainedHead:
    """A trained head, and how it came to be.

    Attributes:
        module: the weights of the epoch with the lowest validation loss.
        history: mean training loss (without the penalty) and validation loss of each epoch, the first to the last.
        l2: the penalty that it was trained with.
    """

    module: "torch.nn.Module"
    history: list[tuple[float, float]]
    l2: float

    @property
    def valid_loss(self) -> float:
        """The lowest validation loss; infinite where none was finite."""
        return min((valid for _, valid in self.history if math.isfinite(valid)), default=math.inf)


def train_head(sizes: Sequence[int], objective: Objective, params: HeadParams) -> TrainedHead:
    """Train a head once for each penalty, and return the one with the lowest validation loss.

    Args:
        sizes: numbers of inputs, hidden units (any number of layers, or none) and outputs.
        objective: its losses; its tensors lie on the device of `params`.
        params: how.

    Raises:
        BonepickError: no penalty gives a finite validation loss.
    """
    with one_thread():
        tried = [_train_once(sizes, objective, params, l2) for l2 in params.l2]
    best = min(tried, key=lambda trained: trained.valid_loss)
    if not math.isfinite(best.valid_loss):
        raise BonepickError("training diverged: the validation loss is not finite: lower learning_rate or l2")
    if len(tried) > 1:
        others = ", ".join(f"{l2:g}" for l2 in params.l2)
        note(f"l2 {best.l2:g} has the lowest validation loss, {best.valid_loss:.4f}, of {others}")
    return best


def _train_once(sizes: Sequence[int], objective: Objective, params: HeadParams, l2: float) -> TrainedHead:
    import torch

    head = _new_head(sizes, params.seed).to(resolved(params.device))
    optimizer = torch.optim.AdamW(head.parameters(), lr=params.learning_rate, weight_decay=0.0)
    order = torch.Generator().manual_seed(params.seed)
    best, best_loss, waited = copy.deepcopy(head), math.inf, 0
    history = []
    with progress("train", unit="epochs") as advance:
        for _ in range(params.max_epochs):
            train_loss = torch.zeros((), device=resolved(params.device))
            for chosen in torch.split(torch.randperm(objective.n_examples, generator=order), params.batch_size):
                optimizer.zero_grad()
                penalty = sum((layer.weight.square().sum() for layer in linear_layers(head)), torch.tensor(0.0))
                own = objective.loss(head, chosen)
                torch.autograd.backward(own + l2 / 2 * penalty)
                optimizer.step()
                train_loss += own.detach() * len(chosen) / objective.n_examples
            with torch.no_grad():
                loss = float(objective.valid_loss(head))
            advance(1)
            history.append((float(train_loss), loss))
            waited += 1
            if loss < best_loss:
                best, best_loss, waited = copy.deepcopy(head), loss, 0
            if waited >= params.early_stopping_patience:
                break
    return TrainedHead(best, history, l2)


def linear_layers(head: "torch.nn.Module") -> "list[torch.nn.Linear]":
    """Return a head's linear layers, first to last."""
    import torch

    return [layer for layer in head.modules() if isinstance(layer, torch.nn.Linear)]


def _new_head(sizes: Sequence[int], seed: int) -> "torch.nn.Module":
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        return nn.Sequential(*layers[:-1])


def static_pipeline(base: "StaticModel", layers: Layers, classes: list[str]) -> "StaticModelPipeline":
    """Join a base model and a head with softmax over the classes."""
    import numpy as np
    from model2vec.inference import StaticModelPipeline
    from model2vec.inference.mlp import Activation, Layer, MLPHead

    head = MLPHead([Layer(weight, bias) for weight, bias in layers], Activation.SOFTMAX, np.asarray(classes))
    return StaticModelPipeline(base, head)


def static_manifest(kind: str, data: TrainingData, params: HeadParams) -> Manifest:
    """Describe a model of a static kind."""
    return Manifest(
        kind=kind,
        classes=data.classes,
        params=asdict(params),
        normalizer=data.normalizer,
        seed=params.seed,
        datasets=data.datasets,
        label_shares=data.label_shares,
        versions=library_versions(SHAPING),
    )
