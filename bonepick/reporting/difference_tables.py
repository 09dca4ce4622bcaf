"""Which differences a report shows, and which it folds."""

from collections.abc import Sequence
from itertools import groupby

from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.slices import ALL
from bonepick.reporting.differences import Difference
from bonepick.reporting.grids import compared_keys, sizes_of
from bonepick.reporting.naming import title_of

MAX_PAIRS = 6
"""Pairs of models that are all drawn; of more, the leader's."""


def drawn_differences(
    models: Sequence[Evaluation], verdicts: Sequence[Difference], leader: str
) -> tuple[list[Difference], bool]:
    """Return the differences that a chart shows, and whether pairs are so many that these are the leader's alone.

    Those of a dataset that is all test rows, which are the same twice, are left out, and those inside the topics of a
    dataset.
    """
    keys = compared_keys(models)
    many = len({(one.first, one.second) for one in verdicts}) > MAX_PAIRS
    drawn = [one for one in verdicts if (one.slice, one.metric) in keys]
    drawn = [one for one in drawn if not many or leader in (one.first, one.second)]
    return sorted(drawn, key=lambda one: keys.index((one.slice, one.metric))), many


def split_differences(
    models: Sequence[Evaluation], verdicts: Sequence[Difference], leader: str
) -> tuple[list[Difference], list[Difference]]:
    """Return the differences that a table shows, and those that are folded: the others, and of many datasets'."""
    drawn, many = drawn_differences(models, verdicts, leader)
    shown = [one for one in drawn if not many or one.slice == ALL]
    several = len(sizes_of(models, "dataset")) != 1
    rest = [one for one in verdicts if one not in shown and (several or one.slice == ALL)]
    return shown, sorted(rest, key=lambda one: (one.metric, one.slice))


def grouped(differences: Sequence[Difference]) -> list[tuple[str, list[Difference]]]:
    """Return differences by what they are of, in order."""
    return [
        (title, list(group)) for title, group in groupby(differences, key=lambda one: title_of((one.slice, one.metric)))
    ]
