"""Calibration: whether of the rows that a model gives a probability of 70%, 70% are what it says."""

from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bonepick.metrics.predictions import DECIMALS, Predictions

N_BINS = 15


class CalibrationBin(NamedTuple):
    """Rows of about the same probability.

    Attributes:
        predicted: their mean probability.
        observed: the share of them that are what it says.
        rows: how many there are.
    """

    predicted: float
    observed: float
    rows: int


def calibration_bins(test: Predictions) -> list[CalibrationBin]:
    """Return the bins that have rows, rounded, lowest probabilities first; see `reliability`."""
    return [
        CalibrationBin(round(predicted, DECIMALS), round(observed, DECIMALS), rows)
        for predicted, observed, rows in calibration(*reliability(test))
    ]


def reliability(test: Predictions) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probabilities that a model gives, and whether what they are of is so.

    With two labels they are those of the better one; with more, of the most probable one (Guo et al. 2017); where
    rows have several labels, of each pair of a row and a label. Rows whose label the model does not know are left out.
    """
    if test.multi_label:
        return test.probabilities.ravel(), test.gold_matrix.ravel()
    targets, probabilities = test.targets[test.known], test.probabilities[test.known]
    if len(test.classes) == 2 and test.ranked:
        return probabilities[:, 1], targets == 1
    return probabilities.max(axis=1), targets == probabilities.argmax(axis=1)


def calibration(
    probabilities: NDArray[np.float64], hits: NDArray[np.bool_], n_bins: int = N_BINS
) -> list[CalibrationBin]:
    """Return the bins that have rows, lowest probabilities first.

    Args:
        probabilities: predicted, shape (n,), in 0..1.
        hits: what was so, shape (n,).
        n_bins: of equal width, each with its upper edge (Guo et al. 2017).

    >>> import numpy as np
    >>> [tuple(each) for each in calibration(np.array([0.25, 0.75, 1.0]), np.array([False, False, True]), n_bins=2)]
    [(0.25, 0.0, 1), (0.875, 0.5, 2)]
    """
    # fastText's probabilities reach 1.00001
    bins = np.clip(np.ceil(probabilities * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    rows = np.bincount(bins, minlength=n_bins)
    full = rows > 0
    predicted, observed = (
        (np.bincount(bins, values, n_bins)[full] / rows[full]).tolist() for values in (probabilities, hits)
    )
    return [CalibrationBin(*each) for each in zip(predicted, observed, rows[full].tolist(), strict=True)]


def calibration_error(probabilities: NDArray[np.float64], hits: NDArray[np.bool_], n_bins: int = N_BINS) -> float:
    """Return the expected calibration error: how far probabilities are off, on average over the bins' rows.

    Of Naeini et al. (2015), in the form of Guo et al. (2017). It depends on the number of bins, and is not 0 on few
    rows even for a model whose probabilities are right. NaN without rows.

    >>> import numpy as np
    >>> calibration_error(np.array([0.25, 0.75, 1.0]), np.array([False, False, True]), n_bins=2)
    0.3333333333333333
    """
    bins = calibration(probabilities, hits, n_bins)
    off = sum(rows * abs(predicted - observed) for predicted, observed, rows in bins)
    return off / len(probabilities) if bins else nan
