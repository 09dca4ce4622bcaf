"""What pairs cost whose better row is not scored clearly higher."""

from typing import Literal

import numpy as np
import torch
from torch.nn.functional import softplus

from bonepick.classifiers.contrastive.pairs import Pairs
from bonepick.classifiers.static.convex import Vector
from bonepick.classifiers.static.standard_rows import StandardRows

Kind = Literal["hinge", "logistic"]


class PairLoss:
    """Weighted mean over pairs of a convex loss of the difference d of their scores.

    Logistic: log(1 + exp(-d)) (Bradley and Terry 1952). Hinge: that of Herbrich et al. (2000), smooth, so that its
    minimum is found in few steps (Rennie and Srebro 2005): with u = d / margin it is 0 where u >= 1, (1 - u)^2 / 2
    where 0 < u < 1, and 1/2 - u below, times the margin.

    Args:
        rows: that pairs are numbers of.
        pairs: of them.
        kind: of loss.
        margin: of the hinge, above 0.
    """

    def __init__(self, rows: StandardRows, pairs: Pairs, kind: Kind, margin: float) -> None:
        self.rows, self.kind, self.margin = rows, kind, margin
        sides = (pairs.better, pairs.worse, pairs.weights)
        self.better, self.worse, self.weights = (torch.from_numpy(numbers).to(rows.device) for numbers in sides)

    def value(self, weights: Vector) -> float:
        """Return the loss."""
        return float(self._losses_and_slopes(self._differences(weights))[0])

    def __call__(self, weights: Vector) -> tuple[float, Vector]:
        """Return the loss and its gradient; see `ConvexLoss`."""
        loss, slopes = self._losses_and_slopes(self._differences(weights))
        slopes *= self.weights
        errors = torch.zeros(len(self.rows), dtype=torch.float64, device=self.rows.device)
        errors.index_add_(0, self.better, slopes).index_add_(0, self.worse, slopes, alpha=-1)
        return float(loss), self.rows.transposed_times(errors[:, None])[:, 0].cpu().numpy()

    def _differences(self, weights: Vector) -> torch.Tensor:
        scores = self.rows.times(torch.from_numpy(np.array(weights)).to(self.rows.device)[:, None])[:, 0]
        return scores.index_select(0, self.better) - scores.index_select(0, self.worse)

    def _losses_and_slopes(self, differences: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if self.kind == "logistic":
            return softplus(-differences) @ self.weights, -torch.sigmoid(-differences)
        short = 1 - differences / self.margin
        inside = short.clamp(0, 1)
        return self.margin * (inside * (short - inside / 2)).clamp(min=0) @ self.weights, -inside
