"""A tally is the same whatever the order of rows, blocks and shards, and counts what was there."""

import json
import random
from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonepick.core.errors import BonepickError
from bonepick.scoring import tally as tally_module
from bonepick.scoring.bins import MAX_LOGIT, N_BINS, PER_LOGIT, bins_of, edges, logit_of
from bonepick.scoring.by_name import ByName
from bonepick.scoring.reasons import kind_of_reason
from bonepick.scoring.tally import COARSE, MAX_REASONS, Tally, merged
from bonepick.scoring.tally_json import tally_json, tally_of
from tests.scoring.made_up_corpora import CORPORA, SCORES, Corpus, corpus

NAMES = st.lists(st.sampled_from("abcdefgh"), max_size=20)


@given(SCORES, st.integers(0, N_BINS - 1))
def test_a_score_reaches_an_edge_if_and_only_if_its_bin_does(scores: list[float], number: int) -> None:
    found = np.array([*scores, *edges()[max(0, number - 2) : number + 2]])
    bins = bins_of(found)
    assert ((found >= edges()[number]) == (bins >= number)).all()
    assert ((bins >= 0) & (bins < N_BINS)).all()


def test_edges_are_equal_steps_of_the_logit() -> None:
    middle = edges()[1:-1]
    logits = np.linspace(-MAX_LOGIT, MAX_LOGIT, 2 * MAX_LOGIT * PER_LOGIT + 1)
    np.testing.assert_allclose(middle, 1 / (1 + np.exp(-logits)), rtol=1e-15)
    assert (np.diff(edges()) >= 0).all()
    assert [logit_of(1), logit_of(N_BINS - 2)] == [-MAX_LOGIT, MAX_LOGIT]


@pytest.mark.parametrize("wrong", [float("nan"), -0.1, 1.1, float("inf")])
def test_what_is_no_score_is_refused(wrong: float) -> None:
    with pytest.raises(BonepickError, match=f"a score is {wrong}, wanted a number from 0 to 1"):
        Tally.empty().add(*corpus([0.5, wrong]))


@given(CORPORA, st.lists(st.integers(0, 60), max_size=5), st.randoms(use_true_random=False))
def test_parts_merge_to_the_same_in_any_order(whole: Corpus, cuts: list[int], shuffler: random.Random) -> None:
    bounds = [0, *sorted(cuts), len(whole.scores)]
    parts = [whole.part(slice(*ends)).tally() for ends in pairwise(bounds)]
    for number, part in enumerate(parts):
        part.reject(f"row is {number}, wanted a JSON object")
    content = tally_json(merged(parts))
    shuffler.shuffle(parts)
    middle = shuffler.randrange(len(parts) + 1)
    assert tally_json(merged([merged(parts[middle:]), merged(parts[:middle])])) == content
    alone = whole.tally()
    for _ in parts:
        alone.reject("row is 17, wanted a JSON object")
    assert tally_json(alone) == content


@given(CORPORA)
def test_counts_are_of_the_rows(rows: Corpus) -> None:
    content = tally_json(rows.tally())
    for unit in ("rows", "words", "bytes"):
        amounts = rows.amounts(unit)
        assert content["scored"][unit] == amounts.sum()
        assert content["kept"][unit] == amounts[rows.kept].sum()
        counted = dict(zip(content["histogram"]["bins"], content["histogram"][unit], strict=True))
        bins = bins_of(rows.scores)
        assert counted == {number: amounts[bins == number].sum() for number in set(bins.tolist())}
    for name, source in content.get("sources", {"named": {}})["named"].items():
        own = np.array([each == name for each in rows.sources])
        assert source["scored"]["words"] == rows.words[own].sum()
        assert source["kept"]["rows"] == (own & rows.kept).sum()
        assert source["score_millionths"] == pytest.approx(rows.scores[own].sum() * 1e6, abs=int(own.sum()))
        coarse = Counter((bins_of(rows.scores[own]) // COARSE).tolist())
        assert dict(zip(source["bins"], source["rows"], strict=True)) == coarse


@given(CORPORA)
def test_what_is_written_is_read(rows: Corpus) -> None:
    tally = rows.tally()
    tally.reject("text field 'a' is empty")
    content = tally_json(tally)
    assert tally_json(tally_of(json.loads(json.dumps(content)), "shard")) == content
    assert list(content) == sorted(content)
    kinds = {type(leaf) for leaf in leaves(content)}
    assert kinds <= {int, str}


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for pair in value.items() for each in pair for leaf in leaves(each)]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]


@given(st.lists(NAMES, max_size=6), st.randoms(use_true_random=False))
def test_the_first_names_have_whole_counts_and_all_others_are_one(
    parts: list[list[str]], shuffler: random.Random
) -> None:
    def counted(names: list[str]) -> ByName:
        found = ByName(3, 1)
        rows = found.rows(names)
        np.add.at(found.counts, rows, 1)
        return found

    named = Counter(name for names in parts for name in names)
    first = {name: named[name] for name in sorted(named)[:3]}
    tables = [counted(names) for names in parts]
    shuffler.shuffle(tables)
    whole = ByName(3, 1)
    for table in tables:
        whole.merge(table)
    assert {name: int(n) for name, (n,) in whole} == first
    assert int(whole.others[0]) == sum(named.values()) - sum(first.values())


def test_names_beyond_the_bound_are_one_in_a_tally_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = corpus([0.25] * 40, n_sources=20).tally()
    assert len(tally_json(tally)["sources"]["named"]) > 10
    monkeypatch.setattr(tally_module, "MAX_SOURCES", 4)
    rows = corpus([0.25] * 40, n_sources=20)
    parts = [rows.part(slice(start, start + 10)).tally() for start in range(0, 40, 10)]
    sources = tally_json(merged(parts))["sources"]
    assert list(sources["named"]) == sorted(set(rows.sources))[:4]
    assert sources["others"]["scored"]["rows"] == sum(name not in sources["named"] for name in rows.sources)
    assert tally_json(merged(parts[::-1])) == tally_json(rows.tally())


def test_reasons_beyond_the_bound_are_one() -> None:
    tally = Tally.empty()
    for number in range(200):
        tally.reject(f"odd {chr(97 + number % 26)}{chr(97 + number // 26)}")
    rejected = tally_json(tally)["rejected"]
    assert len(rejected["named"]) == MAX_REASONS and rejected["others"] == 150
    assert tally.n_rejected == 200


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("text field 'body' is missing; the row has a, b: name the one", "text field … is missing"),
        ("text field '.a' is {'x': [1, 2...", "text field … is …"),
        ("nothing is left of text 'it\\'s...' after plsfix", "nothing is left of text … after plsfix"),
        ("row has 1,234 bytes, wanted 16 at most", "row has … bytes, wanted … at most"),
        ("the row's text is -1.5e+22", "the row's text is …"),
        ("line is b'\\x00', bad", "line is …, bad"),
        ("a\x1bb\n", "a\\x1bb"),
    ],
)  # fmt: skip
def test_a_reason_without_its_values_is_its_kind(reason: str, kind: str) -> None:
    assert kind_of_reason(reason) == kind


@given(st.text(max_size=300), st.text(max_size=300))
def test_rows_that_fail_alike_add_up_whatever_their_values(one: str, other: str) -> None:
    reasons = (f"text field {text!r} is {number}, wanted a string" for text, number in ((one, 5), (other, -7.5)))
    kinds = {kind_of_reason(reason) for reason in reasons}
    assert kinds == {"text field … is …, wanted a string"}


def test_rows_of_several_labels_have_labels_and_no_scores() -> None:
    rows = corpus([0.5, 0.5])
    parts = [Tally.empty(scored=False) for _ in range(2)]
    for part in parts:
        part.add(None, *rows[1:])
        part.add_labels(["code", "spam"], np.array([[0.5, 0.1], [0.9, 0.49]]))
    content = tally_json(merged(parts))
    assert content["labels"] == {"code": 4, "spam": 0}
    assert "histogram" not in content
    assert tally_json(tally_of(content, "shard")) == content


def damage(content: dict[str, Any], how: str) -> object:
    histogram = content["histogram"]
    match how:
        case "negative":
            histogram["rows"][0] = -1
        case "text":
            content["scored"]["rows"] = "many"
        case "cut":
            histogram["words"].pop()
        case "bin":
            histogram["bins"][0] = N_BINS
        case "sum":
            histogram["bytes"][0] += 1
        case "twice":
            histogram["bins"][1] = histogram["bins"][0]
        case "source twice":
            source = next(iter(content["sources"]["named"].values()))
            source["bins"] *= 2
            source["rows"] *= 2
        case "kept":
            content["kept"]["rows"] = 1_000
        case "unknown":
            content["more"] = 1
        case "huge":
            content["scored"]["rows"] = 1 << 70
        case "names":
            content["rejected"]["named"] = {str(number): 1 for number in range(MAX_REASONS + 1)}
        case "list":
            return [content]
    return content


@pytest.mark.parametrize(
    "how",
    ["negative", "text", "cut", "bin", "sum", "twice", "source twice", "kept", "unknown", "huge", "names", "list"],
)  # fmt: skip
def test_a_damaged_tally_is_refused_in_one_line(how: str) -> None:
    content = json.loads(msgspec.json.encode(tally_json(corpus([0.1, 0.5, 0.9]).tally())))
    with pytest.raises(BonepickError, match=r"^a\.json is damaged \(.*\): score again") as caught:
        tally_of(damage(content, how), "a.json")
    assert "\n" not in str(caught.value)
