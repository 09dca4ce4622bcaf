"""The training loop of heads: AdamW with early stopping, once for each penalty."""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import torch
from torch import nn

from bonepick.classifiers.static.device import resolved
from bonepick.classifiers.static.params import HeadParams
from bonepick.classifiers.static.standardizer import linear_layers
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note, progress
from bonepick.core.threads import one_thread


class Objective(Protocol):
    """What a head is trained for."""

    n_examples: int

    def loss(self, head: nn.Module, chosen: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of the training examples of these numbers."""

    def valid_loss(self, head: nn.Module) -> torch.Tensor:
        """Return the mean loss of the validation examples."""


@dataclass(frozen=True)
class TrainedHead:
    """A trained head, and how it came to be.

    Attributes:
        module: the weights of the epoch with the lowest validation loss.
        history: mean training loss (without the penalty) and validation loss of each epoch, the first to the last.
        l2: the penalty that it was trained with.
    """

    module: nn.Module
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
    head = _new_head(sizes, params.seed).to(resolved(params.device))
    optimizer = torch.optim.AdamW(head.parameters(), lr=params.learning_rate, weight_decay=0.0)
    order = torch.Generator().manual_seed(params.seed)
    best = copy.deepcopy(head)
    best_loss = math.inf
    waited = 0
    history = []
    with progress("train", "epochs", params.max_epochs) as advance:
        for _ in range(params.max_epochs):
            train_loss = torch.zeros((), device=resolved(params.device))
            for chosen in torch.split(torch.randperm(objective.n_examples, generator=order), params.batch_size):
                optimizer.zero_grad()
                penalty = sum((layer.weight.square().sum() for layer in linear_layers(head)), torch.tensor(0.0))
                loss = objective.loss(head, chosen)
                torch.autograd.backward(loss + l2 / 2 * penalty)
                optimizer.step()
                train_loss += loss.detach() * len(chosen) / objective.n_examples
            with torch.no_grad():
                valid_loss = float(objective.valid_loss(head))
            advance(1)
            history.append((float(train_loss), valid_loss))
            waited += 1
            if valid_loss < best_loss:
                best = copy.deepcopy(head)
                best_loss = valid_loss
                waited = 0
            if waited >= params.early_stopping_patience:
                break
    return TrainedHead(best, history, l2)


def _new_head(sizes: Sequence[int], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        return nn.Sequential(*layers[:-1])
