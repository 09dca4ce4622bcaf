"""Evaluation of real small models: the same metrics from raw rows, normalized rows and converted lines."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

import bonepick
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.core.errors import BonepickError
from bonepick.core.replacing import MARKER
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate, predict
from bonepick.evaluation.find_topics import TopicsParams, find_topics
from bonepick.evaluation.predictions_file import load_predictions
from bonepick.evaluation.store import metrics_json, save_evaluation
from bonepick.evaluation.terminal_report import classification_report_of, fasttext_report_of, terminal_report
from bonepick.metrics import bootstrap
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.table import metrics_of
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.text.normalizer import Normalizer

KINDS = ("model2vec", "contrastive", "fasttext")
FILES = {
    MARKER,
    *("metrics.json", "predictions.parquet", "metrics.csv", "thresholds.json"),
    *(f"plots/{name}.csv" for name in ("roc", "pr_curve", "calibration", "confusion", "keep")),
    *(f"tables/{name}" for name in ("composition.csv", "shortcuts.csv", "topics.csv", "confident_errors.jsonl")),
}
Tree = Callable[[Path], dict[str, bytes]]
Write = Callable[..., Path]

QUICK = EvalParams(bootstrap=20)


def evaluated(
    model: Any, directories: list[Path], rows: RowParams, output_dir: Path | None = None, **source: Any
) -> str:
    run = Run(source.pop("workers", 1), source.pop("overwrite", False))
    evaluation = evaluate(model, EvaluationInput(directories, rows, **source), QUICK, run)
    if output_dir:
        save_evaluation(evaluation, output_dir, run)
    return terminal_report(evaluation)


def encoded_metrics(predictions: Predictions) -> bytes:
    return metrics_json(measure(predictions, [""] * len(predictions), QUICK))


def predicted(world: Any, kind: str, *directories: Path, workers: int = 1) -> Predictions:
    return predict(bonepick.load(world.models / kind), EvaluationInput(directories, RowParams()), Run(workers))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_raw_normalized_and_converted_rows_get_the_same_probabilities(world: Any, kind: str) -> None:
    raw = predicted(world, kind, world.raw)
    for other in (world.normalized, world.lines):
        assert predicted(world, kind, other).probabilities.tobytes() == raw.probabilities.tobytes()
    assert raw.columns["split"] == ["test"] * 90 + ["valid"] * 60


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_the_models_for_the_rows_as_they_are(
    world: Any, kind: str, rows_of: Callable[[int, int], Any]
) -> None:
    rows = rows_of(90, 3)
    texts = [row["text"] for row in (*rows[0::2], *rows[1::2])]
    predictions = predicted(world, kind, world.raw).where(split="test")
    model = bonepick.load(world.models / kind)
    np.testing.assert_allclose(predictions.probabilities, model.predict_proba(texts), atol=1e-6)
    ready = [Normalizer("potion")(text) for text in texts]
    np.testing.assert_allclose(predictions.probabilities, model.predict_proba(ready, normalized=True), atol=1e-6)
    assert predictions.columns["gold"] == [row["score"] for row in (*rows[0::2], *rows[1::2])]
    assert metrics_of(predictions)["auc"] > 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_the_same_wherever_and_with_however_many_workers(
    world: Any, tmp_path: Path, kind: str, tree: Tree
) -> None:
    model, found = bonepick.load(world.models / kind), []
    for place, workers in (("one", 1), ("deeper/two", 2)):
        evaluated(model, [world.raw], RowParams(), tmp_path / place, workers=workers)
        found.append(tree(tmp_path / place))
    assert found[0] == found[1]
    assert set(found[0]) == FILES
    assert not any(str(tmp_path).encode() in data for data in found[0].values())


def test_files_hold_the_same_predictions(world: Any, tmp_path: Path) -> None:
    evaluated(bonepick.load(world.models / "model2vec"), [world.raw], RowParams(), tmp_path / "eval")
    written, fresh = (
        load_predictions(tmp_path / "eval" / "predictions.parquet"),
        predicted(world, "model2vec", world.raw),
    )
    assert written.columns == fresh.columns
    assert written.probabilities.tobytes() == fresh.probabilities.tobytes()
    assert (tmp_path / "eval" / "metrics.json").read_bytes() == encoded_metrics(fresh)
    test = fresh.where(split="test")
    with (tmp_path / "eval/plots/confusion.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream))[1:] == [
            list(pair) for pair in zip(test.columns["gold"], test.predicted, strict=True)
        ]


def test_metrics_are_pooled_on_test_and_single_for_each_dataset(
    world: Any, write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any]
) -> None:
    other = write(tmp_path / "other", test=rows_of(50, 9))
    predictions = predicted(world, "contrastive", world.raw, other)
    (kind, found), = json.loads(encoded_metrics(predictions)).items()  # fmt: skip
    assert kind == "contrastive"
    names = {"accuracy", "macro_f1", "auc", "average_precision"}
    assert set(found) == names | {f"valid_{name}" for name in names} | {"own", "other"}
    test = predictions.where(split="test")
    assert len(test.columns["gold"]) == 140
    assert found["accuracy"] == pytest.approx(accuracy_score(test.columns["gold"], test.predicted), abs=1e-6)
    assert {name: found[name] for name in metrics_of(test)} == metrics_of(test)
    assert found["valid_auc"] == metrics_of(predictions.where(split="valid"))["auc"]
    for name in ("own", "other"):
        assert found[name] == {"auc": metrics_of(test.where(dataset=name))["auc"]}  # and no topics, which are not known
    assert len({found["auc"], found["valid_auc"], found["own"]["auc"], found["other"]["auc"]}) == 4


def numbers(value: Any) -> list[float]:
    return [n for own in value.values() for n in numbers(own)] if isinstance(value, dict) else [value]


def test_the_file_of_metrics_has_its_form(make_random: Any) -> None:
    """Sorted keys, six decimals, numbers only."""
    columns = {"dataset": ["b", "a"] * 100, "split": ["test", "test", "valid", "valid"] * 50}
    data = encoded_metrics(make_random(200, ["0", "1", "2"], 1, kind="fasttext", **columns))
    found = json.loads(data)
    assert data.decode() == json.dumps(found, sort_keys=True, indent=2) + "\n"
    assert all(isinstance(n, float) and round(n, 6) == n and 0 <= n <= 1 for n in numbers(found))


def test_what_rows_cannot_give_is_left_out(make: Any) -> None:
    """No NaN, no null: one dataset has one label, validation has none."""
    predictions = make(
        ["neg", "pos", "pos", "pos"], [[0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]], ["neg", "pos"],
        dataset=["two", "two", "one", "one"],
    )  # fmt: skip
    data = encoded_metrics(predictions)
    found = json.loads(data)["model2vec"]
    assert found["two"] == {"auc": 1.0}
    assert "auc" not in found.get("one", {})
    assert "valid_auc" not in found
    assert not any(word in data for word in (b"NaN", b"null", b"Infinity"))


@pytest.mark.parametrize("name", ["auc", "accuracy", "valid_auc"])
def test_a_dataset_that_is_called_like_a_metric_does_not_replace_it(
    world: Any, write: Write, tmp_path: Path, rows_of: Callable[[int, int], Any], name: str
) -> None:
    folder = write(tmp_path / name, test=rows_of(30, 5), valid=rows_of(30, 6))
    try:
        predictions = predicted(world, "model2vec", folder)
        data = encoded_metrics(predictions)
    except BonepickError as error:
        assert repr(name) in str(error)
    else:
        assert isinstance(json.loads(data)["model2vec"][name], float)


def test_a_dataset_with_another_normalizer_is_refused(world: Any, tmp_path: Path) -> None:
    normalize_dataset(world.raw, tmp_path / "own", NormalizeParams(normalizer="whitespace"), RowParams())
    for kind in KINDS:
        with pytest.raises(BonepickError, match="wanted is potion"):
            evaluated(bonepick.load(world.models / kind), [tmp_path / "own"], RowParams(), tmp_path / "eval")
    assert not (tmp_path / "eval").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_report_is_scikit_learns_and_fasttexts_lines_beside_it(world: Any, kind: str) -> None:
    report = evaluated(bonepick.load(world.models / kind), [world.raw], RowParams())
    test = predicted(world, kind, world.raw).where(split="test")
    assert classification_report_of(test).rstrip("\n") in report
    assert (fasttext_report_of(test) in report) == (kind == "fasttext")
    assert report.endswith("\n")


def test_what_the_two_macro_averages_count_is_said(make: Any) -> None:
    """scikit-learn counts a predicted label that no row has, with 0; `macro_f1` is over the labels that rows have."""
    near = np.eye(3)[[0, 1, 1, 2]] * 0.9 + 0.05
    predictions = make(["bad", "fair", "fair", "fair"], near, ["bad", "fair", "good"])
    report = classification_report_of(predictions)
    assert metrics_of(predictions)["macro_f1"] == pytest.approx((1 + 0.8) / 2)
    assert "macro avg       0.67      0.56      0.60" in report
    assert report.endswith(
        "no test row has the label 'good': it counts 0 in this macro average, and macro_f1 leaves it out\n"
    )
    assert "macro_f1" not in classification_report_of(
        make(["bad", "fair", "fair", "good"], near, ["bad", "fair", "good"])
    )


def test_without_an_output_nothing_is_written(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    evaluated(bonepick.load(world.models / "model2vec"), [world.raw], RowParams())
    assert list(tmp_path.iterdir()) == []


def test_an_occupied_output_is_refused(world: Any, tmp_path: Path, tree: Tree) -> None:
    model = bonepick.load(world.models / "model2vec")
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "mine").write_text("keep", encoding="utf-8")
    for overwrite, said in ((False, "not empty"), (True, "holds 'mine', not written by bonepick")):
        with pytest.raises(BonepickError, match=said):
            evaluated(model, [world.raw], RowParams(), tmp_path / "eval", overwrite=overwrite)
    assert [path.name for path in (tmp_path / "eval").iterdir()] == ["mine"]
    (tmp_path / "eval" / "mine").unlink()
    for overwrite in (False, True):
        evaluated(model, [world.raw], RowParams(), tmp_path / "eval", overwrite=overwrite)
    assert set(tree(tmp_path / "eval")) == FILES


def test_labels_that_only_one_side_knows_are_said(world: Any, write: Write, tmp_path: Path, notes: list[str]) -> None:
    rows = [{"text": f"Good{i % 4} x", "score": label} for i, label in enumerate(["good", "bad", "odd", "odd"])]
    folder = write(tmp_path / "own", test=rows)
    for kind in KINDS:
        notes.clear()
        evaluated(bonepick.load(world.models / kind), [folder], RowParams(), tmp_path / kind)
        assert any("'odd' (2 rows)" in said and "count as wrong" in said for said in notes)
        assert any("labels that no row has: fair" in said for said in notes)
        assert json.loads((tmp_path / kind / "metrics.json").read_bytes())[kind]["accuracy"] <= 0.5


def test_a_foreign_model_is_told_its_normalizer(world: Any, tmp_path: Path, notes: list[str]) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/model.bin").write_bytes((world.models / "fasttext/model.bin").read_bytes())
    own = evaluated(FastText.load(world.models / "fasttext"), [world.raw], RowParams())
    told = evaluated(
        FastText.load(tmp_path / "foreign"), [world.raw], RowParams(), normalizer=Normalizer(name="potion")
    )
    untold = evaluated(FastText.load(tmp_path / "foreign"), [world.raw], RowParams())
    assert told.splitlines()[-3:] == own.splitlines()[-3:]
    assert told != untold


def test_metrics_are_resampled_by_as_many_threads_as_are_given(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given, pool = [], bootstrap.ThreadPoolExecutor
    monkeypatch.setattr(bootstrap, "ThreadPoolExecutor", lambda workers: given.append(workers) or pool(workers))
    model = bonepick.load(world.models / "model2vec")
    one, three = (evaluated(model, [world.raw], RowParams(), workers=workers) for workers in (1, 3))
    assert given == [1, 3]
    assert one == three


def test_a_model_stays_as_it_was_given(world: Any, tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/model.bin").write_bytes((world.models / "fasttext/model.bin").read_bytes())
    names, model = ("potion", "whitespace", "potion"), FastText.load(tmp_path / "foreign")
    before = model.manifest
    first, other, again = (evaluated(model, [world.raw], RowParams(), normalizer=Normalizer(name)) for name in names)
    assert first == again != other
    assert model.manifest == before
    evaluated(model, [world.raw], RowParams())
    assert model.manifest == before


def test_a_model_that_knows_its_normalizer_takes_no_other(world: Any) -> None:
    model = FastText.load(world.models / "fasttext")
    evaluated(model, [world.raw], RowParams(), normalizer=Normalizer("potion"))
    for other in (Normalizer("plsfix"), Normalizer("potion", max_length=9)):
        with pytest.raises(BonepickError, match=r"was trained with normalizer potion .*leave --normalization"):
            evaluated(model, [world.raw], RowParams(), normalizer=other)


def test_why_rows_are_left_out_is_said(world: Any, tmp_path: Path, notes: list[str]) -> None:
    (tmp_path / "own/test").mkdir(parents=True)
    lines = ['{"text": "bad1", "score": "bad"}', *['{"text": " ", "score": "bad"}'] * 5]
    (tmp_path / "own/test/a.jsonl").write_text("\n".join(lines))
    evaluated(FastText.load(world.models / "fasttext"), [tmp_path / "own"], RowParams(on_error="quarantine"))
    said = next(note for note in notes if "rejected" in note)
    assert "5 rows were rejected" in said
    assert f"{tmp_path / 'own/test/a.jsonl'}:2: text field 'text' is empty" in said
    assert said.endswith(" ...")


def test_several_datasets_get_a_line_each(world: Any, tmp_path: Path) -> None:
    copytree(world.raw / "test", tmp_path / "copy/test")
    report = evaluated(FastText.load(world.models / "fasttext"), [world.raw, tmp_path / "copy"], RowParams())
    lines = report.partition("test rows of")[2].splitlines()[:4]
    assert lines[0].split() == ["rows", "auc", "accuracy"]
    assert [line.split("  ")[0] for line in lines[1:]] == ["all datasets", "copy", "own"]
    assert lines[2].split()[1:] == lines[3].split()[1:]
    assert lines[2].split()[1] == "90"


def test_topics_enter_predictions_and_metrics_of(world: Any, tmp_path: Path) -> None:
    find_topics([world.normalized], str(world.base), tmp_path / "topics", TopicsParams(n_topics=3), RowParams())
    model = bonepick.load(world.models / "model2vec")
    report = evaluated(model, [world.normalized], RowParams(), tmp_path / "eval", topics=tmp_path / "topics")
    test = load_predictions(tmp_path / "eval/predictions.parquet").where(split="test")
    assert set(test.columns["topic"]) == {0, 1, 2}
    found = json.loads((tmp_path / "eval/metrics.json").read_bytes())["model2vec"]
    scores, targets = test.score, test.targets
    topics = np.array(test.columns["topic"])
    assert test.known.all()
    pairs = [(a, b) for a in range(90) for b in range(90) if topics[a] == topics[b] and targets[a] > targets[b]]
    share = np.mean([(scores[a] > scores[b]) + (scores[a] == scores[b]) / 2 for a, b in pairs])
    assert found["within_topic_auc"] == found["own"]["within_topic_auc"] == pytest.approx(share, abs=1e-6)
    assert found["within_topic_auc"] < found["auc"]
    assert "within_topic_auc" in report
    with (tmp_path / "eval/tables/topics.csv").open(encoding="utf-8", newline="") as stream:
        assert sum(int(line["rows"]) for line in csv.DictReader(stream)) == 90
