"""The training loop of heads with hidden layers: AdamW with early stopping."""

import copy
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from bonepick.classifiers.static.convex import DivergedError
from bonepick.classifiers.static.labelled import Labelled
from bonepick.classifiers.static.layers import Fitted
from bonepick.classifiers.static.standardizer import BLOCK
from bonepick.core.progress import progress


class LoopParams(Protocol):
    """How the loop runs: see `Model2VecParams`."""

    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def max_epochs(self) -> int: ...  # noqa: D102
    @property
    def early_stopping_patience(self) -> int: ...  # noqa: D102


def train_mlp(sizes: Sequence[int], train: Labelled, valid: Labelled, l2: float, params: LoopParams) -> Fitted:
    """Train until the validation loss falls no more, and return the weights of its lowest.

    Args:
        sizes: numbers of inputs, hidden units and outputs.
        train: rows; those of weight 0 are left out.
        valid: validation rows.
        l2: the penalty, l2/2 times the squared weights.
        params: how.

    Raises:
        DivergedError: no epoch gives a finite validation loss.
    """
    head = _new_head(sizes, params.seed).to(train.rows.device)
    optimizer = torch.optim.AdamW(head.parameters(), lr=params.learning_rate, weight_decay=0.0)
    shuffled = torch.Generator().manual_seed(params.seed)
    kept = train.weights.nonzero()[:, 0]
    best, best_loss, waited = head, math.inf, 0
    history = []
    with progress("train", "epochs", params.max_epochs) as advance:
        for _ in range(params.max_epochs):
            order = kept[torch.randperm(len(kept), generator=shuffled).to(kept.device)]
            train_loss = torch.zeros((), device=train.rows.device)
            for chosen in torch.split(order, params.batch_size):
                optimizer.zero_grad()
                loss = _batch_loss(head, train, chosen)
                penalty = torch.stack([layer.weight.square().sum() for layer in _linear(head)]).sum()
                torch.autograd.backward(loss + l2 / 2 * penalty)
                optimizer.step()
                train_loss += loss.detach() * len(chosen) / len(kept)
            history.append((float(train_loss), _whole_loss(head, valid)))
            advance(1)
            waited += 1
            if history[-1][1] < best_loss:
                best, best_loss, waited = copy.deepcopy(head), history[-1][1], 0
            if waited >= params.early_stopping_patience:
                break
    if not math.isfinite(best_loss):
        raise DivergedError("training diverged: the validation loss is not finite: lower learning_rate or l2")
    return Fitted([(_numbers(layer.weight), _numbers(layer.bias)) for layer in _linear(best)], history)


def _batch_loss(head: nn.Module, examples: Labelled, chosen: torch.Tensor) -> torch.Tensor:
    weights = examples.weights[chosen].float()
    losses = cross_entropy(head(examples.rows.batch(chosen)), examples.targets[chosen], reduction="none")
    return losses @ weights / weights.sum()


def _whole_loss(head: nn.Module, examples: Labelled) -> float:
    total = torch.zeros((), dtype=torch.float64, device=examples.rows.device)
    with torch.no_grad():
        for start in range(0, len(examples.rows), BLOCK):
            block = slice(start, start + BLOCK)
            losses = cross_entropy(head(examples.rows.batch(block)), examples.targets[block], reduction="none")
            total += losses.double() @ examples.weights[block]
    return float(total)


def _linear(head: nn.Module) -> list[nn.Linear]:
    return [layer for layer in head.modules() if isinstance(layer, nn.Linear)]


def _numbers(parameter: torch.Tensor) -> NDArray[np.float64]:
    return parameter.detach().cpu().numpy().astype(np.float64)


def _new_head(sizes: Sequence[int], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        return nn.Sequential(*layers[:-1])
