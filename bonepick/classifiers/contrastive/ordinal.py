"""From one score to class probabilities: logits `k * a * s + b_k` for class k, with a >= 0.

This is the stereotype model with equally spaced scores (Anderson 1984), also known as the adjacent-categories logit;
with two classes it is Platt's scaling.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

RIDGE = 1e-3
"""Penalty per example that keeps the fit finite where scores separate the classes, or a class is absent."""


def fit_ordinal_logits(
    scores: NDArray[np.float64], targets: NDArray[np.int64], n_classes: int
) -> tuple[float, NDArray[np.float64]]:
    """Return the slope a and the offsets b, shape (n_classes,), of the highest likelihood.

    Args:
        scores: shape (n,).
        targets: class numbers, shape (n,).
        n_classes: how many classes there are.
    """
    centre = scores.mean()
    scale = scores.std() or 1.0
    standard = (scores - centre) / scale
    ranks = np.arange(n_classes)
    hit = targets[:, None] == ranks

    def cost(free: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope = free[0]
        offsets = free[1:]
        log_p = log_softmax(slope * standard[:, None] * ranks + offsets, axis=1)
        error = np.exp(log_p) - hit
        gradient = np.concatenate([[np.mean((error @ ranks) * standard)], error.mean(axis=0)])
        return -log_p[hit].mean() + RIDGE / 2 * free @ free, gradient + RIDGE * free

    start = np.zeros(1 + n_classes)
    bounds = [(0, None)] + [(None, None)] * n_classes
    fitted = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    slope = fitted[0] / scale
    return float(slope), fitted[1:] - slope * centre * ranks
