"""The templates of `dvc plots`: filled by DVC's own renderer, they tell models and revisions apart."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from dvc_render.vega import VegaRenderer

TEMPLATES = Path(__file__).parents[2] / ".dvc/plots"


def drawn(template: str, rows: list[dict[str, Any]], x: str, y: str) -> str:
    renderer = VegaRenderer(rows, "plots", x=x, y=y, template=template, template_dir=str(TEMPLATES), title="Title")
    filled = renderer.get_filled_template()
    assert "DVC_METRIC" not in json.dumps(filled)
    svg: str = vl_convert.vegalite_to_svg(filled, vl_version="5.21")
    return svg


def rows_of(**columns: Any) -> list[dict[str, Any]]:
    """Two models in two revisions; columns are functions of both."""
    keys = [(model, rev) for model in ("contrastive", "fasttext") for rev in ("HEAD", "workspace")]
    return [
        {"model": model, "rev": rev, **{name: value(model, rev, i) for name, value in columns.items()}}
        for model, rev in keys
        for i in range(6)
    ]


@pytest.mark.parametrize("template", ["curves", "confusion_by_model"])
def test_templates_have_the_anchors_that_dvc_fills(template: str) -> None:
    text = (TEMPLATES / f"{template}.json").read_text(encoding="utf-8")
    wanted = {"DATA", "TITLE", "X", "Y", "X_LABEL", "Y_LABEL", "PLOT_WIDTH", "PLOT_HEIGHT"}
    assert wanted <= set(re.findall(r"<DVC_METRIC_(\w+)>", text))


def test_curves_have_a_colour_a_model_and_a_dash_a_revision() -> None:
    rows = rows_of(recall=lambda model, rev, i: i / 5, precision=lambda model, rev, i: 1 - i / (20 + len(model + rev)))
    svg = drawn("curves", rows, "recall", "precision")
    lines = re.findall(r'<path[^>]* aria-roledescription="line mark"[^>]*>', svg)
    assert len(lines) == 4
    assert len({re.search(r'stroke="([^"]*)"', line)[1] for line in lines}) == 2  # type: ignore[index]
    assert len({re.search(r'stroke-dasharray="([^"]*)"', line)[1] for line in lines}) == 2  # type: ignore[index]
    for name in ("contrastive", "fasttext", "HEAD", "workspace", "Title"):
        assert f">{name}<" in svg


def test_confusion_has_a_panel_a_model_and_revision() -> None:
    rows = rows_of(gold=lambda model, rev, i: "np"[i % 2], predicted=lambda model, rev, i: "np"[i > 3])
    svg = drawn("confusion_by_model", rows, "predicted", "gold")
    cells = re.findall(r"predicted: (\w); gold: (\w); rows: (\d+)", svg)
    assert sorted(cells) == sorted([("n", "n", "2"), ("n", "p", "2"), ("p", "n", "1"), ("p", "p", "1")] * 4)
    for name in ("contrastive", "fasttext", "HEAD", "workspace"):
        assert f">{name}<" in svg
