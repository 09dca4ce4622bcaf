"""What an evaluation prints: scikit-learn's report, and for fastText also the lines of its own `test` commands."""

from bonepick.evaluation.metrics import predicted_labels
from bonepick.evaluation.predictions import Predictions


def classification_report_of(predictions: Predictions) -> str:
    """Return precision, recall, F1 and support of each label in scikit-learn's layout, labels worst to best."""
    from sklearn.metrics import classification_report

    gold = predictions.columns["gold"]
    labels = [label for label in predictions.classes if label in gold or label in predicted_labels(predictions)]
    labels += sorted(set(gold) - set(predictions.classes))
    report: str = classification_report(gold, predicted_labels(predictions), labels=labels, zero_division=0.0)
    return report


def fasttext_report_of(predictions: Predictions) -> str:
    """Return the lines that fastText's `test-label` prints: F1, precision and recall per label, then N, P@1, R@1.

    With one label a row, P@1 and R@1 are both the accuracy.
    """
    from sklearn.metrics import precision_recall_fscore_support

    gold, predicted = predictions.columns["gold"], predicted_labels(predictions)
    labels = [label for label in predictions.classes if label in gold or label in predicted]
    each = zip(
        labels, *precision_recall_fscore_support(gold, predicted, labels=labels, zero_division=0.0)[:3], strict=True
    )
    lines = [f"F1-Score : {f:.6f}  Precision : {p:.6f}  Recall : {r:.6f}   __label__{label}" for label, p, r, f in each]
    hit = sum(g == p for g, p in zip(gold, predicted, strict=True)) / len(gold)
    return "\n".join([*lines, f"N\t{len(gold)}", f"P@1\t{hit:.3f}", f"R@1\t{hit:.3f}"])
