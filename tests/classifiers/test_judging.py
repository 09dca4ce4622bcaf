"""Choosing heads' knobs: where there is nothing to judge by, what diverges, and how far it is."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from bonepick.classifiers.contrastive import head as contrastive
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.model2vec.head import fit_head
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.convex import DivergedError
from bonepick.classifiers.static.judging import chosen_knobs
from bonepick.core import progress
from bonepick.core.errors import BonepickError


@pytest.fixture
def data(helpers: Any) -> Any:
    """Rows that can be held out in three folds."""
    features = np.random.default_rng(1).normal(size=(300, 8))
    return helpers.features(*[helpers.examples(features, features[:, 0] > 0)] * 2)


def test_where_no_rows_of_two_labels_can_be_held_out_the_first_is_taken_and_that_is_said(
    helpers: Any, notes: list[str]
) -> None:
    """Each label is one group, and valid/ has one label: no training diverges, there is no AUC."""
    features = np.random.default_rng(1).normal(size=(60, 8))
    train = helpers.examples(features, features[:, 0] > 0, groups=[str(good) for good in features[:, 0] > 0])
    valid = helpers.examples(features[:4], [1, 1, 1, 1])
    head = fit_head(helpers.features(train, valid), Model2VecParams(l2=(0.1, 0.01)))
    assert (head.chosen["l2"], head.tried) == (0.1, [])
    assert notes == ["no rows of two labels can be held out to judge by: l2 is 0.1, the first of 2 to try"]


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ([{"l2": 0.1}, {"l2": 1.0}], "lower l2, or take another base model"),
        ([{"hidden_units": (), "l2": 1.0}, {"hidden_units": (4,), "l2": 1.0}], "lower learning_rate or l2"),
    ],
)
def test_what_diverges_with_all_values_is_advised_on(data: Any, values: list[dict[str, Any]], advice: str) -> None:
    def diverging(values: Any, kept: Any) -> Any:
        raise DivergedError("no numbers")

    with pytest.raises(BonepickError, match=f"^training diverged with each of .*: {advice}$"):
        chosen_knobs(data, Model2VecParams(), values, diverging)


def test_how_far_it_is_is_told_to_the_end(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    totals, done = dict[str, float | None](), Counter[str]()

    class Notebook(progress.Silence):
        @contextmanager
        def watch(self, what: str, unit: str, total: float | None) -> Iterator[progress.Advance]:
            totals[f"{what}: {unit}"] = total
            done[f"{what}: {unit}"] = 0
            yield lambda count: done.update({f"{what}: {unit}": int(count)})

    monkeypatch.setattr(progress, "_listener", Notebook())
    contrastive.fit_head(data, ContrastiveParams(n_clusters=3, n_clusterings=4, n_pairs=500, l2=(0.1, 0.2)))
    assert totals.pop("train: steps") is None
    assert done.pop("train: steps") > 0
    assert totals == done
    assert totals == {
        "cluster: clusterings": 4,
        "put into clusters: rows": 300,
        "draw pairs: clusterings": 4,
        "try values: trainings": 6,
    }
