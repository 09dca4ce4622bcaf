"""What an evaluation prints: scikit-learn's report, and for fastText also the lines of its own `test` commands."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sklearn.metrics import classification_report

from bonepick.core.cells import on_one_line
from bonepick.core.errors import shortened
from bonepick.core.tables import as_text, with_interval
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.label_metrics import for_scikit_learn
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import placed


def terminal_report(evaluation: Evaluation) -> str:
    """Return what people read after an evaluation: of test rows the labels, metrics with intervals, and thresholds."""
    test = evaluation.predictions.test
    as_fasttext = f"\n{fasttext_report_of(test)}" if test.kind == "fasttext" else ""
    tables = headline_report_of(evaluation) + thresholds_report_of(evaluation.thresholds)
    return classification_report_of(test) + as_fasttext + tables


def classification_report_of(predictions: Predictions) -> str:
    """Return precision, recall, F1 and support of each label in scikit-learn's layout, labels worst to best.

    scikit-learn's macro average counts a label that no row has, with 0; `macro_f1` leaves it out, and a line says so.
    """
    return _scikit_learns_report(predictions) + _labels_without_rows(predictions)


def _labels_without_rows(predictions: Predictions) -> str:
    had = {label for labels in predictions.gold_sets for label in labels}
    counted = predictions.classes if predictions.multi_label else set(predictions.predicted)
    without = [label for label in predictions.classes if label in counted and label not in had]
    if not without:
        return ""
    named = ", ".join(map(shortened, without))
    return f"no test row has the label {named}: it counts 0 in this macro average, and macro_f1 leaves it out\n"


def _scikit_learns_report(predictions: Predictions) -> str:
    if predictions.multi_label:
        gold, predicted, labels = for_scikit_learn(predictions)
        names = list(map(on_one_line, predictions.classes))
        several: str = classification_report(gold, predicted, labels=labels, target_names=names, zero_division=0.0)
        return several
    gold = predictions.columns["gold"]
    predicted = predictions.predicted
    used = {*gold, *predicted}
    labels = [label for label in predictions.classes if label in used]
    labels += sorted(set(gold) - set(predictions.classes))
    # numbers in place of names: scikit-learn takes the longest one's length of memory for each row
    number = {label: index for index, label in enumerate(labels)}
    report: str = classification_report(
        [number[label] for label in gold],
        [number[label] for label in predicted],
        labels=list(number.values()),
        target_names=list(map(on_one_line, labels)),
        zero_division=0.0,
    )
    return report


def fasttext_report_of(predictions: Predictions) -> str:
    """Return the lines that fastText's `test-label` prints: F1, precision and recall per label, then N, P@1, R@1.

    Each row's most probable label is compared with the labels that it has; rows without one are not counted. With one
    label a row, P@1 and R@1 are both the accuracy. Labels that the model does not know count as missed (fastText's own
    test leaves their rows out). A metric that is not defined is a row of dashes.
    """
    head = ["fastText's own test: the most probable label of each row"] if predictions.multi_label else []
    tops = [predictions.classes[index] for index in predictions.probabilities.argmax(axis=1)]
    pairs = [(gold, top) for gold, top in zip(predictions.gold_sets, tops, strict=True) if gold]
    gold = Counter(label for labels, _ in pairs for label in labels)
    predicted = Counter(top for _, top in pairs)
    hits = Counter(top for labels, top in pairs if top in labels)
    lines = []
    for label in predictions.classes:
        f1 = _ratio(2 * hits[label], gold[label] + predicted[label])
        precision = _ratio(hits[label], predicted[label])
        recall = _ratio(hits[label], gold[label])
        if gold[label] or predicted[label]:
            lines.append(f"F1-Score : {f1}  Precision : {precision}  Recall : {recall}   __label__{on_one_line(label)}")
    at_one = [f"{hits.total() / max(whole, 1):.3f}" for whole in (len(pairs), gold.total())]
    return "\n".join([*head, *lines, f"N\t{len(pairs)}", f"P@1\t{at_one[0]}", f"R@1\t{at_one[1]}"]) + "\n"


def headline_report_of(evaluation: Evaluation) -> str:
    """Return a line for all test rows, and for each dataset, with their number and their metrics' 95% intervals."""
    datasets = evaluation.sizes("dataset")
    slices = [ALL, *(Slice("dataset", name) for name in datasets if len(datasets) > 1)]
    names = [metric.name for metric in placed("headline") if evaluation.row(ALL, metric.name)]
    lines = [["test rows of", "rows", *names]]
    for part in slices:
        cells = [evaluation.row(part, name) for name in names]
        rows = datasets[part.name] if part.name else len(evaluation.predictions.test)
        lines.append(
            [part.name or "all datasets", f"{rows:,}", *(with_interval(*cell[3:]) if cell else "-" for cell in cells)]
        )
    return "\n" + as_text(lines)


def thresholds_report_of(thresholds: Mapping[str, Any]) -> str:
    """Return a line for each threshold, with what it keeps of the test rows; nothing where there are none."""
    if not thresholds:
        return ""
    names = ("kept", "precision", "recall", "words")
    lines = [["threshold", "score", *names]]
    for name, described in thresholds.items():
        numbers = [described["threshold"], *((described["test"] or {}).get(key) for key in names)]
        lines.append([name, *(with_interval(number) for number in numbers)])
    return "\n" + as_text(lines)


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.6f}" if whole else "--------"
