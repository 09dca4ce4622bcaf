"""What one model says of some texts: what everything that looks at several models reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonepick.core.errors import UsageError
from bonepick.data.labels import canonical_label

DECIMALS = 6
"""Of metrics, and of all numbers in an evaluation's tables."""
LABEL_THRESHOLD = 0.5
"""Where rows have several labels, one is predicted from this probability on."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What one model says of some texts. Arrays of n rows are made once, when they are first asked for.

    Attributes:
        kind: of the model.
        classes: canonical labels, worst to best where they are `ordered`.
        columns: `dataset`, `split`, `row` (from 0, within dataset and split), `digest` (sha256 of the text),
            `length` (characters), `words`, `source`, `group`, `topic` (see `topics`) and `gold`, lists of equal
            length n. Digest, length, words, source and group are those of the row before normalization; None where
            they are not known.
        probabilities: shape (n, n_classes).
        multi_label: whether rows have any number of labels; `gold` then holds them sorted, joined by spaces.
        ordered: whether it is known which label is better than which.
    """

    kind: str
    classes: list[str]
    columns: dict[str, list[Any]]
    probabilities: NDArray[np.float64]
    multi_label: bool = False
    ordered: bool = True

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def ranked(self) -> bool:
        """Whether `score` says how good a row is: each has one label, and it is known which one is better."""
        return self.ordered and not self.multi_label

    @cached_property
    def test(self) -> "Predictions":
        """The test rows."""
        return self.where(split="test")

    @cached_property
    def valid(self) -> "Predictions":
        """The validation rows."""
        return self.where(split="valid")

    @cached_property
    def gold_sets(self) -> list[list[str]]:
        """The gold labels of each row: exactly one, but for `multi_label`."""
        return [gold.split() for gold in self.columns["gold"]]

    @cached_property
    def gold_matrix(self) -> NDArray[np.bool_]:
        """Which of the labels that the model knows each row has, shape (n, n_classes)."""
        rows = [[label in gold for label in self.classes] for gold in self.gold_sets]
        return np.array(rows, dtype=bool).reshape(-1, len(self.classes))

    @cached_property
    def targets(self) -> NDArray[np.int64]:
        """Class number of each row's gold label, -1 where the model does not know it, shape (n,)."""
        number = {label: index for index, label in enumerate(self.classes)}
        return np.array([number.get(label, -1) for label in self.columns["gold"]], dtype=np.int64)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Rows whose gold label the model knows, shape (n,)."""
        known: NDArray[np.bool_] = self.targets >= 0
        return known

    @cached_property
    def topics(self) -> NDArray[np.int64]:
        """Topic of each row, -1 where it is not known, shape (n,)."""
        return np.array([-1 if topic is None else topic for topic in self.columns["topic"]], dtype=np.int64)

    @cached_property
    def predicted_matrix(self) -> NDArray[np.bool_]:
        """Which labels the model gives each row, where rows have any number of labels, shape (n, n_classes)."""
        matrix: NDArray[np.bool_] = self.probabilities >= LABEL_THRESHOLD
        return matrix

    @cached_property
    def top(self) -> NDArray[np.int64]:
        """Class number of each row's most probable label, of equally probable ones the worse, shape (n,)."""
        top: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return top

    @cached_property
    def predicted(self) -> list[str]:
        """The most probable label of each row; or all its labels, joined."""
        if self.multi_label:
            return [" ".join(compress(self.classes, row)) for row in self.predicted_matrix]
        return [self.classes[index] for index in self.top]

    @cached_property
    def score(self) -> NDArray[np.float64]:
        """Sum over classes of probability x rank, scaled to 0..1; with two labels, the probability of the better."""
        return scores_of(self.probabilities)

    @cached_property
    def datasets(self) -> list[str]:
        """Names of the datasets that rows are from, sorted."""
        return sorted(set(self.columns["dataset"]))

    def where(self, **wanted: str) -> "Predictions":
        """Return the rows whose columns have these values."""
        keep = np.ones(len(self.columns["gold"]), dtype=bool)
        for name, value in wanted.items():
            keep &= np.array([cell == value for cell in self.columns[name]], dtype=bool)
        return self.only(keep)

    def only(self, keep: NDArray[np.bool_]) -> "Predictions":
        """Return some of the rows; `keep` has shape (n,)."""
        numbers = np.flatnonzero(keep).tolist()  # a topic has few of the rows
        columns = {name: [values[i] for i in numbers] for name, values in self.columns.items()}
        return replace(self, columns=columns, probabilities=self.probabilities[keep])


def scores_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the score of each row, shape (n,), of probabilities of shape (n, n_classes).

    >>> import numpy as np
    >>> scores_of(np.array([[0.25, 0.75]])), scores_of(np.array([[0.0, 0.5, 0.5]]))
    (array([0.75]), array([0.75]))
    """
    ranks = np.arange(probabilities.shape[1]) / max(probabilities.shape[1] - 1, 1)  # one class alone has no ranks
    scores = np.zeros(len(probabilities))
    for column, rank in enumerate(ranks):  # a matrix product adds in an order that depends on the number of rows
        scores += probabilities[:, column] * rank
    return scores


def good_rows(predictions: Predictions, good_from: str = "") -> NDArray[np.bool_]:
    """Return which rows have a gold label that is `good_from` or better, shape (n,).

    Args:
        predictions: with one label a row.
        good_from: a label of the model; empty takes the best one.

    Raises:
        UsageError: the model does not know that label.
    """
    first = canonical_label(good_from) if good_from else predictions.classes[-1]
    if first not in predictions.classes:
        raise UsageError(
            f"eval.good_from is {good_from!r}, which the model does not know: "
            f"wanted one of {', '.join(predictions.classes)}"
        )
    good: NDArray[np.bool_] = predictions.targets >= predictions.classes.index(first)
    return good


def row_units(columns: dict[str, list[Any]]) -> list[tuple[str, ...]]:
    """Return what each row belongs to: `("group", name)`, else `("text", digest)`, else `("row", dataset, number)`.

    Pieces of one page, or a text that is there twice, are right or wrong together.
    """

    def unit(group: str | None, digest: str | None, dataset: str, row: int) -> tuple[str, ...]:
        if group is not None:
            return "group", group
        return ("text", digest) if digest is not None else ("row", dataset, str(row))

    return [unit(*row) for row in zip(*(columns[n] for n in ("group", "digest", "dataset", "row")), strict=True)]


def rounded(values: Sequence[float | None]) -> list[float | None]:
    """Return numbers with `DECIMALS` decimals; None stays.

    >>> rounded([0.12345678, None])
    [0.123457, None]
    """
    return [None if value is None else round(value, DECIMALS) for value in values]
