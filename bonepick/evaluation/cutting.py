"""Where to cut: thresholds chosen on validation rows, and what each of them keeps of the test rows.

Annotated sets are rarely the corpus: with a `prior`, rows are re-weighted (see `WeightedRows`), in the choice of a
threshold as in all that is said of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bonepick.evaluation.params import EvalParams
from bonepick.evaluation.predictions import Predictions
from bonepick.evaluation.weighted_rows import WeightedRows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the validation rows that are kept."""
KEEP_HEADER = (
    "rate", "threshold", "kept", "precision", "recall", "words", "characters", "source_shift", "topic_shift",
)  # fmt: skip
MIX_HEADER = ("rate", "of", "name", "share")
TOLERANCE = 1e-9
"""Of re-weighted shares, which are off by some last bits."""

Line = tuple[object, ...]


def thresholds(valid: Predictions, test: Predictions, params: EvalParams) -> dict[str, Any]:
    """Return the content of `thresholds.json`: thresholds by name, with how they were chosen and what they keep.

    A text is kept when its score is at least the threshold. Three are chosen on validation rows: `best_f1`, of the
    highest F1, of equals the higher; `precision_...`, that keeps most of those that reach `params.precision`; and
    `words_...`, that keeps most of those within the budget `params.words`, where words are known. A threshold that
    none reaches is None. What they keep of validation rows, test rows and each test dataset are shares in 0..1: of the
    texts, words and characters; precision, recall and F1; None where they cannot be told.

    Returns:
        Empty without validation rows of both kinds, good and other, and where rows have several labels.

    Raises:
        BonepickError: `params.good_from` is not a label of the model.
    """
    cuts = _cuts(valid, params)
    if not cuts:
        return {}
    found = {"best_f1": _best_f1(cuts), f"precision_{params.precision:g}": _with_precision(cuts, params.precision)}
    if cuts.words is not None:
        found[f"words_{params.words:g}"] = _within_words(cuts.words, params.words)
    datasets = {name: test.where(dataset=name) for name in sorted(set(test.columns["dataset"]))}
    of = {name: WeightedRows(rows, params) for name, rows in datasets.items()}
    of_valid, of_test = WeightedRows(valid, params), WeightedRows(test, params)

    def described(cut: int | None, chosen: str) -> dict[str, Any]:
        if cut is None:
            return {"threshold": None, "chosen": chosen, "valid": None, "test": None, "datasets": {}}
        threshold = cuts.threshold(cut)
        own = {name: rows.shares(threshold) for name, rows in of.items()}
        both = {"valid": of_valid.shares(threshold), "test": of_test.shares(threshold)}
        return {"threshold": threshold, "chosen": chosen, **both, "datasets": own}

    return {name: described(*choice) for name, choice in found.items()}


def keep_table(valid: Predictions, test: Predictions, params: EvalParams) -> list[Line]:
    """Return the rows of `keep.csv`: what is kept of the test rows by thresholds that keep given shares.

    The threshold of a rate is the lowest that keeps no more than it of the validation rows. A rate that none keeps to,
    because there are too few rows or too many share the highest score, has no row. The last two columns are the total
    variation distance between the mix of sources, and of topics, of all test rows and of the kept ones: the share of
    the kept rows that would have to be of others.
    """
    found, lines = _rate_thresholds(valid, params), list[Line]()
    if not found:
        return []
    rows = WeightedRows(test, params)
    mixes = [rows.mix(name) for name in ("source", "topic")]
    for rate, threshold in found:
        kept, shares = rows.scores >= threshold, rows.shares(threshold)
        shown = [shares[name] for name in ("kept", "precision", "recall", "words", "characters")]
        lines.append((rate, threshold, *shown, *(mix.shift(kept) if mix else None for mix in mixes)))
    return lines


def mix_table(valid: Predictions, test: Predictions, params: EvalParams) -> list[Line]:
    """Return the rows of `mix.csv`: the shares of sources and topics among the kept test rows; of rate 1, among all.

    Thresholds are those of `keep_table`. Names beyond the `MAX_NAMES` most frequent ones are one, `OTHERS`.
    """
    if test.multi_label:
        return []
    rows = WeightedRows(test, params)
    cuts = [*_rate_thresholds(valid, params), (1, 0.0)]
    return [
        (rate, of, name, share)
        for of in ("source", "topic")
        if (mix := rows.mix(of))
        for rate, threshold in cuts
        for name, share in mix.named(rows.scores >= threshold)
    ]


def number_between(low: float, high: float) -> float:
    """Return a number between two: of those in the middle half, the one with the fewest decimals nearest the middle.

    A threshold in the middle is one that last bits of scores, which differ from one machine to the next, cannot cross.

    >>> number_between(0.61, 0.62), number_between(0.2, 0.9), number_between(0.5, 0.5000000000000001)
    (0.615, 0.6, 0.5000000000000001)
    """
    middle, room = (low + high) / 2, (high - low) / 4
    for decimals in range(1, 17):
        short = round(middle, decimals)
        if abs(short - middle) <= room and low < short <= high:
            return short
    return high


@dataclass(frozen=True)
class Cuts:
    """What each possible cut keeps of the validation rows: one for each distinct score, highest first.

    Attributes:
        scores: the lowest that is kept, shape (n_cuts,); equal scores are never split.
        rows: how many are kept.
        kept, precision, recall, f1: shares.
        words: share that is kept; None where it is not known.
    """

    scores: "NDArray[np.float64]"
    rows: "NDArray[np.int64]"
    kept: "NDArray[np.float64]"
    precision: "NDArray[np.float64]"
    recall: "NDArray[np.float64]"
    f1: "NDArray[np.float64]"
    words: "NDArray[np.float64] | None"

    def threshold(self, cut: int) -> float:
        """Return a number that keeps exactly the rows of a cut; 0 where these are all."""
        if cut == len(self.scores) - 1:
            return 0.0
        return number_between(float(self.scores[cut + 1]), float(self.scores[cut]))


def _cuts(valid: Predictions, params: EvalParams) -> Cuts | None:
    """Return the possible cuts through validation rows; None where these cannot tell a good one."""
    import numpy as np

    if valid.multi_label:
        return None
    rows = WeightedRows(valid, params)
    if not rows.good.any() or rows.good.all():
        return None
    order = np.argsort(-rows.scores, kind="stable")
    scores = rows.scores[order]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))

    def sums(amounts: "NDArray[np.int64]") -> "list[NDArray[Any]]":
        return [count * np.cumsum((amounts * of)[order])[last] for of, count in rows.parts()]

    hits, misses = sums(np.ones(len(order), dtype=np.int64))
    kept, n_good, words = hits + misses, hits[-1], rows.amounts("words")
    of_words = None
    if words is not None:
        of_words = sum(sums(words), np.zeros(len(last)))
        of_words /= of_words[-1]
    shares = kept / kept[-1], hits / kept, hits / n_good, 2 * hits / (kept + n_good)
    return Cuts(scores[last], last + 1, *shares, of_words)


def _best_f1(cuts: Cuts) -> tuple[int, str]:
    return int(cuts.f1.round(12).argmax()), "the highest F1 on validation rows"


def _with_precision(cuts: Cuts, wanted: float) -> tuple[int | None, str]:
    import numpy as np

    enough = cuts.rows >= RATES[0] * cuts.rows[-1]  # fewer rows than that are no evidence
    reached = np.flatnonzero(enough & (cuts.precision >= wanted - TOLERANCE))
    if not len(reached):
        best = float(cuts.precision[enough].max())
        why = f"no threshold that keeps {RATES[0]:.0%} of validation rows or more reaches precision {wanted:g}"
        return None, f"{why}: the highest is {best:.3f}"
    # the last that reaches it, and not the first: precision goes up and down among the few rows at the top, where two
    # good ones are a precision of 1, and the largest set that reaches it is the one with most evidence
    cut = int(reached[-1])
    rows = f"{cuts.rows[cut]:,} of {cuts.rows[-1]:,}"
    return cut, f"the most texts with precision {wanted:g} or more on validation rows ({rows} kept)"


def _within_words(words: "NDArray[np.float64]", budget: float) -> tuple[int | None, str]:
    cut = _largest_within(words, budget)
    if cut is None:
        return None, f"the texts of the highest score alone are {words[0]:.3g} of the words of validation rows"
    return cut, f"the most texts that have no more than {budget:g} of the words of validation rows"


def _largest_within(shares: "NDArray[np.float64]", budget: float) -> int | None:
    """Return the last cut that keeps no more than a budget, of shares that grow."""
    import numpy as np

    within = int(np.searchsorted(shares, budget + TOLERANCE, side="right"))
    return within - 1 if within else None


def _rate_thresholds(valid: Predictions, params: EvalParams) -> list[tuple[float, float]]:
    cuts = _cuts(valid, params)
    found = [(rate, _largest_within(cuts.kept, rate)) for rate in RATES] if cuts else []
    return [(rate, cuts.threshold(cut)) for rate, cut in found if cuts and cut is not None]
