"""What an evaluation prints: scikit-learn's report, and for fastText also the lines of its own `test` commands."""

from collections import Counter

from bonepick.evaluation.metrics import figures, predicted_labels
from bonepick.evaluation.multi_label import gold_matrix, predicted_matrix
from bonepick.evaluation.predictions import Predictions


def classification_report_of(predictions: Predictions) -> str:
    """Return precision, recall, F1 and support of each label in scikit-learn's layout, labels worst to best."""
    from sklearn.metrics import classification_report

    if predictions.multi_label:
        both = gold_matrix(predictions), predicted_matrix(predictions)
        several: str = classification_report(*both, target_names=predictions.classes, zero_division=0.0)
        return several
    gold = predictions.columns["gold"]
    predicted = predicted_labels(predictions)
    labels = [label for label in predictions.classes if label in gold or label in predicted]
    labels += sorted(set(gold) - set(predictions.classes))
    report: str = classification_report(gold, predicted, labels=labels, zero_division=0.0)
    return report


def fasttext_report_of(predictions: Predictions) -> str:
    """Return the lines that fastText's `test-label` prints: F1, precision and recall per label, then N, P@1, R@1.

    Each row's most probable label is compared with the labels that it has; rows without one are not counted. With one
    label a row, P@1 and R@1 are both the accuracy. Labels that the model does not know count as missed (fastText's own
    test leaves their rows out). A figure that is not defined is a row of dashes.
    """
    head = ["fastText's own test: the most probable label of each row"] if predictions.multi_label else []
    tops = [predictions.classes[index] for index in predictions.probabilities.argmax(axis=1)]
    pairs = [(gold, top) for gold, top in zip(predictions.gold_sets, tops, strict=True) if gold]
    gold = Counter(label for labels, _ in pairs for label in labels)
    predicted, hits = Counter(top for _, top in pairs), Counter(top for labels, top in pairs if top in labels)
    lines = []
    for label in predictions.classes:
        f1 = _ratio(2 * hits[label], gold[label] + predicted[label])
        precision, recall = _ratio(hits[label], predicted[label]), _ratio(hits[label], gold[label])
        if gold[label] or predicted[label]:
            lines.append(f"F1-Score : {f1}  Precision : {precision}  Recall : {recall}   __label__{label}")
    at_one = [f"{hits.total() / max(whole, 1):.3f}" for whole in (len(pairs), gold.total())]
    return "\n".join([*head, *lines, f"N\t{len(pairs)}", f"P@1\t{at_one[0]}", f"R@1\t{at_one[1]}"]) + "\n"


def datasets_report_of(predictions: Predictions) -> str:
    """Return a line for each dataset with its rows, AUC and accuracy; nothing where there is one only."""
    names = sorted(set(predictions.columns["dataset"]))
    if len(names) < 2:
        return ""
    width = max(map(len, names))
    lines = [f"\n{'dataset':<{width}} {'rows':>9} {'auc':>9} {'accuracy':>9}"]
    for name in names:
        own = predictions.where(dataset=name)
        found = figures(own)
        shown = [f"{found[key]:.3f}" if key in found else "-" for key in ("auc", "accuracy")]
        lines.append(f"{name:<{width}} {len(own.probabilities):>9,} {shown[0]:>9} {shown[1]:>9}")
    return "\n".join(lines) + "\n"


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.6f}" if whole else "--------"
