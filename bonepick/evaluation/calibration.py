"""Calibration: whether of the rows that a model gives a chance of 70%, 70% are what it says."""

from typing import TYPE_CHECKING

from bonepick.evaluation.metrics import known_targets
from bonepick.evaluation.multi_label import gold_matrix
from bonepick.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_BINS = 15


def reliability(test: Predictions) -> "tuple[NDArray[np.float64], NDArray[np.bool_]]":
    """Return the chances that a model gives, and whether what they are chances of is so.

    With two labels they are chances of the better one; with more, of the most probable one (Guo et al. 2017); where
    rows have several labels, of each pair of a row and a label. Rows whose label the model does not know are left out.
    """
    if test.multi_label:
        return test.probabilities.ravel(), gold_matrix(test).ravel()
    targets, known = known_targets(test)
    chances = test.probabilities[known]
    if len(test.classes) == 2:
        return chances[:, 1], targets == 1
    return chances.max(axis=1), targets == chances.argmax(axis=1)


def calibration(
    chances: "NDArray[np.float64]", hits: "NDArray[np.bool_]", n_bins: int = N_BINS
) -> list[tuple[float, float, int]]:
    """Return mean chance, share of hits and number of rows of each bin that has rows, lowest chances first.

    Args:
        chances: predicted, shape (n,), in 0..1.
        hits: what was so, shape (n,).
        n_bins: of equal width, each with its upper edge (Guo et al. 2017).

    >>> import numpy as np
    >>> calibration(np.array([0.25, 0.75, 1.0]), np.array([False, False, True]), n_bins=2)
    [(0.25, 0.0, 1), (0.875, 0.5, 2)]
    """
    import numpy as np

    # fastText's chances reach 1.00001
    bins = np.clip(np.ceil(chances * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    rows = np.bincount(bins, minlength=n_bins)
    full = rows > 0
    sums = (np.bincount(bins, values, n_bins)[full] / rows[full] for values in (chances, hits))
    return list(zip(*(means.tolist() for means in sums), rows[full].tolist(), strict=True))


def calibration_error(chances: "NDArray[np.float64]", hits: "NDArray[np.bool_]", n_bins: int = N_BINS) -> float:
    """Return the expected calibration error: how far chances are off, on average over the bins' rows.

    Of Naeini et al. (2015), in the form of Guo et al. (2017). It depends on the number of bins, and is not 0 on few
    rows even for a model whose chances are right. NaN without rows.

    >>> import numpy as np
    >>> calibration_error(np.array([0.25, 0.75, 1.0]), np.array([False, False, True]), n_bins=2)
    0.3333333333333333
    """
    bins = calibration(chances, hits, n_bins)
    off = sum(rows * abs(predicted - observed) for predicted, observed, rows in bins)
    return off / len(chances) if bins else float("nan")
