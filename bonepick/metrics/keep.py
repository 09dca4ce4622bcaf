"""Keep curve and composition: what is kept of the test rows by thresholds that keep given shares of validation rows."""

from typing import NamedTuple

from bonepick.metrics.candidates import candidates
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.reweighted import Reweighted

RATES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the validation rows that are kept."""


class KeepRow(NamedTuple):
    """What the threshold of a keep rate keeps of the test rows; None where it cannot be told.

    Attributes:
        rate: share of the validation rows that it may keep.
        threshold: the lowest that keeps no more.
        kept, precision, recall, words, characters: shares of the test rows.
        source_shift, topic_shift: total variation distance between the composition of all test rows and of the kept
            ones: the share of the kept rows that would have to be of others.
    """

    rate: float
    threshold: float
    kept: float | None
    precision: float | None
    recall: float | None
    words: float | None
    characters: float | None
    source_shift: float | None
    topic_shift: float | None


class CompositionRow(NamedTuple):
    """The share of one source or topic among the kept test rows.

    Attributes:
        rate: the keep rate; 1 keeps all.
        level: `source` or `topic`.
        name: of it.
        share: in 0..1.
    """

    rate: float
    level: str
    name: str
    share: float


def keep_rows(valid: Predictions, test: Predictions, params: EvalParams) -> list[KeepRow]:
    """Return what each keep rate keeps of the test rows.

    A rate that no threshold keeps to, because there are too few validation rows or too many share the highest score,
    has no row.
    """
    chosen = _rate_thresholds(valid, params)
    if not chosen:
        return []
    rows = Reweighted(test, params)
    compositions = [rows.composition(level) for level in ("source", "topic")]
    lines = []
    for rate, threshold in chosen:
        kept = rows.scores >= threshold
        shares = rows.shares(threshold)
        numbers = [shares[name] for name in ("kept", "precision", "recall", "words", "characters")]
        shifts = [composition.shift(kept) if composition else None for composition in compositions]
        lines.append(KeepRow(rate, threshold, *numbers, *shifts))
    return lines


def composition_rows(valid: Predictions, test: Predictions, params: EvalParams) -> list[CompositionRow]:
    """Return the shares of sources and topics among the kept test rows; of rate 1, among all.

    Thresholds are those of `keep_rows`. Names beyond the `MAX_NAMES` most frequent ones are one, `OTHERS`.
    """
    if not test.ranked:
        return []
    rows = Reweighted(test, params)
    chosen = [*_rate_thresholds(valid, params), (1.0, 0.0)]
    return [
        CompositionRow(rate, level, name, share)
        for level in ("source", "topic")
        if (composition := rows.composition(level))
        for rate, threshold in chosen
        for name, share in composition.named(rows.scores >= threshold)
    ]


def _rate_thresholds(valid: Predictions, params: EvalParams) -> list[tuple[float, float]]:
    possible = candidates(valid, params)
    if possible is None:
        return []
    thresholds = [(rate, possible.largest_within(possible.kept, rate)) for rate in RATES]
    return [(rate, threshold) for rate, threshold in thresholds if threshold is not None]
