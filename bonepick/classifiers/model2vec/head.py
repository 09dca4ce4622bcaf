"""Training a head by cross-entropy."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bonepick.classifiers.base.knobs import combinations
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.convex import find_minimum
from bonepick.classifiers.static.cross_entropy import CrossEntropy
from bonepick.classifiers.static.device import resolved
from bonepick.classifiers.static.features import Features
from bonepick.classifiers.static.judging import Kept, chosen_knobs
from bonepick.classifiers.static.labelled import class_weights, labelled
from bonepick.classifiers.static.layers import Fitted, Head
from bonepick.classifiers.static.standard_rows import StandardRows
from bonepick.classifiers.static.standardizer import Standardizer
from bonepick.classifiers.static.train_mlp import train_mlp
from bonepick.core.threads import one_thread


def fit_head(features: Features, params: Model2VecParams) -> Head:
    """Train a head with the penalty and the hidden layers of `params`, of several with the best ones.

    Raises:
        BonepickError: training diverges.
    """
    with one_thread():
        standardizer = Standardizer(features.train.features)
        trainer = _Trainer(features, standardizer, params)
        penalties = combinations(params, "l2")
        values = [{"hidden_units": units, **one} for units in params.architectures for one in penalties]
        best, tried = chosen_knobs(
            features, params, values, lambda one, kept: standardizer.folded_into(trainer.fit(one, kept).layers)
        )
        fitted = trainer.fit(best)
        return Head(standardizer.folded_into(fitted.layers), fitted.history, best, tried)


class _Trainer:
    """Rows and class weights, for any values of the knobs."""

    def __init__(self, features: Features, standardizer: Standardizer, params: Model2VecParams) -> None:
        device = resolved(params.device)
        self.params, self.features, self.n_classes = params, features, len(features.classes)
        self.weights = class_weights(params.loss_class_weight, features.train.targets, self.n_classes)
        self.rows = StandardRows(features.train.features, standardizer, device)
        valid_rows = StandardRows(features.valid.features, standardizer, device)
        self.valid = labelled(valid_rows, features.valid.targets, self.weights)

    def fit(self, values: Mapping[str, Any], kept: Kept = None) -> Fitted:
        train = labelled(self.rows, self.features.train.targets, self.weights, kept)
        if values["hidden_units"]:
            sizes = (self.rows.dim, *values["hidden_units"], self.n_classes)
            return train_mlp(sizes, train, self.valid, values["l2"], self.params)
        start = np.zeros((self.rows.dim + 1, self.n_classes))
        valid_loss = CrossEntropy(self.valid).value if kept is None else None  # a fold's history is of no use
        found = find_minimum(CrossEntropy(train), start, values["l2"], slice(-1), valid_loss)
        return Fitted([(found.weights[:-1].T, found.weights[-1])], found.history)
