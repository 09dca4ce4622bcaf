"""A cut keeps what it says, by brute force over the scores; what it cannot part, it says."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.scoring.bins import bins_of, edges
from bonepick.scoring.cuts import RIGHT_TO, SHARES, cut, cut_at, keep_table, threshold_table
from bonepick.scoring.tally import UNITS, Tally, Unit
from tests.scoring.made_up_corpora import CORPORA, Corpus, corpus

ASKED = st.integers(0, 100).map(lambda n: n / 100)
UNIT = st.sampled_from(UNITS)


def kept_by_force(rows: Corpus, threshold: float, unit: str) -> float:
    amounts = rows.amounts(unit)
    return float(amounts[rows.scores >= threshold].sum() / max(amounts.sum(), 1))


@given(CORPORA, ASKED, UNIT)
def test_a_cut_keeps_what_it_says_and_no_more_than_was_asked_for(rows: Corpus, share: float, by: Unit) -> None:
    found = cut(rows.tally(), share, by)
    shares = [found.rows_share, found.words_share, found.bytes_share]
    assert shares == [kept_by_force(rows, found.threshold, unit) for unit in UNITS]
    total = int(rows.amounts(by).sum())
    assert round(found.kept * total) * 100 <= round(share * 100) * total


@given(CORPORA, ASKED, UNIT)
def test_no_lower_edge_keeps_so_little(rows: Corpus, share: float, by: Unit) -> None:
    found = cut(rows.tally(), share, by)
    lower = edges()[edges() < found.threshold]
    if len(lower):
        total = int(rows.amounts(by).sum())
        kept = round(kept_by_force(rows, float(lower[-1]), by) * total)
        # the edges that two bins share near 1 keep the same
        assert kept * 100 > round(share * 100) * total or lower[-1] == found.threshold


@given(CORPORA, ASKED, UNIT)
def test_a_share_is_right_or_what_is_tied_is_said(rows: Corpus, share: float, by: Unit) -> None:
    found = cut(rows.tally(), share, by)
    assert found.kept + found.tied > share - 1e-12 or found.threshold == 0
    if found.kept < share - 1.01 * RIGHT_TO and len(rows.scores) and rows.amounts(by).sum():
        bins = bins_of(rows.scores)
        tied = bins == bins_of(np.array([found.tied_from]))[0]
        amounts = rows.amounts(by)
        assert found.tied == pytest.approx(amounts[tied].sum() / amounts.sum())
        assert found.said.startswith(f"{found.tied:.1%} of {by} have scores ")
    elif share - found.kept <= RIGHT_TO:
        assert not found.said


def test_a_large_corpus_is_cut_to_a_thousandth() -> None:
    rng = np.random.default_rng(1)
    rows = corpus((1 / (1 + np.exp(-rng.normal(1, 3, 50_000)))).tolist())
    for by in UNITS:
        for share in SHARES:
            found = cut(rows.tally(), share, by)
            assert share - RIGHT_TO < found.kept <= share
            assert found.said == ""


def test_ties_go_to_the_side_that_keeps_fewer() -> None:
    rows = corpus([1.0] * 20 + [0.7] * 30 + [1e-5] * 50)
    tally = rows.tally()
    assert [cut(tally, share, "rows").rows_share for share in (0.1, 0.2, 0.49, 0.5, 0.99, 1.0)] == [
        0, 0.2, 0.2, 0.5, 0.5, 1,
    ]  # fmt: skip
    none = cut(tally, 0.1, "rows")
    assert (none.threshold, none.tied) == (inf, 0.2)
    assert none.said == ("20.0% of rows have scores of 1.0, which are kept together or not at all: 0.0% are kept")
    some = cut(tally, 0.4, "rows")
    assert some.tied == 0.3 and some.tied_from <= 0.7 < some.tied_to
    assert cut(tally, 1.0, "rows").threshold == 0


def test_a_share_is_what_it_says_and_not_its_nearest_float() -> None:
    tally = corpus([number / 101 for number in range(1, 101)]).tally()
    assert [round(cut(tally, share / 100, "rows").rows_share * 100) for share in range(101)] == list(range(101))


def test_one_row_and_none() -> None:
    one = cut(corpus([0.5]).tally(), 0.5, "rows")
    assert (one.rows_share, one.tied) == (0, 1)
    assert one.said.startswith("100.0% of rows have scores in [0.5, 0.50024")
    none = cut(Tally.empty(), 0.1, "words")
    assert (none.threshold, none.kept, none.tied) == (0, 0, 0)


@given(CORPORA, st.floats(0, 1.5))
def test_a_threshold_keeps_what_its_bin_allows(rows: Corpus, threshold: float) -> None:
    found = cut_at(rows.tally(), threshold)
    true = kept_by_force(rows, threshold, "rows")
    assert found.threshold == threshold
    if threshold <= 1:
        assert found.rows_share - found.tied - 1e-12 <= true <= found.rows_share + 1e-12
        assert bool(found.said) == (found.tied > RIGHT_TO)
    else:
        assert found.rows_share == 0


@given(CORPORA, st.integers(0, len(edges()) - 1))
def test_an_edge_keeps_exactly_what_it_says(rows: Corpus, number: int) -> None:
    found = cut_at(rows.tally(), float(edges()[number]))
    assert found.rows_share == kept_by_force(rows, found.threshold, "rows")
    assert (found.tied, found.said) == (0, "")


def test_tables_have_a_line_for_each_share_and_each_threshold() -> None:
    tally = corpus([number / 1_000 for number in range(1_000)]).tally()
    assert [each.share for each in keep_table(tally)] == list(SHARES)
    assert threshold_table(tally, {"best_f1": 0.75})["best_f1"].rows_share == pytest.approx(0.25, abs=0.002)


def test_rows_of_several_labels_have_no_cut() -> None:
    several = Tally.empty(scored=False)
    assert (keep_table(several), threshold_table(several, {"best_f1": 0.5})) == ([], {})
    for asked in (lambda: cut(several, 0.1, "rows"), lambda: cut_at(several, 0.5)):
        with pytest.raises(BonepickError, match=r"several labels a row.*--keep LABEL"):
            asked()
