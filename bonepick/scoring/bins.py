"""Bins of scores, equal in the score's logit: a sure model's scores pile up near 0 and 1.

The bins are numbered from the lowest score on, and bin k begins at `edges()[k]`: a score is at least that edge if and
only if its bin is k or higher. The first begins at 0, the last at 1, those between at the logits -32 to 32.
"""

from decimal import Context
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bonepick.core.errors import BonepickError

PER_LOGIT = 1_024
"""Bins of one step of the logit: a bin that holds .1% of a corpus then holds scores that are nearly the same."""
MAX_LOGIT = 32
N_BINS = 2 * MAX_LOGIT * PER_LOGIT + 3
MAX_SCORE = 1 + 1e-9
"""A score is a sum of products, whose last bits may lie above 1."""
_BITS = 160


@cache
def edges() -> NDArray[np.float64]:
    """Return the lowest score of each bin, shape (N_BINS,), never falling; near 1 some bins begin at the same float64.

    >>> edges()[[0, N_BINS // 2, -1]].tolist()
    [0.0, 0.5, 1.0]
    """
    # whole numbers, divided with one rounding: exp differs in its last bits from one processor to the next, and counts
    # of several machines are added up
    one = 1 << _BITS
    step = int(Context(prec=60).exp(Context(prec=60).divide(1, PER_LOGIT)) * one)
    power = one
    low, high = list[float](), list[float]()
    for _ in range(MAX_LOGIT * PER_LOGIT + 1):
        low.append(one / (one + power))
        high.append(power / (one + power))
        power = power * step >> _BITS
    found = np.array([0.0, *reversed(low), *high[1:], 1.0])
    found.flags.writeable = False  # one array for all
    return found


def bins_of(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each score, shape (n,).

    Raises:
        BonepickError: a score is no number in 0..1.

    >>> bins_of(np.array([0.0, 0.5, 1.0])).tolist() == [0, N_BINS // 2, N_BINS - 1]
    True
    """
    if len(scores) and not (scores.min() >= 0 and scores.max() <= MAX_SCORE):
        wrong = scores[~((scores >= 0) & (scores <= MAX_SCORE))][0]
        raise BonepickError(f"a score is {wrong}, wanted a number from 0 to 1: the model is damaged, train it again")
    found: NDArray[np.int64] = np.searchsorted(edges(), scores, side="right") - 1
    return found


def logit_of(bin_number: int) -> float:
    """Return the logit of a bin's lowest score; those of 0 and 1 are taken for one step beyond the others.

    >>> logit_of(N_BINS // 2), logit_of(N_BINS // 2 + PER_LOGIT)
    (0.0, 1.0)
    """
    return (bin_number - N_BINS // 2) / PER_LOGIT
