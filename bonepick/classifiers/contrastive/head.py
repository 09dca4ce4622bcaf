"""Training a score on pairs, and its map to class logits."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bonepick.classifiers.base.knobs import combinations
from bonepick.classifiers.contrastive.calibration import fit_slope_and_offsets
from bonepick.classifiers.contrastive.clusterings import Clusterings
from bonepick.classifiers.contrastive.loss import PairLoss
from bonepick.classifiers.contrastive.pair_sets import draw_from_clusterings
from bonepick.classifiers.contrastive.pairs import Pairs
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.contrastive.pointwise import fit_pointwise
from bonepick.classifiers.static.convex import find_minimum
from bonepick.classifiers.static.device import resolved
from bonepick.classifiers.static.features import Features
from bonepick.classifiers.static.judging import Kept, chosen_knobs
from bonepick.classifiers.static.labelled import labelled
from bonepick.classifiers.static.layers import Fitted, Head, Layers
from bonepick.classifiers.static.standard_rows import StandardRows
from bonepick.classifiers.static.standardizer import Standardizer
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.core.threads import one_thread


def fit_head(features: Features, params: ContrastiveParams) -> Head:
    """Cluster, draw pairs, train the score on them, and fit its map to class logits on the validation rows.

    Raises:
        BonepickError: no cluster holds two different labels, the validation rows do not, or training diverges.
    """
    if len(np.unique(features.valid.targets)) < 2:
        raise BonepickError(
            "the validation rows hold one label only, and a score becomes probabilities on them: put rows of others "
            "into valid/, or leave it out (a tenth of train/ is held out then)"
        )
    with one_thread():
        ranker = _Ranker(features, params)
        values, tried = chosen_knobs(features, params, combinations(params, "l2"), ranker.layers)
        fitted = ranker.fit(values, None)
        layers = ranker.standardizer.folded_into(ranker.calibrated(fitted).layers)
        return Head(layers, fitted.history, values, tried, ranker.statistics)


class _Ranker:
    """Rows, their clusters and pairs, for any values of the knobs."""

    def __init__(self, features: Features, params: ContrastiveParams) -> None:
        self.features, self.params = features, params
        device = resolved(params.device)
        train, valid = features.train.features, features.valid.features
        clusterings = Clusterings(train, params.n_clusters, params.n_clusterings, params.seed)
        self.clusters = clusterings(train)
        self.pairs = draw_from_clusterings(self.clusters, features.train.targets, params)
        self.standardizer = Standardizer(train)
        self.rows = StandardRows(train, self.standardizer, device)
        self.valid_rows = StandardRows(valid, self.standardizer, device)
        self.valid_loss = self._loss(self.valid_rows, self._valid_pairs(clusterings)).value

    @property
    def statistics(self) -> dict[str, int]:
        """Counts for the manifest."""
        return {
            "clusterings": len(self.clusters),
            "clusters": sum(len(np.unique(numbers)) for numbers in self.clusters),
            "clusters_with_pairs": self.pairs.clusters,
            "pairs_in_clusters": self.pairs.possible,
            "pairs": len(self.pairs),
            "rows_in_pairs": len(np.union1d(self.pairs.better, self.pairs.worse)),
        }

    def layers(self, values: Mapping[str, Any], kept: Kept) -> Layers:
        """Return layers that rank, trained on the rows of a fold."""
        return self.standardizer.folded_into(self.fit(values, kept).layers)

    def fit(self, values: Mapping[str, Any], kept: Kept) -> Fitted:
        """Train class logits that rank, without biases, on all rows, or on those of a fold."""
        targets, n_classes, params = self.features.train.targets, len(self.features.classes), self.params
        examples = labelled(self.rows, targets, np.ones(n_classes), kept)
        pointwise = fit_pointwise(examples, n_classes, params.pointwise_l2, params.pointwise_share)
        pairs = self.pairs if kept is None else draw_from_clusterings(self.clusters, targets, params, kept)
        valid_loss = self.valid_loss if kept is None else None  # a fold's history is of no use
        loss = self._loss(self.rows, pairs)
        found = find_minimum(loss, pointwise.direction, values["l2"], valid_loss=valid_loss)
        return Fitted([(pointwise.corrected(found.weights).T, np.zeros(n_classes))], found.history)

    def calibrated(self, fitted: Fitted) -> Fitted:
        """Return the same logits, scaled and shifted to be probabilities of the validation rows."""
        ((weights, _),) = fitted.layers
        slope, offsets = fit_slope_and_offsets(self.valid_rows.products(weights.T), self.features.valid.targets)
        return Fitted([(slope * weights, offsets)], fitted.history)

    def _loss(self, rows: StandardRows, pairs: Pairs) -> PairLoss:
        return PairLoss(rows, pairs, self.params.loss, self.params.margin)

    def _valid_pairs(self, clusterings: Clusterings) -> Pairs:
        valid = self.features.valid
        try:
            return draw_from_clusterings(clusterings(valid.features), valid.targets, self.params)
        except BonepickError:
            note("no cluster holds validation rows of two labels: the validation loss is of pairs from everywhere")
            one = np.zeros((1, len(valid.targets)), dtype=np.int32)
            return draw_from_clusterings(one, valid.targets, self.params)
