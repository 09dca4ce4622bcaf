"""The report: what it says, that texts stay texts, that it needs nothing from outside, and what it does without."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from markdown_it import MarkdownIt

from bonepick.metrics.curves import LabelPair
from bonepick.reporting.caveats import caveats
from bonepick.reporting.details import confusion, shortcut_rows
from bonepick.reporting.headline import headline
from bonepick.reporting.html import as_html
from bonepick.reporting.markdown import as_report_markdown
from tests.made_up_evaluations import MadeUp, compared, empty

MADE = MadeUp(
    {
        "alpha": {"seen": 0.95, "unseen": 0.75},
        "beta": {"seen": 0.85, "unseen": 0.8},
        "gamma": {"seen": 0.6, "unseen": 0.6},
    },
    no_difference=frozenset({("beta", "alpha")}),
)
HOSTILE = "</script><script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(1)>{{ 7 * 7 }}{% raw %}&"


class Page(HTMLParser):
    """Tables by the section that they are in, ids, elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[list[str]]]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._section, self._cell = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        tables = self.tables.setdefault(self._section, [])
        if tag == "section":
            self._section = dict(attrs)["id"] or ""
        elif tag == "table":
            tables.append([])
        elif tag == "tr":
            tables[-1].append([])
        elif tag in ("td", "th"):
            tables[-1][-1].append("")
        self._cell = self._cell or tag in ("td", "th")

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell:
            cells = self.tables[self._section][-1][-1]
            cells[-1] = " ".join(f"{cells[-1]} {data}".split())


def page_of(made: MadeUp) -> Page:
    return Page(as_html(made.comparison(), {"params.yaml": "seed: 42\n"}))


def said(made: MadeUp) -> list[str]:
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in headline(made.models(), made.verdicts())]


def test_headline_tells_leads_that_are_real_from_those_that_are_not() -> None:
    assert said(MADE) == [
        "alpha is ahead on all 800 test rows (AUC 0.850): its lead over gamma is real, "
        "that over beta is no more than these rows can show.",
        "On unseen (400 test rows) the order changes: beta 0.800, alpha 0.750, gamma 0.600; "
        "the lead of beta over alpha is no more than these rows can show.",
        "alpha is ahead on seen and inside topics too.",
    ]


def test_headline_when_all_is_real() -> None:
    assert said(replace(MADE, no_difference=frozenset())) == [
        "alpha is best on all 800 test rows (AUC 0.850), and its lead over beta and gamma is real.",
        "On unseen (400 test rows) the order changes: beta 0.800, alpha 0.750, gamma 0.600; "
        "beta is better than alpha there, and that is real.",
        "alpha is ahead on seen and inside topics too, and its lead is real there.",
    ]


def test_headline_when_nothing_is() -> None:
    made = MadeUp({"b": {"own": 0.8}, "a": {"own": 0.81}}, n_topics=0, no_difference=frozenset({("b", "a")}))
    assert said(made) == [
        "No model is best for sure: a is ahead on all 400 test rows (AUC 0.810), "
        "but its lead over b is no more than these rows can show."
    ]


def test_headline_of_two_runs_speaks_of_the_pairs_that_were_compared() -> None:
    models = MADE.models()
    compared = [one for one in MADE.verdicts() if (one.first, one.second) in {("beta", "alpha"), ("gamma", "beta")}]
    lines = headline(models, compared[:1] + [one for one in compared if one.first == "gamma"])
    assert lines[0] == "1 of 2 pairs of models differs for sure on all test rows."
    assert [line.split(":")[0] for line in lines[1:]] == ["alpha against beta", "beta against gamma"]


def test_every_model_has_its_rows_with_its_figures() -> None:
    page = page_of(MADE)
    head, *rows = page.tables["leaderboard"][0]
    assert head[:5] == ["model", "AUC, all test rows", "AUC, seen", "AUC, unseen", "AUC, within topics"]
    assert [row[0] for row in rows] == ["alpha", "beta", "gamma"]
    assert rows[0][1:4] == ["0.850 0.840 – 0.860", "0.950 0.940 – 0.960", "0.750 0.740 – 0.760"]
    for section in ("quality", "thresholds", "detail", "shortcuts"):
        cells = {cell for table in page.tables[section] for row in table for cell in row}
        assert all(any(name in cell for cell in cells) for name in MADE.aucs), section


def test_all_verdicts_are_there_in_their_words() -> None:
    page = page_of(MADE)
    found = [row[-1] for table in page.tables["differences"] for row in table]
    verdicts = [one.verdict for one in MADE.verdicts()]
    assert len(verdicts) == 18
    assert sorted(cell[2:] for cell in found if cell != "verdict") == sorted(verdicts)
    assert all(("✓" in cell) == ("is better" in cell) for cell in found if cell != "verdict")


def test_a_threshold_that_misses_its_promise_on_test_rows_is_marked() -> None:
    made = MadeUp({"a": {"own": 0.8}})
    page = as_html(compared(made.models()))
    assert '<td class="n off">0.863</td>' in page  # precision_0.9 on test rows; 0.912 on validation rows
    assert page.count(' off">') == 1
    cells = Page(page).tables["thresholds"][0]
    assert cells[3][:2] == ["precision_0.9 the most texts with precision 0.9", "0.99998914"]
    assert cells[4][:2] == ["words_0.1 no threshold reaches it", "–"]


def test_texts_stay_texts() -> None:
    made = replace(MADE, sources=[HOSTILE, "other"], labels=[f"neg{HOSTILE}", "pos"], excerpt=HOSTILE)
    topics = [replace(topic, words=[HOSTILE]) for topic in made.topics()]
    models = [replace(model, name=f"{model.name} <b>{HOSTILE}") for model in made.models()]
    text = as_html(compared(models, [], topics), {HOSTILE: HOSTILE})
    page, plain = Page(text), page_of(MADE)
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in plain.elements}
    assert not {"script", "img", "iframe", "link", "object"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count("{{ 7 * 7 }}") > 10
    markdown = as_report_markdown(compared(models))
    assert "<script" not in markdown and "<img" not in markdown


def test_nothing_is_referred_to_outside_the_page() -> None:
    models = MADE.models()
    text = as_html(compared(models, MADE.verdicts(), MADE.topics()))
    page = Page(text)
    targets = [
        v for _, attributes in page.elements for k, v in attributes.items() if k in ("href", "src", "xlink:href")
    ]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert targets and all(target and target[0] == "#" and target[1:] in ids for target in targets)
    assert not re.findall(r"https?:|//[a-z]|@import|@font-face", text)
    assert all(name in ids for name in re.findall(r"url\(#([^)]*)\)", text))
    assert len(ids) == len(set(ids))


def test_same_inputs_same_bytes() -> None:
    pages = {as_html(MADE.comparison(), {"params.yaml": "a: 1"}) for _ in range(2)}
    assert len(pages) == len({as_report_markdown(MADE.comparison()) for _ in range(2)}) == 1


def test_a_model_keeps_its_colour_when_the_order_changes() -> None:
    def colours(made: MadeUp) -> dict[str, str]:
        found = re.findall(r'<i style="background:(#\w+)"></i>([^<]+)<', as_html(compared(made.models())))
        assert len({pair[::-1] for pair in found}) == 2
        return {name: colour for colour, name in found}

    first = MadeUp({"a": {"own": 0.9}, "b": {"own": 0.8}})
    second = MadeUp({"a": {"own": 0.7}, "b": {"own": 0.8}})
    assert colours(first) == colours(second)


@pytest.mark.parametrize(
    "made",
    [
        MadeUp({"only": {"own": 0.8}}, valid=False, n_topics=0),
        MadeUp({f"model-{i}": {f"data-{d}": 0.9 - i / 50 for d in range(6)} for i in range(8)}, labels="abcde"),
        MadeUp({"a" * 200: {"own": 0.8}, "a" * 150 + "b" * 50: {"own": 0.7}}, labels=[f"label {i}" for i in range(30)]),
    ],
    ids=["one model, no validation rows, no topics", "eight models, five labels", "long names, thirty labels"],
)
def test_works_for_few_and_many(made: MadeUp) -> None:
    page = page_of(made)
    assert [row[0] for row in page.tables["leaderboard"][0][1:]]
    assert len(page.tables["leaderboard"][0]) == 1 + len(made.aucs)
    assert ("topics" in page.tables) == bool(made.n_topics)
    assert ("No threshold was chosen" in page.text) == (not made.valid)


def test_of_many_sources_the_largest_are_shown_and_that_is_said() -> None:
    page = page_of(replace(MADE, sources=[f"host-{i:02}" for i in range(60)]))
    assert "The 20 largest of 60 sources." in page.text
    shown = [row[0] for table in page.tables["detail"] for row in table if row[0].startswith("host-")]
    assert shown == [f"host-{i:02}" for i in range(20)]
    assert "51 others" in page.text and "The 9 largest of 60 sources are told apart." in " ".join(page.text.split())


def test_what_is_missing_is_left_out() -> None:
    alpha, beta, gamma = MADE.models()
    whole = Page(as_html(compared([alpha, beta, gamma], MADE.verdicts()))).tables
    beta = replace(empty("beta"), metrics=beta.metrics)
    page = Page(as_html(compared([alpha, beta, gamma], MADE.verdicts())))
    assert page.tables["leaderboard"] == whole["leaderboard"]
    assert not any("beta" in cell for row in page.tables["thresholds"][0] for cell in row)
    page = Page(as_html(compared([alpha, beta, empty("gamma")], MADE.verdicts())))
    assert page.tables["leaderboard"][0][3][:3] == ["gamma", "–", "–"]


def test_an_empty_evaluation_has_a_report_too() -> None:
    nothing = compared([empty("empty")])
    assert "No model has an AUC" in as_html(nothing)
    assert "No model has an AUC" in as_report_markdown(nothing)


def test_markdown_twin_has_tables_that_render() -> None:
    text = as_report_markdown(MADE.comparison())
    page = Page(MarkdownIt("commonmark").enable("table").render(text))
    board, differences, quality, cuts = page.tables[""]
    assert board[1][:3] == ["alpha", "0.850 [0.840, 0.860]", "0.950 [0.940, 0.960]"]
    assert sorted(row[2] for row in differences[1:]) == sorted(one.verdict for one in MADE.verdicts())
    assert quality[1] == ["alpha", "0.850", "0.750 [0.740, 0.760]", "0.700"]
    assert cuts[1] == ["alpha", "best_f1", "0.615", "0.400", "0.863", "0.700", "0.790", "0.450", "0.912"]
    assert "alpha is ahead on all 800 test rows" in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_several_labels_a_row_are_said() -> None:
    model = MADE.models()[0]
    assert "Precision and recall of the best label." in Page(as_html(compared([model]))).text
    several = replace(model, predictions=replace(model.predictions, multi_label=True))
    text = Page(as_html(compared([several]))).text
    assert "rows have several labels, and metrics are means over them" in text
    assert "Precision and recall of all labels." in text


def test_confusion_counts_rows_and_takes_shares_of_the_gold_label() -> None:
    pairs = [*[("neg", "neg")] * 3, ("neg", "pos"), *[("pos", "pos")] * 2, ("strange", "pos")]
    table = confusion(replace(MADE.models()[0], confusion=[LabelPair(*pair) for pair in pairs]))
    assert table["labels"] == ["neg", "pos", "strange"]
    assert table["rows"] == [
        ("neg", [(3, 0.75), (1, 0.25), (0, 0)]),
        ("pos", [(0, 0), (2, 1), (0, 0)]),
        ("strange", [(0, 0), (1, 1), (0, 0)]),
    ]


def test_a_shortcut_stands_beside_what_it_explains_of_label_and_scores() -> None:
    topic = shortcut_rows(MADE.models())[1]
    assert topic["name"] == "topic"
    assert (topic["label"], topic["scores"]) == (0.3, [0.45] * 3)


def test_caveats_say_what_the_rows_cannot_tell() -> None:
    models = MADE.models()
    sources = {source: {"neg"} for source in ("a", "b")}
    for labels, said in ((sources, True), ({**sources, "b": {"neg", "pos"}}, False), ({"a": {"neg"}}, False)):
        pairs = [(source, gold) for source, own in labels.items() for gold in own]
        columns = {"split": ["test"] * len(pairs), "source": [p[0] for p in pairs], "gold": [p[1] for p in pairs]}
        known = replace(models[0].predictions, columns=columns, probabilities=np.full((len(pairs), 2), 0.5))
        models[0] = replace(models[0], predictions=known)
        assert any("cannot tell quality from telling sources apart" in line for line in caveats(models)) == said
    assert any("another seed" in line for line in caveats(models))
    assert not any("another seed" in line for line in caveats(models[:1]))
