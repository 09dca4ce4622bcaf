"""Convex losses of linear heads, brought to their minimum: there is nothing to set, and no order of rows that matters.

L-BFGS (Liu and Nocedal 1989) on all rows at once. What the loss computes may lie on a GPU; the weights are few, and
stay here.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bonepick.core.errors import BonepickError
from bonepick.core.progress import progress

MOST = 500
"""Steps: a loss without penalty can fall for ever."""
STEEP = 1e-5
"""Slope of the loss below which it has arrived."""

Vector = NDArray[np.float64]


class DivergedError(BonepickError):
    """Training came to numbers that are not finite."""


class ConvexLoss(Protocol):
    """A mean loss over training rows, as a function of weights."""

    def __call__(self, weights: Vector) -> tuple[float, Vector]:
        """Return the loss, and its gradient in the shape of the weights."""


@dataclass(frozen=True)
class Minimum:
    """Where a penalized loss is lowest.

    Attributes:
        weights: in the shape that they were given in.
        history: training loss (without the penalty) and validation loss after each step.
    """

    weights: Vector
    history: Sequence[tuple[float, float]]


def find_minimum(
    loss: ConvexLoss,
    start: Vector,
    l2: float,
    penalized: slice = slice(None),
    valid_loss: Callable[[Vector], float] | None = None,
) -> Minimum:
    """Minimize `loss + l2/2 |weights - start|^2`.

    Args:
        loss: a convex one.
        start: where the search begins, and what the penalty pulls toward.
        l2: the penalty.
        penalized: rows of the weights that the penalty is on; all by default.
        valid_loss: weights -> loss on validation rows, for the history; without it, there is none.

    Raises:
        DivergedError: the loss is not finite.
    """
    last = math.nan
    history = []

    def cost(flat: Vector) -> tuple[float, Vector]:
        nonlocal last
        weights = flat.reshape(start.shape)
        last, gradient = loss(weights)
        pulled = (weights - start)[penalized]
        gradient[penalized] += l2 * pulled
        penalized_loss = last + l2 / 2 * float(np.square(pulled).sum())
        if not (math.isfinite(penalized_loss) and np.isfinite(gradient).all()):
            raise DivergedError("training diverged: the loss is not finite: lower l2, or take another base model")
        return penalized_loss, gradient.ravel()

    with progress("train", unit="steps") as advance:

        def arrived(flat: Vector) -> None:
            advance(1)
            if valid_loss:  # the last weights that were looked at are those of the step
                history.append((last, valid_loss(flat.reshape(start.shape))))

        options = {"maxiter": MOST, "maxfun": 2 * MOST, "gtol": STEEP, "ftol": 1e-12, "maxcor": 20}
        found = minimize(cost, start.ravel(), jac=True, method="L-BFGS-B", callback=arrived, options=options)
    return Minimum(found.x.reshape(start.shape), history)
