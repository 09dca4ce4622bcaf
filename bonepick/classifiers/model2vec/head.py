"""Training a head by cross-entropy."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.device import resolved
from bonepick.classifiers.static.features import Examples, Features
from bonepick.classifiers.static.layers import Head
from bonepick.classifiers.static.standardizer import Standardizer
from bonepick.classifiers.static.train_head import train_head


def fit_head(features: Features, params: Model2VecParams) -> Head:
    """Train a head with the hidden layers of `params`, or without any.

    Raises:
        BonepickError: training diverges.
    """
    standardizer = Standardizer(features.train.features)
    objective = _CrossEntropy(features, standardizer, params)
    sizes = (features.train.features.shape[1], *params.hidden_units, len(features.classes))
    trained = train_head(sizes, objective, params)
    return Head(standardizer.folded_into(trained.module), trained.history)


class _CrossEntropy:
    """Mean negative log probability of the right class."""

    def __init__(self, features: Features, standardizer: Standardizer, params: Model2VecParams) -> None:
        self.device = resolved(params.device)
        self.n_examples = len(features.train.targets)
        self.train = self._tensors(features.train, standardizer)
        self.valid = self._tensors(features.valid, standardizer)
        counts = torch.bincount(self.train[1], minlength=len(features.classes))
        weights = self.n_examples / (len(features.classes) * counts.float())
        self.weights = weights if params.loss_class_weight == "balanced" else None

    def _tensors(self, examples: Examples, standardizer: Standardizer) -> tuple[torch.Tensor, torch.Tensor]:
        inputs = standardizer.tensor(examples.features, self.device)
        return inputs, torch.from_numpy(examples.targets).to(self.device)

    def loss(self, head: nn.Module, chosen: torch.Tensor) -> torch.Tensor:
        inputs, targets = self.train
        return self._mean(head, inputs[chosen], targets[chosen])

    def valid_loss(self, head: nn.Module) -> torch.Tensor:
        return self._mean(head, *self.valid)

    def _mean(self, head: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(head(inputs), targets, weight=self.weights)
