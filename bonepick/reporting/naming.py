"""What slices, metrics and models are called in a report."""

from collections.abc import Sequence

from bonepick.core.cells import SHOWN, on_one_line
from bonepick.metrics.bootstrap import Key
from bonepick.metrics.slices import ALL, VALID, Slice
from bonepick.metrics.table import AUC, WITHIN, metric

NOTHING = "–"
"""In place of a number that is not known."""


def title_of(key: Key) -> str:
    """Return what a metric of a slice is called; AUC, which most of a report is about, by the slice alone.

    >>> title_of((ALL, "auc")), title_of((Slice("dataset", "unseen"), "within_topic_auc")), title_of((ALL, "brier"))
    ('all test rows', 'within topics, unseen', 'Brier score')
    """
    part, name = key
    where = {ALL: "all test rows", VALID: "validation rows"}.get(part, part.name)
    if name == AUC:
        return where
    title = metric(name).title
    return title if part == ALL else f"{title}, {where}"


def long_title_of(key: Key) -> str:
    """Return the same, with the metric's name where it is an AUC.

    >>> long_title_of((ALL, "auc")), long_title_of((ALL, "within_topic_auc")), long_title_of((ALL, "accuracy"))
    ('AUC, all test rows', 'AUC, within topics', 'accuracy')
    """
    return f"AUC, {title_of(key)}" if key[1] in (AUC, WITHIN) else title_of(key)


def dataset_slice(name: str) -> Slice:
    """Return the slice of a dataset; of no name, all test rows."""
    return Slice("dataset", name) if name else ALL


def short_names(names: Sequence[str], length: int = 30) -> dict[str, str]:
    """Return names for narrow places, all different: long ones without their middle, where that leaves them so.

    >>> short_names(["fasttext", "contrastive-200-clusters"], 12)
    {'fasttext': 'fasttext', 'contrastive-200-clusters': 'contra…sters'}
    """
    for most in (length, max(length, SHOWN)):
        head, tail = most // 2, (most - 1) // 2
        cut = {name: name if len(name) <= most else f"{name[:head]}…{name[-tail:]}" for name in names}
        short = {name: on_one_line(each) for name, each in cut.items()}
        if len(set(short.values())) == len(short):
            return short
    return {name: f"{number}: {each}" for number, (name, each) in enumerate(short.items(), 1)}


def listed(names: Sequence[str]) -> str:
    """Return names as in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
