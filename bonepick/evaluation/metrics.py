"""Figures of one model on some rows. A figure that these rows cannot give is left out, never null or NaN."""

from itertools import combinations, compress
from typing import TYPE_CHECKING

from bonepick.evaluation.multi_label import multi_label_figures, predicted_matrix
from bonepick.evaluation.predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

METRICS_FILE = "metrics.json"
VALID = "valid_"
"""Before the names of figures on validation rows, which alone may steer a choice."""
DECIMALS = 6


def figures(predictions: Predictions) -> dict[str, float]:
    """Return accuracy, macro_f1, auc and average_precision; for several labels a row, `multi_label_figures`.

    Rows with a gold label that the model does not know count as wrong, and are left out of auc and
    average_precision.

    Returns:
        Figure name -> value; without auc where only one known label occurs, empty without rows.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, f1_score

    gold = predictions.columns["gold"]
    if not gold:
        return {}
    if predictions.multi_label:
        return {name: round(value, DECIMALS) for name, value in multi_label_figures(predictions).items()}
    predicted = predicted_labels(predictions)
    labels = sorted(set(gold))
    found = {
        "accuracy": float(np.mean([g == p for g, p in zip(gold, predicted, strict=True)])),
        "macro_f1": float(f1_score(gold, predicted, labels=labels, average="macro", zero_division=0.0)),
    }
    targets, known = known_targets(predictions)
    present = sorted(set(targets.tolist()))
    if len(present) > 1:
        chances = predictions.probabilities[known]
        found["auc"] = concordance(predictions.score[known], targets)
        # with two labels the better one is what is looked for; with more, each one against the rest
        wanted = [present[-1]] if len(predictions.classes) == 2 else present
        each = [average_precision_score(targets == label, chances[:, label]) for label in wanted]
        found["average_precision"] = float(np.mean(each))
    return {name: round(value, DECIMALS) for name, value in found.items()}


def predicted_labels(predictions: Predictions) -> list[str]:
    """Return the most probable label of each row, of equally probable ones the worse; or all its labels, joined."""
    if predictions.multi_label:
        return [" ".join(compress(predictions.classes, row)) for row in predicted_matrix(predictions)]
    return [predictions.classes[index] for index in predictions.probabilities.argmax(axis=1)]


def known_targets(predictions: Predictions) -> "tuple[NDArray[np.int64], NDArray[np.bool_]]":
    """Return the class numbers of the rows whose gold label the model knows, and which rows those are."""
    import numpy as np

    number = {label: index for index, label in enumerate(predictions.classes)}
    targets = np.array([number.get(label, -1) for label in predictions.columns["gold"]], dtype=np.int64)
    return targets[targets >= 0], targets >= 0


def concordance(scores: "NDArray[np.float64]", targets: "NDArray[np.int64]") -> float:
    """Return the share of pairs of different label in which the better one has the higher score (ties count half).

    With two labels this is the area under the ROC curve; with more, the c-index (Harrell et al. 1982).

    Args:
        scores: shape (n,).
        targets: class numbers, shape (n,); two different ones at least.

    >>> import numpy as np
    >>> concordance(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.75
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score

    area, pairs = 0.0, 0
    for low, high in combinations(np.unique(targets), 2):
        chosen = (targets == low) | (targets == high)
        weight = int((targets == low).sum()) * int((targets == high).sum())
        area += weight * roc_auc_score(targets[chosen] == high, scores[chosen])
        pairs += weight
    return float(area / pairs)
