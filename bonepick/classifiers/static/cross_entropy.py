"""Cross-entropy of a linear head, which is multinomial logistic regression."""

import numpy as np
import torch

from bonepick.classifiers.static.convex import Vector
from bonepick.classifiers.static.labelled import Labelled


class CrossEntropy:
    """Weighted mean of the negative log probability of the right class.

    Weights are a row for each feature and a last one of biases, and a column for each class.
    """

    def __init__(self, examples: Labelled) -> None:
        self.examples = examples

    def value(self, weights: Vector) -> float:
        """Return the loss."""
        right = self._log_p(weights).gather(1, self.examples.targets[:, None])
        return float(-(right[:, 0] @ self.examples.weights))

    def __call__(self, weights: Vector) -> tuple[float, Vector]:
        """Return the loss and its gradient; see `ConvexLoss`."""
        log_p = self._log_p(weights)
        targets = self.examples.targets[:, None]
        right = log_p.gather(1, targets)
        loss = -(right[:, 0] @ self.examples.weights)
        errors = log_p.exp_().scatter_add_(1, targets, torch.full_like(right, -1.0))
        errors *= self.examples.weights[:, None]
        gradient = torch.cat([self.examples.rows.transposed_times(errors), errors.sum(dim=0, keepdim=True)])
        return float(loss), gradient.cpu().numpy()

    def _log_p(self, weights: Vector) -> torch.Tensor:
        on_device = torch.from_numpy(np.ascontiguousarray(weights)).to(self.examples.rows.device)
        logits = self.examples.rows.times(on_device[:-1]).add_(on_device[-1])
        return torch.log_softmax(logits, dim=1)
