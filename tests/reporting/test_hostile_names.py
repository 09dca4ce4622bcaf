"""Whatever sources, labels, topics and datasets are called, they go through every file and the report as data."""

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from markdown_it import MarkdownIt

from bonepick.core.cells import csv_text
from bonepick.core.run import Run
from bonepick.data.labels import canonical_label
from bonepick.evaluation.store import load, save_evaluation
from bonepick.evaluation.terminal_report import terminal_report
from bonepick.evaluation.topics import Topic
from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.reporting.compare import Comparison, compare
from bonepick.reporting.save_comparison import DIFFERENCES_FILE, comparison_files
from tests.made_up_predictions import random_predictions

EVIL = [
    "a\rb", "a\nb", "a\r\nb", "a\0b", "a\x1cb", "a\x1fb", "a\x85b", "a\u2028b", "a\x1b[2Jb", "a,b", 'a"b',
    "a|b", "a\\|b",
    "`a`", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table>", "=1+1", "+cmd", "-cmd", "@a",
    "'=1", "\t=1", "{{ 1 }}", "[a](javascript:alert(1))", "a\u202eb", 'x" class="y" id="z', "null", "",
    "x" * 200_000, "x" * 200_000 + "y",
    "constructor", "__proto__", "toString", "items", "keys", "c\u2029d", "__class__",
]  # fmt: skip
NAMES = list(dict.fromkeys(canonical_label(name) for name in EVIL if name))
PARAMS = EvalParams(bootstrap=20)


def evaluated(labels: list[str], datasets: list[str], seed: int) -> Evaluation:
    """Return an evaluation in which every name is in use."""
    n = 20 * len(EVIL)
    columns = {
        "source": [EVIL[row % len(EVIL)] for row in range(n)],
        "group": [EVIL[-row % len(EVIL)] for row in range(n)],
        "topic": [row % 3 for row in range(n)],
        "dataset": [datasets[row // 5 % len(datasets)] for row in range(n)],
        "split": ["valid" if row % 5 == 0 else "test" for row in range(n)],
    }
    predictions = random_predictions(n, labels, 1, **columns)
    noise = np.random.default_rng(seed).dirichlet(np.ones(len(labels)), size=n)
    predictions = replace(predictions, probabilities=0.8 * predictions.probabilities + 0.2 * noise)
    return measure(predictions, [f"{name} excerpt" for name in columns["source"]], PARAMS, 1)


@pytest.fixture(scope="module", params=["sources", "labels"])
def comparison(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Two models, compared after their evaluations were written and read."""
    labels, datasets = (["neg", "pos"], ["a|b", "=1+1\r\0"]) if request.param == "sources" else (NAMES, ["own"])
    folder = tmp_path_factory.mktemp("evals")
    for seed, model in enumerate(["=1+1,\r", "<b>`a|\x1b"]):
        evaluation = evaluated(labels, datasets, seed)
        assert terminal_report(evaluation).replace("\n", "").isprintable()
        save_evaluation(evaluation, folder / model, Run(1))
        found = load(folder / model)
        for field in ("metrics", "composition", "confusion", "confident_errors", "shortcuts", "topics"):
            assert getattr(found, field) == getattr(evaluation, field), "what is written is read"
        assert found.predictions.columns == evaluation.predictions.columns
        assert found.predictions.classes == labels
    result = compare({"": folder}, PARAMS, Run(1))
    topics = [Topic(number, NAMES, 1, NAMES) for number in range(3)]
    return Comparison(result.models, result.leaderboard, result.differences, topics, result.history, result.notes)


@pytest.fixture(scope="module")
def files(comparison: Comparison) -> dict[str, str]:
    return comparison_files(comparison, {"Parameters": "a: <b>\n"})


def test_tables_hold_the_names(comparison: Comparison, files: dict[str, str]) -> None:
    models = {model.name for model in comparison.models}
    for name in (name for name in files if name.endswith(".csv")):
        header, *rows = csv.reader(io.StringIO(files[name], newline=""))
        assert {len(row) for row in rows} <= {len(header)}
        named = header[0] in ("model", "first")
        assert {csv_text(row[0]) for row in rows if named} <= models
        cells = [cell for row in [header, *rows] for cell in row]
        assert not [cell for cell in cells if re.match(r"[=+@\t\r].|-[^\d.]", cell, re.DOTALL)], "a formula"
    assert len(files[DIFFERENCES_FILE]) > 100


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_has_no_markup_of_theirs(files: dict[str, str]) -> None:
    page = files["report.html"]
    tags = _Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img"}
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert page.count("</table>") == page.count("<table")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", page)
    assert "&lt;script&gt;alert(1)" in page
    assert len(page) < 3_000_000


@pytest.mark.parametrize("name", ["leaderboard.md", "report.md"])
def test_markdown_has_none_either(files: dict[str, str], name: str) -> None:
    text = files[name]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    assert not {token.type for token in tokens} & {"html_block", "code_block", "fence"}
    columns = {row.count("|") - row.count("\\|") for row in text.split("\n## ")[0].split("\n") if row.startswith("| ")}
    assert len(columns) <= 1
    assert text.replace("\n", "").replace("\xa0", "").isprintable()
    assert max(map(len, text.split("\n"))) < 3_000


def test_what_is_printed_is_lines_for_people(comparison: Comparison) -> None:
    assert str(comparison).replace("\n", "").isprintable()
