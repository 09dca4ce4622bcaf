"""The report in a real browser: it asks for nothing, complains of nothing, and fits. Chromium is needed for that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bonepick.reporting.html import as_html
from tests.made_up_evaluations import MadeUp
from tests.system.browser import Browser

MADE = MadeUp({"alpha": {"seen": 0.95, "unseen": 0.75}, "beta": {"seen": 0.85, "unseen": 0.8}})
MANY = MadeUp(
    {f"a-model-with-a-long-name-{'x' * 60}-{i}": {f"data-{d}": 0.9 - i / 50 for d in range(6)} for i in range(8)},
    labels=[f"label-{i}" for i in range(14)],
    sources=[f"www.host-{i}.example/{'path/' * 20}" for i in range(60)],
    n_topics=40,
)
HOSTILE = (
    '</p><img src="http://192.0.2.1/x.png"><script>console.error("ran")</script><style>@import "http://192.0.2.1/y"'
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


def written(made: MadeUp, folder: Path) -> Path:
    page = folder / "report.html"
    page.write_text(as_html(made.comparison(), {"params.yaml": "seed: 42\n"}), encoding="utf-8")
    return page


@pytest.mark.parametrize(
    "made",
    [
        MADE,
        MANY,
        replace(MADE, excerpt=HOSTILE, sources=[HOSTILE, "web"]),
        MadeUp({"a": {"own": 0.8}}, valid=False, n_topics=0),
    ],
    ids=["two models", "eight models with long names", "hostile texts", "one model without valid rows and topics"],
)
def test_report_asks_for_nothing_complains_of_nothing_and_fits(browser: Browser, tmp_path: Path, made: MadeUp) -> None:
    page = written(made, tmp_path)
    seen = browser.open(page)
    (tmp_path / "screenshot.png").write_bytes(seen.screenshot)  # to be looked at
    assert seen.requests == [page.as_uri()]
    assert seen.errors == []
    assert seen.overflow == 0, "there is something to scroll sideways in a window of 1200 pixels"
    assert len(seen.charts) >= 4
    assert all(100 < width <= 1200 and height > 20 for width, height in seen.charts)
    assert seen.screenshot.startswith(b"\x89PNG") and len(seen.screenshot) > 20_000


def test_a_page_that_asks_or_complains_or_is_too_wide_is_found_out(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        '<!DOCTYPE html><title>bad</title><img src="http://192.0.2.1/x.png"><div style="width: 3000px">wide</div>'
        "<script>console.error('a complaint'); nothing.there()</script>",
        encoding="utf-8",
    )
    seen = browser.open(page)
    assert "http://192.0.2.1/x.png" in seen.requests
    assert any("a complaint" in error for error in seen.errors)
    assert any("nothing is not defined" in error for error in seen.errors)
    assert seen.overflow > 1000


def test_without_chromium_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssertionError, match=r"chromium is not installed.*: apt-get install chromium"):
        Browser(tmp_path)
