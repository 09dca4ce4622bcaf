"""Thresholds, chosen on validation rows, and what each of them keeps of the test rows.

Annotated sets are rarely the corpus: with a `prior`, rows are re-weighted (see `Reweighted`), in the choice of a
threshold as in all that is said of it.
"""

from typing import Annotated, Any, TypedDict

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from bonepick.metrics.candidates import TOLERANCE, Candidates, candidates
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.reweighted import Reweighted

LEAST_SHARE = 0.01
"""Of the validation rows, that a threshold has to keep: fewer are no evidence of precision."""
ThresholdName = Annotated[str, Meta(pattern=r"^(best_f1|(precision|words)_[0-9]*\.?[0-9]+(e-?[0-9]+)?)$")]
Shares = dict[str, float | None]
"""What a threshold keeps of some rows: `kept`, `precision`, `recall`, `f1`, `words` and `characters`."""


class Threshold(TypedDict):
    """A threshold, and what it keeps; see `thresholds`."""

    threshold: float | None
    chosen: str
    valid: Shares | None
    test: Shares | None
    datasets: dict[str, Shares]


def thresholds(valid: Predictions, test: Predictions, params: EvalParams) -> dict[str, Any]:
    """Return the content of `thresholds.json`: thresholds by name, with how they were chosen and what they keep.

    A text is kept when its score is at least the threshold. Three are chosen on validation rows: `best_f1`, of the
    highest F1, of equals the higher; `precision_...`, that keeps most of those that reach `params.target_precision`;
    and `words_...`, that keeps most of those within `params.word_budget`, where words are known. A threshold that none
    reaches is None. What they keep of validation rows, test rows and each test dataset are shares in 0..1: of the
    texts, words and characters; precision, recall and F1; None where they cannot be told.

    Returns:
        Empty without validation rows of both kinds, good and other, and where rows have several labels.

    Raises:
        BonepickError: `params.good_from` is not a label of the model.
    """
    possible = candidates(valid, params)
    if not possible:
        return {}
    choices = {
        "best_f1": _best_f1(possible),
        f"precision_{params.target_precision:g}": _with_precision(possible, params.target_precision),
    }
    if possible.words is not None:
        choices[f"words_{params.word_budget:g}"] = _within_budget(possible, possible.words, params.word_budget)
    datasets = {name: Reweighted(test.where(dataset=name), params) for name in test.datasets}
    splits = {"valid": Reweighted(valid, params), "test": Reweighted(test, params)}

    def described(threshold: float | None, chosen: str) -> dict[str, Any]:
        if threshold is None:
            return {"threshold": None, "chosen": chosen, "valid": None, "test": None, "datasets": {}}
        split_shares = {name: rows.shares(threshold) for name, rows in splits.items()}
        dataset_shares = {name: rows.shares(threshold) for name, rows in datasets.items()}
        return {"threshold": threshold, "chosen": chosen, **split_shares, "datasets": dataset_shares}

    return {name: described(*choice) for name, choice in choices.items()}


def _best_f1(possible: Candidates) -> tuple[float, str]:
    return possible.threshold(int(possible.f1.round(12).argmax())), "the highest F1 on validation rows"


def _with_precision(possible: Candidates, wanted: float) -> tuple[float | None, str]:
    enough = possible.rows >= LEAST_SHARE * possible.rows[-1]
    reached = np.flatnonzero(enough & (possible.precision >= wanted - TOLERANCE))
    if not len(reached):
        best = float(possible.precision[enough].max())
        why = f"no threshold that keeps {LEAST_SHARE:.0%} of validation rows or more reaches precision {wanted:g}"
        return None, f"{why}: the highest is {best:.3f}"
    # the last that reaches it, and not the first: precision goes up and down among the few rows at the top, where two
    # good ones are a precision of 1, and the largest set that reaches it is the one with most evidence
    last = int(reached[-1])
    rows = f"{possible.rows[last]:,} of {possible.rows[-1]:,}"
    why = f"the most texts with precision {wanted:g} or more on validation rows ({rows} kept)"
    return possible.threshold(last), why


def _within_budget(possible: Candidates, words: NDArray[np.float64], budget: float) -> tuple[float | None, str]:
    threshold = possible.largest_within(words, budget)
    if threshold is None:
        return None, f"the texts of the highest score alone are {words[0]:.3g} of the words of validation rows"
    return threshold, f"the most texts that have no more than {budget:g} of the words of validation rows"
