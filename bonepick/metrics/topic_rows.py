"""Metrics of each topic."""

from typing import NamedTuple

import numpy as np

from bonepick.metrics.predictions import Predictions, good_rows, rounded
from bonepick.metrics.rank_metrics import topic_aucs


class TopicRow(NamedTuple):
    """The test rows of one topic.

    Attributes:
        topic: its number.
        rows: how many there are.
        good: share of rows with a good label.
        accuracy: share of rows whose label is predicted.
        auc: None where its rows have one label only.
        mean_score: of its rows.
    """

    topic: int
    rows: int
    good: float | None
    accuracy: float | None
    auc: float | None
    mean_score: float | None


def topic_rows(test: Predictions, good_from: str = "") -> list[TopicRow]:
    """Return a row for each topic of the test rows, by number; none where the topic of a row is not known."""
    if not test.ranked or None in test.columns["topic"]:
        return []
    aucs = topic_aucs(test)
    good = good_rows(test, good_from)
    right = test.targets == test.top
    rows = []
    for topic in np.unique(test.topics).tolist():
        inside = test.topics == topic
        shares = [
            float(good[inside].mean()),
            float(right[inside].mean()),
            aucs.get(topic),
            float(test.score[inside].mean()),
        ]
        rows.append(TopicRow(topic, int(inside.sum()), *rounded(shares)))
    return rows
