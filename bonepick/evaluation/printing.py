"""What an evaluation prints: scikit-learn's report, and for fastText also the lines of its own `test` commands."""

from bonepick.evaluation.metrics import predicted_labels
from bonepick.evaluation.predictions import Predictions


def classification_report_of(predictions: Predictions) -> str:
    """Return precision, recall, F1 and support of each label in scikit-learn's layout, labels worst to best."""
    from sklearn.metrics import classification_report

    gold = predictions.columns["gold"]
    predicted = predicted_labels(predictions)
    labels = [label for label in predictions.classes if label in gold or label in predicted]
    labels += sorted(set(gold) - set(predictions.classes))
    report: str = classification_report(gold, predicted, labels=labels, zero_division=0.0)
    return report


def fasttext_report_of(predictions: Predictions) -> str:
    """Return the lines that fastText's `test-label` prints: F1, precision and recall per label, then N, P@1, R@1.

    With one label a row, P@1 and R@1 are both the accuracy. A figure that is not defined is a row of dashes.
    """
    pairs = list(zip(predictions.columns["gold"], predicted_labels(predictions), strict=True))
    lines = []
    for label in predictions.classes:
        hits, gold, predicted = pairs.count((label, label)), *(sum(p[i] == label for p in pairs) for i in (0, 1))
        f1, precision, recall = _ratio(2 * hits, gold + predicted), _ratio(hits, predicted), _ratio(hits, gold)
        if gold or predicted:
            lines.append(f"F1-Score : {f1}  Precision : {precision}  Recall : {recall}   __label__{label}")
    hit = sum(gold == predicted for gold, predicted in pairs) / len(pairs)
    return "\n".join([*lines, f"N\t{len(pairs)}", f"P@1\t{hit:.3f}", f"R@1\t{hit:.3f}"]) + "\n"


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.6f}" if whole else "--------"
