"""Knobs of heads, judged by how well the head ranks rows that it was not trained on."""

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from bonepick.classifiers.base.folds import enough, folds_of, said_of
from bonepick.classifiers.base.knobs import Tried, choose
from bonepick.classifiers.static.convex import DivergedError
from bonepick.classifiers.static.features import Examples, Features
from bonepick.classifiers.static.layers import Layers, logits_of
from bonepick.classifiers.static.params import HeadParams
from bonepick.classifiers.static.standardizer import BLOCK
from bonepick.core.progress import note, progress
from bonepick.data.labels import canonical_label
from bonepick.data.scales import is_ordered
from bonepick.metrics.predictions import scores_of
from bonepick.metrics.ranking import concordance

Kept = NDArray[np.bool_] | None
"""Training rows that are trained on, shape (n,); None: all."""


def chosen_knobs(
    features: Features,
    params: HeadParams,
    values: list[dict[str, Any]],
    fit: Callable[[Mapping[str, Any], Kept], Layers],
) -> tuple[Mapping[str, Any], list[Tried]]:
    """Choose among values of knobs; see `choose`.

    They are judged on folds of the training rows (see `folds_of`), on the validation rows where there are none; where
    these are of one label, nothing can be judged, and the first is taken.

    Args:
        features: to train and to judge on.
        params: whose `labels` may order the classes, and whose seed draws the folds.
        values: to choose from.
        fit: values of the knobs and the rows to train on -> a head.
    """
    if len(values) == 1:
        return values[0], []
    train = features.train
    ordered = is_ordered(features.classes, map(canonical_label, params.labels))
    folds = enough(folds_of(train.sources, train.groups, train.targets, params.seed))

    differ = [name for name in values[0] if any(one[name] != values[0][name] for one in values)]
    if not folds and len(np.unique(features.valid.targets)) < 2:
        first = ", ".join(f"{name} is {values[0][name]}" for name in differ)
        note(f"no rows of two labels can be held out to judge by: {first}, the first of {len(values)} to try")
        return values[0], []
    everything = np.ones(len(features.valid.targets), dtype=np.bool_)
    trials: list[tuple[Kept, Examples, NDArray[np.bool_]]] = [(~out, train, out) for out in folds]
    trials = trials or [(None, features.valid, everything)]

    def judge(differing: Mapping[str, Any]) -> float:
        one = {**values[0], **differing}
        metrics = []
        for kept, examples, rows in trials:
            try:
                metrics.append(ranking(fit(one, kept), examples, rows, ordered))
            except DivergedError:
                metrics.append(nan)
            advance(1)
        return float(np.mean(metrics))

    hidden = any(one.get("hidden_units") for one in values)
    advice = "lower learning_rate or l2" if hidden else "lower l2, or take another base model"
    each = [{name: one[name] for name in differ} for one in values]
    with progress("try values", "trainings", len(values) * len(trials)) as advance:
        best, tried = choose(each, judge, "AUC", said_of(folds), advice)
    return {**values[0], **best}, tried


def ranking(layers: Layers, examples: Examples, rows: NDArray[np.bool_], ordered: bool) -> float:
    """Return the AUC of a head on some rows; NaN where they are of one class.

    Args:
        layers: the head.
        examples: n of them.
        rows: which ones, shape (n,).
        ordered: whether the classes are from worst to best; else it is the mean of each class against the rest.
    """
    numbers = np.flatnonzero(rows)
    starts = range(0, len(numbers), BLOCK)
    logits = np.concatenate([logits_of(layers, examples.features[numbers[s : s + BLOCK]]) for s in starts])
    probabilities, targets = softmax(logits, axis=1), examples.targets[numbers]
    if ordered:
        return concordance(scores_of(probabilities), targets)
    there = np.unique(targets)
    return float(np.mean([concordance(probabilities[:, c], (targets == c).astype(np.int64)) for c in there]))
