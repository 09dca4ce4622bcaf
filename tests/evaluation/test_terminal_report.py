"""What is printed is what the libraries' own users know: scikit-learn's report, fastText's lines."""

import math
import re
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from sklearn.metrics import classification_report

from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, predict
from bonepick.evaluation.terminal_report import classification_report_of, fasttext_report_of, thresholds_report_of


@pytest.mark.parametrize("classes", [["bad", "good"], ["0", "1", "2"]])
def test_the_report_is_scikit_learns(make_random: Any, classes: list[str]) -> None:
    predictions = make_random(200, classes, 1)
    predicted = [classes[i] for i in predictions.probabilities.argmax(axis=1)]
    assert classification_report_of(predictions) == classification_report(predictions.columns["gold"], predicted)


def test_labels_come_worst_to_best(make_random: Any) -> None:
    report = classification_report_of(make_random(200, ["poor", "fair", "good"], 1))
    names = [line.split()[0] for line in report.splitlines() if line.strip() and not line.startswith(" " * 12 + " ")]
    assert names[:3] == ["poor", "fair", "good"]


def test_labels_that_are_absent_or_unknown_raise_no_warning(make: Any) -> None:
    chances = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]
    report = classification_report_of(make(["a", "z", "b"], chances, ["a", "b", "c"]))
    rows = {line.split()[0]: line.split()[1:] for line in report.splitlines() if line.strip()}
    assert "c" not in rows
    assert rows["z"] == ["0.00", "0.00", "0.00", "1"]
    assert rows["b"] == ["0.50", "1.00", "0.67", "1"]


def parsed(report: str) -> tuple[dict[str, list[str]], list[str]]:
    """Label -> F1, precision and recall as they are printed, and the last three lines."""
    lines = report.rstrip("\n").split("\n")
    each = {}
    for line in lines[:-3]:
        found = re.fullmatch(r"F1-Score : (\S+)  Precision : (\S+)  Recall : (\S+)   (__label__\S+)", line)
        assert found, line
        each[found[4]] = [found[1], found[2], found[3]]
    return each, lines[-3:]


def as_main_cc_prints(value: float) -> str:
    """fastText's `writeMetric`."""
    return f"{value:.6f}" if math.isfinite(value) else "--------"


def test_fasttexts_lines_are_its_own(world: Any) -> None:
    directory, lines = world.models / "fasttext", world.lines / "test.txt"
    model = FastText.load(directory)
    predictions = predict(model, EvaluationInput([world.lines], RowParams()))[0].where(split="test")
    each, last = parsed(fasttext_report_of(predictions))
    theirs = fasttext.load_model(str(directory / "model.bin"))
    n, precision, recall = theirs.test(str(lines))
    assert last == [f"N\t{n}", f"P@1\t{precision:.3f}", f"R@1\t{recall:.3f}"]
    meter = theirs.test_label(str(lines))
    assert set(each) == set(meter) == {"__label__bad", "__label__fair", "__label__good"}
    for label, metrics in meter.items():
        for ours, name in zip(each[label], ("f1score", "precision", "recall"), strict=True):
            assert float(ours) == pytest.approx(metrics[name], abs=1e-6)


@pytest.mark.parametrize("gone", ["gold", "predicted"])
def test_a_label_without_rows_or_predictions_is_printed_as_fasttext_prints_it(
    world: Any, tmp_path: Path, gone: str
) -> None:
    """Nothing predicted has no precision, nothing there no recall: fastText prints dashes, and each label it knows."""
    model = FastText.load(world.models / "fasttext")
    texts = [line.split(" ", 1) for line in (world.lines / "test.txt").read_text(encoding="utf-8").splitlines()]
    if gone == "gold":
        chosen = [(label, text) for label, text in texts if label != "__label__fair"]
    else:
        likely = model.predict_proba([text for _, text in texts], normalized=True).argmax(axis=1)
        chosen = [pair for pair, column in zip(texts, likely, strict=True) if model.manifest.classes[column] != "fair"]
    (tmp_path / "own").mkdir()
    lines = tmp_path / "own" / "test.txt"
    lines.write_text("".join(f"{label} {text}\n" for label, text in chosen), encoding="utf-8")
    predictions = predict(model, EvaluationInput([tmp_path / "own"], RowParams()))[0]
    meter = fasttext.load_model(str(world.models / "fasttext" / "model.bin")).test_label(str(lines))
    each, _ = parsed(fasttext_report_of(predictions))
    assert each == {
        label: [as_main_cc_prints(own[name]) for name in ("f1score", "precision", "recall")]
        for label, own in meter.items()
    }
    assert np.isnan(meter["__label__fair"]["recall" if gone == "gold" else "precision"])


def test_a_threshold_has_a_line_with_what_it_keeps() -> None:
    kept = {"kept": 0.4, "precision": 0.9125, "recall": 0.7, "words": None}
    none = {"threshold": None, "chosen": "no threshold reaches it", "valid": None, "test": None, "datasets": {}}
    report = thresholds_report_of({"best_f1": {**none, "threshold": 0.615, "test": kept}, "words_0.1": none})
    assert [line.split() for line in report.splitlines()] == [
        [], ["threshold", "score", "kept", "precision", "recall", "words"],
        ["best_f1", "0.615", "0.400", "0.912", "0.700", "-"], ["words_0.1", *"-----"],
    ]  # fmt: skip
    assert thresholds_report_of({}) == ""
