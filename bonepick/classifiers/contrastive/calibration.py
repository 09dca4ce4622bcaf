"""From logits that rank to class probabilities: logits `a * l_k + b_k` for class k, with a >= 0.

Where they rank by one score s, l_k is k * s; this is then the stereotype model with equally spaced scores (Anderson
1984), also known as the adjacent-categories logit, and with two classes Platt's scaling.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

RIDGE = 1e-3
"""Penalty per example that keeps the fit finite where scores separate the classes, or a class is absent."""


def fit_slope_and_offsets(logits: NDArray[np.float64], targets: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
    """Return the slope a and the offsets b, shape (n_classes,), of the highest likelihood.

    Args:
        logits: shape (n, n_classes).
        targets: class numbers, shape (n,).
    """
    centres = logits.mean(axis=0)
    standard = logits - centres
    standard -= standard.mean(axis=1, keepdims=True)  # what all classes have tells nothing
    ranks = np.arange(logits.shape[1])
    scale = np.sqrt(np.square(standard).mean() / ranks.var()) or 1.0  # the deviation of s, where they rank by one
    standard /= scale
    hit = targets[:, None] == ranks

    def cost(free: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_p = log_softmax(free[0] * standard + free[1:], axis=1)
        error = np.exp(log_p) - hit
        gradient = np.concatenate([[np.mean((error * standard).sum(axis=1))], error.mean(axis=0)])
        return -log_p[hit].mean() + RIDGE / 2 * free @ free, gradient + RIDGE * free

    bounds = [(0, None)] + [(None, None)] * logits.shape[1]
    fitted = minimize(cost, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    slope = fitted[0] / scale
    return float(slope), fitted[1:] - slope * centres
