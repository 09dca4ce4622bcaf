"""Kind `contrastive`: a linear ranker, trained on pairs of texts with different labels inside semantic clusters.

Inside a cluster texts are about the same things, so what tells a pair's better text from its worse one is quality and
not topic (Bradley and Terry 1952 for the logistic loss; Herbrich et al. 2000 for the hinge on pairs).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from bonepick.classifiers.base_model import embed, load_base_model
from bonepick.classifiers.clusters import fit_clusters
from bonepick.classifiers.device import resolved
from bonepick.classifiers.heads import (
    HeadParams,
    Layers,
    Penalties,
    Standardizer,
    static_manifest,
    static_pipeline,
    train_head,
)
from bonepick.classifiers.ordinal import fit_ordinal_logits
from bonepick.classifiers.pairs import Pairs, draw_pairs
from bonepick.classifiers.static import StaticClassifier
from bonepick.classifiers.training_data import TrainingData, read_training_data
from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.threads import one_thread
from bonepick.data.rows import RowParams
from bonepick.text.normalizers import Normalizer

if TYPE_CHECKING:
    import numpy as np
    import torch
    from model2vec import StaticModel
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class ContrastiveParams(HeadParams):
    """How pairs are drawn and the ranker is trained on them."""

    n_clusters: Annotated[int, Meta(ge=1)] = 100
    """k-means clusters that pairs are drawn in; 1 draws them from everywhere."""
    n_pairs: Annotated[int, Meta(ge=1)] = 100_000
    """Training pairs; a fifth as many are drawn for validation."""
    loss: Literal["hinge", "logistic"] = "logistic"
    """What a pair costs whose better text is not clearly scored higher."""
    batch_size: Annotated[int, Meta(ge=1)] = 1024
    """Pairs per step."""
    l2: Penalties = (0.1,)
    """Penalties to try: l2/2 times the squared weights (on standardized features); the best on validation wins."""


class Contrastive(StaticClassifier):
    """Predicts with one score, turned into class probabilities."""

    @classmethod
    def fit(cls, base: "StaticModel", data: TrainingData, params: ContrastiveParams) -> "Contrastive":
        """Cluster, draw pairs, train the score on them, and fit its map to class logits on the validation rows.

        Raises:
            BonepickError: no cluster holds two different labels, or the validation rows do not.
        """
        with one_thread():
            clusters = fit_clusters(data.train.features, params.n_clusters, params.seed)
            pairs = draw_pairs(clusters(data.train.features), data.train.targets, params.n_pairs, params.seed)
            valid_pairs = _valid_pairs(clusters(data.valid.features), data, params)
        standardizer = Standardizer(data.train.features)
        objective = _PairLoss(data, pairs, valid_pairs, standardizer, params)
        head = train_head((base.dim, 1), objective, params)
        layers = _class_layers(standardizer.folded_into(head.module), data)
        manifest = static_manifest("contrastive", data, params)
        return cls(static_pipeline(base, layers, data.classes), manifest, head.history)


CLASSIFIER = Contrastive


def _valid_pairs(clusters: "NDArray[np.int64]", data: TrainingData, params: ContrastiveParams) -> Pairs:
    import numpy as np

    if len(np.unique(data.valid.targets)) < 2:
        raise BonepickError("the validation rows hold one label only: no pairs can be drawn from them")
    n_pairs = math.ceil(params.n_pairs / 5)
    try:
        return draw_pairs(clusters, data.valid.targets, n_pairs, params.seed)
    except BonepickError:
        note("no cluster holds validation rows of two labels: validation pairs are drawn from everywhere")
        return draw_pairs(np.zeros_like(clusters), data.valid.targets, n_pairs, params.seed)


class _PairLoss:
    """Mean hinge or logistic loss of the score differences of pairs."""

    def __init__(
        self,
        data: TrainingData,
        pairs: Pairs,
        valid_pairs: Pairs,
        standardizer: Standardizer,
        params: ContrastiveParams,
    ) -> None:
        import torch

        device = resolved(params.device)
        self.n_examples = len(pairs.better)
        self.hinge = params.loss == "hinge"
        self.train = standardizer.tensor(data.train.features, device)
        self.valid = standardizer.tensor(data.valid.features, device)
        self.better, self.worse = (torch.from_numpy(side).to(device) for side in (pairs.better, pairs.worse))
        self.valid_better, self.valid_worse = (torch.from_numpy(s) for s in (valid_pairs.better, valid_pairs.worse))

    def loss(self, head: "torch.nn.Module", chosen: "torch.Tensor") -> "torch.Tensor":
        return self._mean(head(self.train[self.better[chosen]]) - head(self.train[self.worse[chosen]]))

    def valid_loss(self, head: "torch.nn.Module") -> "torch.Tensor":
        scores = head(self.valid)
        return self._mean(scores[self.valid_better] - scores[self.valid_worse])

    def _mean(self, margins: "torch.Tensor") -> "torch.Tensor":
        from torch.nn.functional import softplus

        return (1 - margins).clamp(min=0).mean() if self.hinge else softplus(-margins).mean()


def _class_layers(layers: Layers, data: TrainingData) -> Layers:
    """Compose the score and the map from score to class logits into one linear layer."""
    import numpy as np

    ((weight, bias),) = layers
    with one_thread():
        scores = (data.valid.features @ weight[0] + bias[0]).astype(np.float64)
        slope, offsets = fit_ordinal_logits(scores, data.valid.targets, len(data.classes))
    steps = slope * np.arange(len(data.classes))
    # composed into one layer: model2vec puts a ReLU between layers, which would cut negative scores off
    return [(np.outer(steps, weight[0]).astype(np.float32), (steps * bias[0] + offsets).astype(np.float32))]


def train_contrastive(
    dataset_dirs: Sequence[Path],
    base_model: str,
    output_dir: Path,
    params: ContrastiveParams,
    rows: RowParams,
    labels: Sequence[object] = (),
    workers: int = 1,
    overwrite: bool = False,
    normalizer: Normalizer | None = None,
) -> None:
    """Train on the `train/` rows of some datasets together, and write a model directory; see `train_model2vec`.

    Raises:
        BonepickError: see `read_training_data` and `load_base_model`; no cluster holds two different labels; or the
            output is occupied.
    """
    with atomic_directory(output_dir, "model", overwrite, [*dataset_dirs, *local_paths(base_model)]) as folder:
        base = load_base_model(base_model)
        data = read_training_data(dataset_dirs, partial(embed, base), rows, labels, params.seed, workers, normalizer)
        Contrastive.fit(base, data, params).save(folder)
    note(f"contrastive: trained on pairs of {len(data.train.targets):,} rows -> {output_dir}")
