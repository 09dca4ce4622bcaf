"""What an evaluation prints: scikit-learn's report, and for fastText also the lines of its own `test` commands."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bonepick.evaluation.intervals import Replicates
from bonepick.evaluation.metrics import predicted_labels
from bonepick.evaluation.multi_label import for_scikit_learn
from bonepick.evaluation.predictions import Predictions

HEADLINE = ("auc", "within_topic_auc", "accuracy")
"""The figures that are printed with their intervals."""


def classification_report_of(predictions: Predictions) -> str:
    """Return precision, recall, F1 and support of each label in scikit-learn's layout, labels worst to best."""
    from sklearn.metrics import classification_report

    if predictions.multi_label:
        gold, predicted, labels = for_scikit_learn(predictions)
        names = predictions.classes
        several: str = classification_report(gold, predicted, labels=labels, target_names=names, zero_division=0.0)
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


def headline_report_of(found: Replicates) -> str:
    """Return a line for all test rows, and for each dataset, with their number and their figures' 95% intervals."""
    datasets = ["", *(found.datasets if len(found.datasets) > 1 else ())]
    names = [figure for figure in HEADLINE if ("", figure) in found.keys]
    width = max(len("test rows of"), *map(len, datasets), len("all datasets"))
    lines = ["", f"{'test rows of':<{width}} {'rows':>9}" + "".join(f" {name:>21}" for name in names)]
    for of in datasets:
        cells = [found.shown(0, (of, name)) for name in names]
        rows = next(n for n, (own, _) in zip(found.rows, found.keys, strict=True) if own == of)
        lines.append(f"{of or 'all datasets':<{width}} {rows:>9,}" + "".join(f" {cell:>21}" for cell in cells))
    return "\n".join(lines) + "\n"


def thresholds_report_of(cuts: Mapping[str, Any]) -> str:
    """Return a line for each threshold, with what it keeps of the test rows; nothing where there are none."""
    if not cuts:
        return ""
    width = max(len("threshold"), *map(len, cuts))
    names = ("kept", "precision", "recall", "words")
    lines = ["", f"{'threshold':<{width}} {'score':>9}" + "".join(f" {name:>9}" for name in names)]
    for name, cut in cuts.items():
        numbers = [cut["threshold"], *((cut["test"] or {}).get(key) for key in names)]
        lines.append(f"{name:<{width}}" + "".join(f" {'-' if n is None else f'{n:.3f}':>9}" for n in numbers))
    return "\n".join(lines) + "\n"


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.6f}" if whole else "--------"
