"""The sets that `benchmarks/` makes and defaults are judged on: labelled as they say, and the same whenever made."""

import math
from collections import Counter
from itertools import islice
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

TIERS = [[[f"{letter}{number}" for number in range(start, start + 60)] for start in range(40)] for letter in "abcd"]
"""The words of a piece tell its tier."""


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    from labelled import labelled_documents

    return list(islice(labelled_documents(TIERS), 3_000))


def words_by_tier(text: str) -> list[int]:
    """How many words of each tier there are, of those that are not made up of two."""
    counts = Counter(word[0] for word in text.split() if word[1:].isdigit())
    return [counts[letter] for letter in "abcd"]


def test_the_first_documents_are_the_same_however_many_are_taken(rows: list[dict[str, Any]]) -> None:
    from labelled import labelled_documents

    assert list(islice(labelled_documents(TIERS), 20)) == rows[:20]
    assert list(islice(labelled_documents(TIERS, seed=2), 20)) != rows[:20]


def test_lengths_are_lognormal(rows: list[dict[str, Any]]) -> None:
    from documents import MEAN, SPREAD

    lengths = [len(row["text"]) for row in rows]
    assert mean(lengths) == pytest.approx(MEAN, rel=0.05)
    assert stdev(map(math.log, lengths)) == pytest.approx(SPREAD, rel=0.05)


def test_scores_are_moved_up_and_pieces_are_of_other_tiers_as_often_as_stated(rows: list[dict[str, Any]]) -> None:
    moved, strays = list[int](), list[float]()
    for row in rows:
        counts = words_by_tier(row["text"])
        tier = counts.index(max(counts))
        if len(row["text"]) > 4_000:  # of so many pieces that most are of the document's own tier
            strays.append(1 - counts[tier] / sum(counts))
            moved += [row["score"] - tier] if tier < 2 else []
    assert mean(strays) == pytest.approx(0.15, abs=0.02)
    shares = {by: count / len(moved) for by, count in Counter(moved).items()}
    assert shares == pytest.approx({0: 0.7 * 0.9, 1: 0.3 * 0.9 + 0.7 * 0.1, 2: 0.3 * 0.1}, abs=0.06)


def test_hosts_have_many_documents_or_few_and_of_both_labels(rows: list[dict[str, Any]]) -> None:
    sizes = Counter(row["group"] for row in rows)
    assert max(sizes.values()) > 10 > 1 == min(sizes.values())
    largest = [row["score"] >= 2 for row in rows if row["group"] in dict(sizes.most_common(20))]
    assert 0.2 < mean(largest) < 0.8
    assert {row["source"] for row in rows} == {f"crawl-{number}" for number in range(4)}


def test_sources_held_out_are_tested_on_and_never_trained_on() -> None:
    from held_out import HELD_OUT, held_out_rows

    sources = {source for held_out in HELD_OUT.values() for source in held_out} | {"wikipedia"}
    rows = [{"source": source, "group": f"{source} {number}"} for source in sources for number in range(50)]
    for held_out in HELD_OUT.values():
        splits: dict[str, set[str]] = {}
        for split, row in held_out_rows(held_out, rows):
            splits.setdefault(split, set()).add(row["source"])
        assert splits == {"test": set(held_out)} | dict.fromkeys(("train", "valid", "seen"), sources - set(held_out))
