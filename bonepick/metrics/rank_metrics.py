"""Metrics of all test rows that have no interval: rank correlations, calibration, and how AUC differs over topics."""

from collections.abc import Callable
from math import isnan

import numpy as np

from bonepick.metrics.calibration import calibration_error, reliability
from bonepick.metrics.pooled import present_classes
from bonepick.metrics.predictions import DECIMALS, Predictions
from bonepick.metrics.ranking import concordance
from bonepick.metrics.shortcuts import lone_auc


def expected_calibration_error(test: Predictions) -> float | None:
    """Return how far probabilities are off; see `calibration_error`."""
    error = calibration_error(*reliability(test))
    return None if isnan(error) else error


def macro_auc(test: Predictions) -> float | None:
    """Return the mean over the labels of the AUC of one against the rest; None where there are two alone."""
    if not _labels_differ(test) or len(test.classes) < 3:
        return None
    from sklearn.metrics import roc_auc_score

    targets, probabilities = test.targets[test.known], test.probabilities[test.known]
    aucs = [roc_auc_score(targets == label, probabilities[:, label]) for label in present_classes(test)]
    return float(np.mean(aucs))


def brier(test: Predictions) -> float | None:
    """Return the mean squared error of the probabilities (Brier 1950)."""
    if not _labels_differ(test):
        return None
    from sklearn.metrics import brier_score_loss

    probabilities = test.probabilities[test.known]
    normed = probabilities / probabilities.sum(axis=1, keepdims=True)  # fastText's sum to 1.00002
    return float(brier_score_loss(test.targets[test.known], normed, labels=np.arange(len(test.classes))))


def spearman(test: Predictions) -> float | None:
    """Return Spearman's rank correlation of score and label."""
    from scipy.stats import spearmanr

    return float(spearmanr(*_scores_and_targets(test)).statistic) if _scores_differ(test) else None


def kendall(test: Predictions) -> float | None:
    """Return Kendall's rank correlation of score and label (tau-b)."""
    from scipy.stats import kendalltau

    return float(kendalltau(*_scores_and_targets(test)).statistic) if _scores_differ(test) else None


def topic_auc(test: Predictions) -> float | None:
    """Return the AUC of the topic alone; see `lone_auc`."""
    return lone_auc(test, "topic") if _can_rank(test) else None


def topic_percentile(percent: int) -> Callable[[Predictions], float | None]:
    """Return the function that gives this percentile of the AUCs of the single topics."""

    def percentile(test: Predictions) -> float | None:
        aucs = topic_aucs(test).values() if _can_rank(test) else ()
        return float(np.percentile(list(aucs), percent)) if aucs else None

    return percentile


def topic_aucs(test: Predictions) -> dict[int, float]:
    """Return topic -> AUC of its rows, for the topics whose rows have more than one known label."""
    aucs = {}
    for topic in np.unique(test.topics[test.topics >= 0]).tolist():
        rows = (test.topics == topic) & test.known
        if len(np.unique(test.targets[rows])) > 1:
            aucs[topic] = round(concordance(test.score[rows], test.targets[rows]), DECIMALS)
    return aucs


def _labels_differ(test: Predictions) -> bool:
    return not test.multi_label and len(present_classes(test)) > 1


def _can_rank(test: Predictions) -> bool:
    return test.ordered and _labels_differ(test)


def _scores_differ(test: Predictions) -> bool:
    return _can_rank(test) and len(np.unique(test.score[test.known])) > 1


def _scores_and_targets(test: Predictions) -> tuple[object, object]:
    return test.score[test.known], test.targets[test.known]
