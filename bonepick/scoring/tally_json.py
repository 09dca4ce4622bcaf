"""A tally as JSON and back: whole numbers and names alone, bins without rows left out."""

from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from bonepick.core.reading import damaged
from bonepick.scoring.bins import N_BINS
from bonepick.scoring.by_name import ByName
from bonepick.scoring.tally import HISTOGRAM, KEPT, SCORE_SUM, SOURCE_WIDTH, UNITS, Tally

REMEDY = "score again (score --overwrite)"
Count = Annotated[int, Meta(ge=0, le=1 << 60)]
Counts = list[Count]
Bin = Annotated[int, Meta(ge=0, lt=N_BINS)]


class _Amounts(Struct, forbid_unknown_fields=True):
    rows: Count
    words: Count
    bytes: Count


class _Histogram(Struct, forbid_unknown_fields=True):
    bins: list[Bin]
    rows: Counts
    words: Counts
    bytes: Counts


class _Source(Struct, forbid_unknown_fields=True):
    scored: _Amounts
    kept: _Amounts
    score_millionths: Count
    bins: list[Annotated[int, Meta(ge=0, lt=SOURCE_WIDTH - HISTOGRAM)]]
    rows: Counts


class _Reasons(Struct, forbid_unknown_fields=True):
    named: dict[str, Count]
    others: Count


class _Sources(Struct, forbid_unknown_fields=True):
    named: dict[str, _Source]
    others: _Source


class _Tally(Struct, forbid_unknown_fields=True):
    scored: _Amounts
    kept: _Amounts
    rejected: _Reasons
    histogram: _Histogram | None = None
    labels: dict[str, Count] | None = None
    sources: _Sources | None = None


def tally_json(tally: Tally) -> dict[str, Any]:
    """Return a tally for JSON, keys sorted: `histogram` where rows have scores, else `labels`; `sources` where known.

    >>> tally_json(Tally.empty())["scored"]
    {'bytes': 0, 'rows': 0, 'words': 0}
    """
    content: dict[str, Any] = {
        "scored": _amounts(tally.scored),
        "kept": _amounts(tally.kept),
        "rejected": {
            "named": {name: int(counts[0]) for name, counts in tally.rejected},
            "others": int(tally.rejected.others[0]),
        },
    }
    if tally.histogram is not None:
        bins = np.flatnonzero(tally.histogram[0])
        counted = zip(UNITS, tally.histogram[:, bins].tolist(), strict=True)
        content["histogram"] = {"bins": bins.tolist(), **dict(counted)}
    else:
        content["labels"] = tally.labels
    if named := {name: _source(counts) for name, counts in tally.sources}:
        content["sources"] = {"named": named, "others": _source(tally.sources.others)}
    sorted_content: dict[str, Any] = msgspec.to_builtins(content, order="sorted")
    return sorted_content


def _amounts(counts: NDArray[np.int64]) -> dict[str, int]:
    return dict(zip(UNITS, counts.tolist(), strict=True))


def _source(counts: NDArray[np.int64]) -> dict[str, Any]:
    bins = np.flatnonzero(counts[HISTOGRAM:])
    return {
        "scored": _amounts(counts[:KEPT]),
        "kept": _amounts(counts[KEPT:SCORE_SUM]),
        "score_millionths": int(counts[SCORE_SUM]),
        "bins": bins.tolist(),
        "rows": counts[HISTOGRAM:][bins].tolist(),
    }


def tally_of(content: object, name: object) -> Tally:
    """Return the tally that `tally_json` made this of; `name` stands for it in the message.

    Raises:
        BonepickError: it is something else, or its numbers contradict each other.
    """
    try:
        return _tally(msgspec.convert(content, _Tally))
    except (msgspec.ValidationError, ValueError) as error:  # the former is one of the latter in newer versions alone
        raise damaged(name, error, REMEDY) from None


def _tally(content: _Tally) -> Tally:
    tally = Tally.empty(scored=content.histogram is not None)
    tally.scored[:] = _counts(content.scored)
    tally.kept[:] = _counts(content.kept)
    if (tally.kept > tally.scored).any():
        raise ValueError("more is kept than was scored")
    if content.histogram is not None and tally.histogram is not None:
        for unit, counts in zip(UNITS, tally.histogram, strict=True):
            _fill(counts, content.histogram.bins, getattr(content.histogram, unit))
        if (tally.histogram.sum(axis=1) != tally.scored).any():
            raise ValueError("its histogram does not add up to what was scored")
    tally.labels |= content.labels or {}
    reasons = {reason: np.array([n]) for reason, n in content.rejected.named.items()}
    _fill_names(tally.rejected, reasons, np.array([content.rejected.others]))
    if content.sources is not None:
        named = {name: _columns(source) for name, source in content.sources.named.items()}
        _fill_names(tally.sources, named, _columns(content.sources.others))
    return tally


def _counts(amounts: _Amounts) -> list[int]:
    return [getattr(amounts, unit) for unit in UNITS]


def _columns(source: _Source) -> NDArray[np.int64]:
    columns = np.zeros(SOURCE_WIDTH, dtype=np.int64)
    columns[:HISTOGRAM] = [*_counts(source.scored), *_counts(source.kept), source.score_millionths]
    _fill(columns[HISTOGRAM:], source.bins, source.rows)
    return columns


def _fill(counts: NDArray[np.int64], bins: list[int], values: list[int]) -> None:
    if len(bins) != len(values) or len(set(bins)) != len(bins):
        raise ValueError("its bins are not one for each count")
    counts[bins] = values


def _fill_names(into: ByName, named: dict[str, NDArray[np.int64]], others: NDArray[np.int64]) -> None:
    if len(named) > into.limit:
        raise ValueError(f"{len(named):,} names, wanted {into.limit:,} at most")
    for row, counts in zip(into.rows(list(named)), named.values(), strict=True):
        into.counts[row] = counts
    into.counts[0] = others
