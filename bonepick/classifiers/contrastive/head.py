"""Training a score on pairs, and its map to class logits."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import softplus

from bonepick.classifiers.contrastive.ordinal import fit_ordinal_logits
from bonepick.classifiers.contrastive.pairs import Pairs, draw_pairs
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.static.clusters import fit_clusters
from bonepick.classifiers.static.device import resolved
from bonepick.classifiers.static.features import Features
from bonepick.classifiers.static.layers import Head, Layers
from bonepick.classifiers.static.standardizer import Standardizer
from bonepick.classifiers.static.train_head import train_head
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.core.threads import one_thread


def fit_head(features: Features, params: ContrastiveParams) -> Head:
    """Cluster, draw pairs, train the score on them, and fit its map to class logits on the validation rows.

    Raises:
        BonepickError: no cluster holds two different labels, the validation rows do not, or training diverges.
    """
    with one_thread():
        clusters = fit_clusters(features.train.features, params.n_clusters, params.seed)
        pairs = draw_pairs(clusters(features.train.features), features.train.targets, params.n_pairs, params.seed)
        valid_pairs = _valid_pairs(clusters(features.valid.features), features, params)
    standardizer = Standardizer(features.train.features)
    objective = _PairLoss(features, pairs, valid_pairs, standardizer, params)
    trained = train_head((features.train.features.shape[1], 1), objective, params)
    return Head(_class_layers(standardizer.folded_into(trained.module), features), trained.history)


def _valid_pairs(clusters: NDArray[np.int64], features: Features, params: ContrastiveParams) -> Pairs:
    targets = features.valid.targets
    if len(np.unique(targets)) < 2:
        raise BonepickError(
            "the validation rows hold one label only, so that no pairs can be drawn from them: put rows of others into "
            "valid/, or leave it out (a tenth of train/ is held out then)"
        )
    n_pairs = math.ceil(params.n_pairs / 5)
    try:
        return draw_pairs(clusters, targets, n_pairs, params.seed)
    except BonepickError:
        note("no cluster holds validation rows of two labels: validation pairs are drawn from everywhere")
        return draw_pairs(np.zeros_like(clusters), targets, n_pairs, params.seed)


class _PairLoss:
    """Mean hinge or logistic loss of the score differences of pairs."""

    def __init__(
        self,
        features: Features,
        pairs: Pairs,
        valid_pairs: Pairs,
        standardizer: Standardizer,
        params: ContrastiveParams,
    ) -> None:
        device = resolved(params.device)
        self.n_examples = len(pairs.better)
        self.hinge = params.loss == "hinge"
        self.train = standardizer.tensor(features.train.features, device)
        self.valid = standardizer.tensor(features.valid.features, device)
        self.better, self.worse = (torch.from_numpy(side).to(device) for side in (pairs.better, pairs.worse))
        self.valid_better, self.valid_worse = (torch.from_numpy(s) for s in (valid_pairs.better, valid_pairs.worse))

    def loss(self, head: nn.Module, chosen: torch.Tensor) -> torch.Tensor:
        return self._mean(head(self.train[self.better[chosen]]) - head(self.train[self.worse[chosen]]))

    def valid_loss(self, head: nn.Module) -> torch.Tensor:
        scores = head(self.valid)
        return self._mean(scores[self.valid_better] - scores[self.valid_worse])

    def _mean(self, margins: torch.Tensor) -> torch.Tensor:
        return (1 - margins).clamp(min=0).mean() if self.hinge else softplus(-margins).mean()


def _class_layers(layers: Layers, features: Features) -> Layers:
    """Compose the score and the map from score to class logits into one linear layer."""
    ((weight, bias),) = layers
    n_classes = len(features.classes)
    with one_thread():
        scores = (features.valid.features @ weight[0] + bias[0]).astype(np.float64)
        slope, offsets = fit_ordinal_logits(scores, features.valid.targets, n_classes)
    steps = slope * np.arange(n_classes)
    # composed into one layer: model2vec puts a ReLU between layers, which would cut negative scores off
    return [(np.outer(steps, weight[0]).astype(np.float32), (steps * bias[0] + offsets).astype(np.float32))]
