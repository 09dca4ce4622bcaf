"""Rows with targets and weights, as losses take them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bonepick.classifiers.static.standard_rows import StandardRows

ClassWeights = Literal["uniform", "balanced", "sqrt"]


@dataclass(frozen=True)
class Labelled:
    """Rows on a device.

    Attributes:
        rows: n of them.
        targets: class numbers, int64, shape (n,).
        weights: what each row counts, float64, shape (n,); their sum is 1.
    """

    rows: StandardRows
    targets: torch.Tensor
    weights: torch.Tensor


def labelled(
    rows: StandardRows,
    targets: NDArray[np.int64],
    class_weights: NDArray[np.float64],
    kept: NDArray[np.bool_] | None = None,
) -> Labelled:
    """Weigh rows by their class.

    Args:
        rows: n of them.
        targets: class numbers, shape (n,).
        class_weights: what a row of each class counts, shape (n_classes,).
        kept: rows that count at all, shape (n,); None keeps all. The others stay where they are: nothing is copied.
    """
    weights = class_weights[targets] * (1.0 if kept is None else kept)
    weights /= weights.sum()
    return Labelled(rows, *(torch.from_numpy(numbers).to(rows.device) for numbers in (targets, weights)))


def class_weights(kind: ClassWeights, targets: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return what a row of each class counts, shape (n_classes,).

    >>> import numpy as np
    >>> class_weights("balanced", np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.667, 2.0]
    >>> class_weights("sqrt", np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.816, 1.414]
    """
    counts = np.maximum(np.bincount(targets, minlength=n_classes), 1)
    power = {"uniform": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    weights: NDArray[np.float64] = (len(targets) / (n_classes * counts)) ** power
    return weights
