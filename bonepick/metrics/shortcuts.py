"""Shortcuts: how well length, source and topic predict the label alone, and how much of the score they explain.

A model that has learnt "long texts are good" or "texts of this site are good" looks well on test rows of the same kind,
and is of no use where the question is which of a site's texts are the good ones.
"""

from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bonepick.data.splitting import stable_hash
from bonepick.metrics.predictions import Predictions, rounded, row_units
from bonepick.metrics.ranking import Concordance, concordance

MODEL = "model"
LENGTH = "length"
CATEGORIES = ("source", "topic")
N_FOLDS = 5


class ShortcutRow(NamedTuple):
    """What one predictor alone tells.

    Attributes:
        predictor: `model`, `length`, `source` or `topic`.
        rows: that have a label that the model knows, and a known value.
        auc: concordance with the label; see `lone_auc`.
        explains_label: share of the variance of the labels' ranks.
        explains_score: share of the variance of the scores' ranks; None for the model itself.
    """

    predictor: str
    rows: int
    auc: float | None
    explains_label: float | None
    explains_score: float | None


def shortcuts(test: Predictions) -> list[ShortcutRow]:
    """Return a row for the model itself, then length, source and topic as lone predictors.

    Each has the number of rows with a label that the model knows and a known value, the concordance with the label
    (see `lone_auc`), and the share of the variance of label and of score that it explains, all by ranks: squared
    Spearman correlation for length and the model's score; for source and topic `explained`.

    How to read it: the score of a model without a preference of its own has the label's signal with less noise, so that
    it is explained *better* than the label: by about explains_label / (the model's own explains_label). A model whose
    explains_score is far above that leans on the shortcut.

    Returns:
        Nothing where rows are not `ranked` or one label alone occurs; no row for a predictor of fewer than two values;
        None where a value cannot be told.
    """
    lines: list[ShortcutRow] = []
    for predictor in (MODEL, LENGTH, *CATEGORIES):
        rows = _known_rows(test, predictor)
        if rows is None:
            continue
        values = _values(rows, predictor)
        share = explained if predictor in CATEGORIES else squared_spearman
        explains_score = None if predictor == MODEL else share(values, rows.score)
        shares = [_auc(rows, predictor), share(values, rows.targets), explains_score]
        lines.append(ShortcutRow(predictor, len(rows), *rounded(shares)))
    return lines


def lone_auc(test: Predictions, predictor: str) -> float | None:
    """Return the concordance of length, source or topic alone with the label; None where rows cannot tell.

    Length counts as it is: below .5, shorter texts are the better ones. The value of a source or topic is the mean
    class number of the rows of it in the other four of five folds, or of all rows there where it has none: in-sample
    means would flatter many small topics. A fold is by group, else by text, else by row; only pairs inside a fold
    count, because each fold's values come from other rows, and a fold with more good rows than the others would get
    lower ones (Parker et al. 2007).
    """
    rows = _known_rows(test, predictor)
    return None if rows is None else _auc(rows, predictor)


def explained(categories: NDArray[Any], values: NDArray[Any]) -> float | None:
    """Return the share of the variance of ranks that categories explain: epsilon squared (Kelley 1935), at least 0.

    Eta squared less what as many categories explain by chance; on ranks it is (H - k + 1) / (n - k) with the H of
    Kruskal and Wallis for k categories of n rows (Tomczak and Tomczak 2014). None where values are all the same or
    every row is a category of its own.

    >>> import numpy as np
    >>> round(explained(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])), 6)
    0.7
    """
    from scipy.stats import rankdata

    ranks = rankdata(values) - (len(values) + 1) / 2
    n = len(ranks)
    whole = float(ranks @ ranks)
    _, numbers, rows = np.unique(categories, return_inverse=True, return_counts=True)
    k = len(rows)
    if whole == 0 or k == n:
        return None
    between = float((np.bincount(numbers, ranks) ** 2 / rows).sum())
    return max(0.0, 1 - (1 - between / whole) * (n - 1) / (n - k))


def squared_spearman(values: NDArray[Any], others: NDArray[Any]) -> float | None:
    """Return the squared rank correlation; None where all values of one are the same."""
    if len(np.unique(values)) < 2 or len(np.unique(others)) < 2:
        return None
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(values), rankdata(others))[0, 1] ** 2)


def _known_rows(test: Predictions, predictor: str) -> Predictions | None:
    """Return the rows whose label and value are known; None where one of them does not vary."""
    if not test.ranked:
        return None
    known = test.known
    if predictor != MODEL:
        known = known & np.array([value is not None for value in test.columns[predictor]], dtype=bool)
    rows = test.only(known)
    varied = predictor == MODEL or len(set(rows.columns[predictor])) > 1
    return rows if varied and len(set(rows.columns["gold"])) > 1 else None


def _values(rows: Predictions, predictor: str) -> NDArray[np.float64]:
    """Return scores, lengths, or the numbers of categories, shape (n,)."""
    if predictor == MODEL:
        return rows.score
    column = rows.columns[predictor]
    if predictor == LENGTH:
        return np.array(column, dtype=np.float64)
    number = {name: i for i, name in enumerate(sorted(set(column)))}
    return np.array([number[name] for name in column], dtype=np.float64)


def _auc(rows: Predictions, predictor: str) -> float | None:
    targets = rows.targets
    values = _values(rows, predictor)
    if predictor not in CATEGORIES:
        return concordance(values, targets)
    folds = _folds(rows)
    if len(np.unique(folds)) < 2:
        return None
    means = _means_of_others(values.astype(np.int64), targets, folds)
    within = Concordance(means, targets, folds)(np.ones(len(folds)))
    return None if isnan(within) else within


def _folds(rows: Predictions) -> NDArray[np.int64]:
    """Return the fold of each row, which does not depend on the order of rows, shape (n,)."""
    units = [unit[1:] if unit[0] == "row" else unit for unit in row_units(rows.columns)]
    return np.array([stable_hash(N_FOLDS, "fold", *unit) % N_FOLDS for unit in units], dtype=np.int64)


def _means_of_others(
    categories: NDArray[np.int64], targets: NDArray[np.int64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean class number of each row's category in the other folds, where it has none of all rows there."""
    cells = categories * N_FOLDS + folds
    shape = (int(categories.max()) + 1, N_FOLDS)
    sums, rows = (np.bincount(cells, w, shape[0] * N_FOLDS).reshape(shape) for w in (targets, None))
    sums, rows = (inside.sum(axis=1, keepdims=True) - inside for inside in (sums, rows))
    overall = sums.sum(axis=0) / np.maximum(rows.sum(axis=0), 1)  # no rows: every row is of the same fold
    means: NDArray[np.float64] = np.where(rows > 0, sums / np.maximum(rows, 1), overall)[categories, folds]
    return means
