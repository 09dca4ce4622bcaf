"""The page of a scored corpus: what it says, that names stay names, and that it needs nothing from outside."""

import re
from html import unescape

import numpy as np
import pytest

from bonepick.reporting.scoring_charts import drawn_bins
from bonepick.reporting.scoring_page import scoring_page
from bonepick.scoring.bins import bins_of, edges
from bonepick.scoring.tally import Tally
from tests.reporting.test_hostile_names import EVIL
from tests.reporting.test_report import HOSTILE, Page


def made(scores: list[float], sources: list[str] | None = None) -> Tally:
    tally = Tally.empty()
    n = np.arange(1, len(scores) + 1)
    tally.add(np.array(scores), n, 7 * n, np.array(scores) >= 0.5, sources)
    tally.reject("text field 'text' is 5, wanted a string")
    return tally


SMOOTH = np.linspace(0.001, 0.999, 500).tolist()


def test_the_page_says_what_was_scored_and_kept() -> None:
    page = Page(scoring_page("corpus", made([1.0] * 30 + SMOOTH, ["a"] * 10 + ["b"] * 520), {"best_f1": 0.5}))
    tables = {name: tables[0] for name, tables in page.tables.items() if tables}
    assert tables["amounts"][1:3] == [["read", "531", "-", "-"], ["rejected", "1", "-", "-"]]
    assert [row[0] for row in tables["keep"][1:]] == [
        *(f"{share}% of rows" for share in (1, 2, 5, 10, 20, 30, 50, 75)), "best_f1",
    ]  # fmt: skip
    assert tables["keep"][1][1] == "none"
    assert "5.7% of rows have scores of 1.0, which are kept together or not at all: 0.0% are kept" in page.text
    assert [row[0] for row in tables["sources"][1:]] == ["b", "a"]
    assert tables["rejected"][1] == ["text field … is …, wanted a string", "1"]
    assert len(re.findall("<svg ", scoring_page("corpus", made(SMOOTH)))) == 2
    assert {"rows", "words", "bytes", "0.999"} <= set(re.findall(">([^<>]+)</text>", scoring_page("", made(SMOOTH))))


def test_nothing_is_referred_to_outside_the_page() -> None:
    text = scoring_page("corpus", made(SMOOTH, ["a"] * 500))
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert not [
        v for _, attributes in page.elements for k, v in attributes.items() if k in ("href", "src", "xlink:href")
    ]
    assert not re.findall(r"https?:|//[a-z]|@import|@font-face", text)
    assert all(name in ids for name in re.findall(r"url\(#([^)]*)\)", text))
    assert len(ids) == len(set(ids))
    assert scoring_page("corpus", made(SMOOTH, ["a"] * 500)) == text


def test_names_stay_names() -> None:
    names = [HOSTILE, *EVIL]
    plain = Page(scoring_page("corpus", made([0.5] * len(names), ["a"] * len(names)), {"best_f1": 0.5}))
    text = scoring_page(HOSTILE, made([0.5] * len(names), names), {HOSTILE: 0.5})
    page = Page(text)
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in plain.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", text)
    assert page.text.count("{{ 7 * 7 }}") >= 3
    assert len(text) < 200_000
    assert HOSTILE in unescape(text)


@pytest.mark.parametrize(
    "scores", [[0.5], [0.0], [1.0], [0.0, 1.0], [1e-5] * 9, SMOOTH], ids=["one", "0", "1", "both", "pile", "smooth"]
)
def test_drawn_bins_hold_all_rows(scores: list[float]) -> None:
    tally = made(scores)
    assert tally.histogram is not None
    starts, counts = drawn_bins(tally.histogram)
    assert counts.sum(axis=1).tolist() == tally.scored.tolist()
    assert len(starts) == counts.shape[1]
    assert counts[0, 0] and counts[0, -1]
    logits = np.log(edges()[np.clip(bins_of(np.array(scores)), 1, len(edges()) - 2)])
    logits -= np.log1p(-np.exp(logits))
    assert starts[0] <= max(min(logits), -12.25) + 1e-9 and min(max(logits), 12) < starts[-1] + 0.25
    assert "<svg " in scoring_page("corpus", tally)


def test_what_is_not_known_is_left_out() -> None:
    empty = Page(scoring_page("corpus", Tally.empty()))
    assert set(empty.tables) - {""} == {"amounts"}
    several = Tally.empty(scored=False)
    several.add(None, np.array([3]), np.array([9]), np.array([True]))
    several.add_labels(["code<b>"], np.array([[0.7]]))
    page = Page(scoring_page("corpus", several))
    assert set(page.tables) - {""} == {"amounts", "labels"}
    assert page.tables["labels"][0][1] == ["code<b>", "1", "100.0%"]
