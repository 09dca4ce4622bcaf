"""What is printed of a scoring pass: every row is accounted for, and names stay on their line."""

import numpy as np

from bonepick.scoring.sources import source_rows
from bonepick.scoring.summary_text import summary_text
from bonepick.scoring.tally import Tally
from tests.scoring.made_up_corpora import corpus


def made() -> Tally:
    tally = Tally.empty()
    n = np.array([10, 20, 30, 40])
    scores = np.array([0.9, 0.9, 0.9, 0.2])
    tally.add(scores, n, 6 * n, np.array([True, True, True, False]), ["web", "web", "", "books\x1b[2J"])
    for _ in range(2):
        tally.reject("text field 'text' is 5, wanted a string")
    tally.reject("row is [1], wanted a JSON object")
    return tally


def test_every_row_is_accounted_for() -> None:
    amounts, reasons, cuts, sources, said = summary_text(made(), {"best_f1": 0.5}).split("\n\n")
    assert amounts.splitlines() == [
        "          rows  words  bytes",
        "read         7      -      -",
        "rejected     3      -      -",
        "scored       4    100    600",
        "kept         3     60    360",
    ]
    assert reasons.splitlines() == [
        "rejected because                    rows",
        "text field … is …, wanted a string     2",
        "row is …, wanted a JSON object         1",
    ]
    lines = [line.split() for line in cuts.splitlines()]
    assert lines[0] == ["keeps", "score", "from", "rows", "words", "bytes"]
    assert lines[1] == ["1%", "of", "rows", "0.900003694229084", "0.0%", "0.0%", "0.0%"]
    assert lines[8][:3] + lines[8][4:] == ["75%", "of", "rows", "75.0%", "60.0%", "60.0%"]
    assert lines[9] == ["best_f1", "0.5", "75.0%", "60.0%", "60.0%"]
    named = [line.rsplit(maxsplit=6) for line in sources.splitlines()[1:]]
    assert named == [
        ["web", "2", "30", "180", "100.0%", "0.900", "0.893"],
        ["(no source)", "1", "30", "180", "100.0%", "0.900", "0.893"],
        ["books\\x1b[2J", "1", "40", "240", "0.0%", "0.200", "0.202"],
    ]
    assert said.startswith("1% of rows, 2% of rows, ")
    assert "50% of rows: 75.0% of rows have scores in [0.89" in said
    assert len(said.splitlines()) == 1, "what holds of several cuts is said once"


def test_what_is_not_known_is_left_out() -> None:
    assert summary_text(Tally.empty()).splitlines()[:3] == [
        "        rows  words  bytes", "read       0      0      0", "scored     0      0      0",
    ]  # fmt: skip
    several = Tally.empty(scored=False)
    several.add(None, *corpus([0.5] * 4)[1:])
    several.add_labels(["code"], np.array([[0.5], [0.9], [0.1], [0.2]]))
    text = summary_text(several, {"best_f1": 0.5})
    assert ["code", "2", "50.0%"] in [line.split() for line in text.splitlines()]
    assert "score from" not in text and "None" not in text


def test_medians_are_right_to_a_quarter_of_a_logit() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(1, 2, 4_001)
    (row,) = source_rows(corpus((1 / (1 + np.exp(-logits))).tolist(), n_sources=1).tally())
    assert row.median is not None and row.mean is not None
    assert abs(np.log(row.median / (1 - row.median)) - np.median(logits)) <= 0.126
    assert abs(row.mean - float(np.mean(1 / (1 + np.exp(-logits))))) < 1e-6


def test_of_many_sources_the_largest_are_named() -> None:
    rows = corpus([0.5] * 500, n_sources=40)
    found = source_rows(rows.tally(), most=5)
    sizes = [each.rows for each in found[:5]]
    assert sizes == sorted(sizes, reverse=True)
    assert found[-1].name == "all others" and sum(each.rows for each in found) == 500
