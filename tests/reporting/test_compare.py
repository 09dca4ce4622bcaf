"""The leaderboard and its differences: best first, the same rows for all, and what is not known is a dash."""

import csv
import io
import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from bonepick.core.errors import BonepickError
from bonepick.core.replacing import MARKER
from bonepick.core.run import Run
from bonepick.core.tables import as_markdown
from bonepick.evaluation.predictions_file import save_predictions
from bonepick.evaluation.store import save_evaluation
from bonepick.metrics.bootstrap import bootstrap
from bonepick.metrics.measure import measure
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.slices import ALL, Slice
from bonepick.metrics.table import metrics_of
from bonepick.reporting.compare import Comparison, compare
from bonepick.reporting.save_comparison import save_comparison
from stages import compare as stage

CLASSES = ["neg", "pos"]
QUICK = EvalParams(bootstrap=50)


def ranked(make: Any, kind: str, wrong: int, n: int = 200, **columns: Any) -> Predictions:
    """Scores that put every row right but for so many of the better ones, which come last."""
    better = np.arange(n) % 2
    score = np.where(better == 1, 0.9, 0.1) + np.arange(n) * (0.002 / n)
    score[np.flatnonzero(better)[:wrong]] = 0.01 + np.arange(wrong) * 1e-5
    gold = [CLASSES[b] for b in better]
    made: Predictions = make(gold, np.stack([1 - score, score], axis=1), CLASSES, kind=kind, **columns)
    return made


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    return tmp_path / "evals"


def save(evals: Path, *models: Predictions) -> Path:
    for model in models:
        save_evaluation(measure(model, [""] * len(model), QUICK), evals / model.kind, Run())
    return evals


def compared(evals: Path, params: EvalParams = QUICK) -> Comparison:
    return compare({"evals": evals}, params)


def table_of(evals: Path, *models: Predictions) -> list[list[str]]:
    return compared(save(evals, *models)).leaderboard


def test_the_best_comes_first_whatever_its_name(make: Any, evals: Path) -> None:
    table = table_of(evals, *(ranked(make, kind, wrong) for kind, wrong in (("c", 5), ("a", 20), ("d", 0), ("b", 60))))
    assert [row[0] for row in table] == ["model", "d", "c", "a", "b"]
    aucs = [float(row[1].split()[0]) for row in table[1:]]
    assert aucs == sorted(aucs, reverse=True)


def test_a_difference_that_rounding_hides_still_decides_the_order(make: Any, evals: Path) -> None:
    models = (ranked(make, kind, wrong, n=20_000) for kind, wrong in (("z", 21), ("a", 20), ("m", 22)))
    table = table_of(evals, *models)
    assert len({row[1].split()[0] for row in table[1:]}) == 1
    assert [row[0] for row in table[1:]] == ["a", "z", "m"]


def test_equal_models_come_in_the_order_of_their_names(make: Any, evals: Path) -> None:
    table = table_of(evals, *(ranked(make, kind, 3) for kind in ("b", "a", "c")))
    assert [row[0] for row in table[1:]] == ["a", "b", "c"]


def test_figures_are_those_of_the_evaluation(make_random: Any, evals: Path) -> None:
    columns = {
        "dataset": ["sample", "unseen", "sample", "sample"] * 50,
        "split": ["test", "test", "valid", "test"] * 50,
        "topic": [i % 3 for i in range(200)],
    }
    model = make_random(200, ["0", "1", "2"], 1, **columns)
    header, row = table_of(evals, model)
    assert header == [
        *("model", "auc", "auc sample", "auc unseen", "within topics", "accuracy", "macro f1", "valid auc")
    ]
    test = model.where(split="test")
    found = bootstrap([test], QUICK)
    datasets = (("", "auc"), ("sample", "auc"), ("unseen", "auc"), ("", "within_topic_auc"))
    for cell, (dataset, name) in zip(row[1:5], datasets, strict=True):
        value = metrics_of(test.where(dataset=dataset) if dataset else test)[name]
        low, high = found.interval(0, (Slice("dataset", dataset) if dataset else ALL, name))
        assert cell == f"{value:.3f} [{low:.3f}, {high:.3f}]"
    plain = [metrics_of(test)["accuracy"], metrics_of(test)["macro_f1"], metrics_of(model.where(split="valid"))["auc"]]
    assert row[5:] == [f"{number:.3f}" for number in plain]


def test_what_is_not_known_is_a_dash(make: Any, evals: Path) -> None:
    gold = ["neg", "pos", "pos", "pos"] * 20
    chances = [[0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]] * 20
    (_, row) = table_of(evals, make(gold, chances, CLASSES, dataset=["two", "two", "one", "one"] * 20))
    assert row == [*("model2vec", "1.000 [1.000, 1.000]", "1.000 [1.000, 1.000]", "1.000", "1.000", "-")]


def test_a_model_without_a_figure_comes_last(make: Any, evals: Path) -> None:
    """It knows only one of the labels that the rows have."""
    strange = make(["neg", "pos"] * 100, [[0.5, 0.5]] * 200, ["pos", "unheard-of"], kind="z")
    found = compared(save(evals, strange, ranked(make, "a", 90)))
    assert [(row[0], row[1] == "-") for row in found.leaderboard[1:]] == [("a", False), ("z", True)]
    assert found.differences == []


def test_differences_are_of_each_two_and_the_better_one_is_second(make: Any, evals: Path) -> None:
    models = [ranked(make, kind, wrong) for kind, wrong in (("b", 20), ("a", 2), ("same", 2))]
    found = compared(save(evals, *models)).differences
    pooled = {(one.first, one.second): one for one in found if one.slice == ALL}
    assert set(pooled) == {("same", "a"), ("b", "a"), ("b", "same")}
    better = pooled["b", "a"]
    assert better.value == pytest.approx(metrics_of(models[1])["auc"] - metrics_of(models[0])["auc"], abs=1e-6)
    assert 0 < better.low < better.value < better.high
    assert better.better == "a"
    assert (pooled["same", "a"].value, pooled["same", "a"].better) == (0, None)
    assert pooled["same", "a"].verdict.startswith("no difference that 200 test rows can show")


def test_a_difference_is_paired(make: Any, evals: Path) -> None:
    """Two models that fail on the same rows: each one's interval is wide, that of the difference is not."""
    models = [ranked(make, "a", 40), ranked(make, "b", 42)]
    found = compared(save(evals, *models))
    (pooled,) = [one for one in found.differences if one.slice == ALL]
    low, high = bootstrap([models[0]], QUICK).interval(0, (ALL, "auc"))
    assert pooled.high - pooled.low < 0.5 * (high - low)


def test_models_of_two_runs_are_compared_by_name(make: Any, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    save(one, ranked(make, "a", 30), ranked(make, "b", 5))
    save(two, ranked(make, "a", 5), ranked(make, "b", 30), ranked(make, "c", 1))
    found = compare({"HEAD": one, "exp": two}, QUICK)
    assert {row[0] for row in found.leaderboard[1:]} == {"HEAD:a", "HEAD:b", "exp:a", "exp:b", "exp:c"}
    verdicts = {(one.first, one.second): one.better for one in found.differences if one.slice == ALL}
    assert verdicts == {("HEAD:a", "exp:a"): "exp:a", ("HEAD:b", "exp:b"): "HEAD:b"}
    alone = compare({"x": one / "a", "y": two / "c"}, QUICK)
    assert [(one.first, one.second, one.better) for one in alone.differences if one.slice == ALL] == [("x", "y", "y")]


def test_files_hold_what_is_returned(make: Any, evals: Path, tmp_path: Path, tree: Callable[..., Any]) -> None:
    models = [ranked(make, kind, wrong, topic=[0] * 200) for kind, wrong in (("model2vec", 3), ("fasttext", 1))]
    save(evals, *models)
    (tmp_path / "models/fasttext").mkdir(parents=True)
    (tmp_path / "models/fasttext/history.csv").write_text("epoch,train_loss,valid_loss\n1,0.350500,0.318534\n")
    (tmp_path / "topics").mkdir()
    described = [{"topic": 0, "words": ["sea"], "train_rows": 3, "examples": ["a text about ships"]}]
    (tmp_path / "topics/topics.json").write_text(json.dumps(described))
    names = ("dataset", "split", "row", "digest", "topic")
    pq.write_table(pa.table({name: models[0].columns[name] for name in names}), tmp_path / "topics/topics.parquet")
    made_by = {"Parameters": "eval:\n  seed: 42\n"}
    for place in ("reports", "again/reports"):
        found = compare({"": evals}, QUICK, topics=tmp_path / "topics", models_dir=tmp_path / "models")
        save_comparison(found, tmp_path / place, Run(), made_by)
    files = tree(tmp_path / "reports")
    assert json.loads(files.pop(MARKER))["kind"] == "report"
    curves = ("roc", "pr_curve", "calibration", "keep", "confusion", "history")
    assert set(files) == {
        *("leaderboard.md", "leaderboard.csv", "differences.csv", "report.html", "report.md"),
        *(f"plots/{name}.csv" for name in curves),
    }
    assert tree(tmp_path / "reports") == tree(tmp_path / "again/reports")
    assert files["leaderboard.md"].decode() == as_markdown(found.leaderboard)
    assert list(csv.reader(io.StringIO(files["leaderboard.csv"].decode()))) == found.leaderboard
    lines = list(csv.DictReader(io.StringIO(files["differences.csv"].decode())))
    assert [line["verdict"] for line in lines] == [one.verdict for one in found.differences]
    assert [float(line["difference"]) for line in lines] == pytest.approx([d.value for d in found.differences])
    for page in ("report.html", "report.md"):
        assert found.differences[0].verdict in files[page].decode()
    for words in ("a text about ships", made_by["Parameters"]):
        assert words in files["report.html"].decode()
    assert str(tmp_path) not in files["report.html"].decode()
    for name in curves[:-1]:
        lines = list(csv.reader(io.StringIO(files[f"plots/{name}.csv"].decode())))
        for kind in ("model2vec", "fasttext"):
            with (evals / kind / "plots" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                header, *alone = csv.reader(stream)
            assert lines[0] == ["model", *header]
            assert [line[1:] for line in lines if line[0] == kind] == alone
    assert files["plots/history.csv"] == b"model,epoch,train_loss,valid_loss\nfasttext,1,0.3505,0.318534\n"
    printed = str(found)
    assert printed.startswith(as_markdown(found.leaderboard))
    assert all(one.verdict in printed for one in found.differences)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BonepickError, match="holds no evaluation"):
            compare({"": folder}, QUICK)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"n": 198}, id="fewer rows"),
        pytest.param({"dataset": "other"}, id="another dataset"),
        pytest.param({"split": ["test"] * 199 + ["valid"]}, id="another split"),
        pytest.param({"digest": [f"{i + 1:064x}" for i in range(200)]}, id="other texts"),
    ],
)
def test_models_that_saw_different_rows_are_not_compared(
    make: Any, evals: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    save(evals, ranked(make, "a", 3), ranked(make, "b", 3, **changed))
    with pytest.raises(BonepickError, match="a and b were evaluated on different test rows"):
        compare({"": evals}, QUICK)


def test_rows_whose_text_one_side_does_not_know_are_compared(make: Any, evals: Path, tmp_path: Path) -> None:
    """An evaluation on converted lines or normalized rows knows no digests."""
    save(evals, ranked(make, "a", 3), ranked(make, "b", 4, digest=[None] * 200, length=[None] * 200))
    assert "| b " in str(compared(evals))


def test_what_a_killed_evaluation_left_is_no_model(make: Any, evals: Path, tmp_path: Path) -> None:
    """`.NAME.partial-*` beside the target: whole or not at all."""
    save(evals, ranked(make, "a", 3))
    (evals / ".b.partial-x1").mkdir()
    save_predictions(ranked(make, "b", 1), evals / ".b.partial-x1" / "predictions.parquet")
    assert "| b " not in str(compared(evals))


def test_models_that_were_judged_by_other_labels_are_not_compared(make: Any, evals: Path) -> None:
    model = ranked(make, "b", 3)
    save(evals, ranked(make, "a", 3), replace(model, columns={**model.columns, "gold": ["pos", "neg"] * 100}))
    with pytest.raises(BonepickError, match="a and b were evaluated on different test rows, or on other labels"):
        compared(evals)


def test_other_validation_rows_are_no_obstacle(make: Any, evals: Path) -> None:
    """A share held out for validation may change between two runs; the test rows are the same."""
    splits = (["test"] * 180 + ["valid"] * 20, ["test"] * 180 + ["train"] * 20)
    save(evals, *(ranked(make, kind, 3, split=split) for kind, split in zip("ab", splits, strict=True)))
    assert compared(evals).differences


def test_models_on_other_topics_are_compared_on_the_same(make: Any, evals: Path) -> None:
    """Equal models differ by nothing, however their evaluations cut the rows into topics."""
    halves, threes = [0] * 100 + [1] * 100, [number % 3 for number in range(200)]
    save(evals / "one", ranked(make, "a", 9, topic=halves))
    save(evals / "two", ranked(make, "a", 9, topic=threes))
    comparison = compare({"one": evals / "one", "two": evals / "two"}, QUICK)
    assert [one.value for one in comparison.differences if one.metric == "within_topic_auc"] == [0.0]
    within = [model.value(ALL, "within_topic_auc") for model in comparison.models]
    assert within[0] != within[1]
    assert "one:a: evaluated with other topics than two:a; the table has its own value" in str(comparison)
    save(evals / "three", ranked(make, "a", 9, topic=threes))
    same = compare({"two": evals / "two", "three": evals / "three"}, QUICK)
    assert not same.notes


def test_a_missing_table_of_differences_is_explained(make: Any, evals: Path) -> None:
    one_label = make(["pos"] * 4, np.full((4, 2), 0.5), CLASSES, kind="a")
    save(evals, one_label, replace(one_label, kind="b"))
    assert compared(evals).notes == ["no difference can be measured: the test rows have one label only, or none"]


def test_other_topics_than_the_evaluations_are_refused(make: Any, evals: Path, tmp_path: Path) -> None:
    """Their words and examples would stand beside the figures of others."""
    model = ranked(make, "a", 3, topic=[0] * 200)
    save(evals, model)
    (tmp_path / "topics").mkdir()
    described = [{"topic": n, "words": [], "train_rows": 1, "examples": []} for n in (0, 1)]
    (tmp_path / "topics/topics.json").write_text(json.dumps(described))
    names = ("dataset", "split", "row", "digest")
    columns = {name: model.columns[name] for name in names}
    pq.write_table(pa.table({**columns, "topic": [1] * 200}), tmp_path / "topics/topics.parquet")
    with pytest.raises(BonepickError, match="holds other topics than the models were evaluated with"):
        compare({"": evals}, QUICK, topics=tmp_path / "topics")


TOP = Path(__file__).parents[2]


def stage_report(folder: Path, evals: Path, params: str) -> bytes:
    """The page that the stage makes in a folder where this is `params.yaml`."""
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    topics_of_nothing(folder / "topics", evals)
    topics, models, reports = (folder / name for name in ("topics", "models", "reports"))
    rates = TOP / "benchmarks/rates.csv"
    paths = Namespace(evals=evals, topics=topics, models=models, rates=rates, output_dir=reports)
    stage.main(paths, Run(overwrite=True))
    return (folder / "reports" / "report.html").read_bytes()


def topics_of_nothing(folder: Path, evals: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "topics.json").write_text("[]")


def test_the_stages_report_shows_values_and_no_comments(
    make: Any, evals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(evals, ranked(make, "model2vec", 3), ranked(make, "fasttext", 1))
    monkeypatch.chdir(tmp_path)
    params = (TOP / "params.yaml").read_text(encoding="utf-8").replace("bootstrap: 1000", "bootstrap: 20")
    first = stage_report(tmp_path, evals, params)
    assert b"bootstrap: 20\n" in first
    assert b"python -m" not in first
    edited = f"# what nobody tracks\n{params}".replace("bootstrap: 20", "bootstrap:   20  # few")
    assert stage_report(tmp_path, evals, edited) == first
    assert stage_report(tmp_path, evals, f"{params}\nof_no_stage: 1\n") == first
    assert stage_report(tmp_path, evals, params.replace("n_topics: 50", "n_topics: 51")) != first


@pytest.mark.parametrize(
    "name",
    [
        "s3://key:hunter2@bucket/rows",
        "https://host/a.jsonl?token=hunter2",
        'zip://*.jsonl::ftp://me:it\'s "hunter2" @host/a.zip',
        "S3://bucket/a.jsonl#X-Amz-Signature=hunter2",
    ],
)
def test_the_stages_report_shows_no_secrets_of_urls(
    make: Any, evals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    save(evals, ranked(make, "model2vec", 3), ranked(make, "fasttext", 1))
    monkeypatch.chdir(tmp_path)
    whole = YAML(typ="safe").load(TOP / "params.yaml")
    whole["datasets"]["mine"] = {"import": {"name": name, "map_split": [name]}}
    whole["eval"]["bootstrap"] = 20
    stage_report(tmp_path, evals, json.dumps(whole))
    files = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert not [path for path in files if b"hunter2" in path.read_bytes()]
    assert any(b"mine:" in path.read_bytes() for path in files)


def test_the_report_is_the_same_for_any_number_of_workers(
    make: Any, evals: Path, tmp_path: Path, tree: Callable[..., Any], bonepick: Callable[..., Any]
) -> None:
    save(evals, ranked(make, "model2vec", 3), ranked(make, "fasttext", 1))
    found = []
    for workers in ("1", "3"):
        folder = tmp_path / f"with-{workers}"
        ended = bonepick("compare", evals, "-o", folder, "-p", workers, "--bootstrap", "30")
        assert ended.code == 0
        found.append((ended.out, tree(folder)))
    assert found[0] == found[1]


def test_kinds_that_are_not_named_are_not_looked_at(make: Any, evals: Path) -> None:
    save(evals, ranked(make, "a", 3), ranked(make, "b", 1), ranked(make, "dropped", 0, n=198))
    found = compare({"": evals}, QUICK, kinds=["a", "b"])
    assert [model.name for model in found.models] == ["b", "a"]
    with pytest.raises(BonepickError, match=r"holds no evaluation that can be read: wanted .*\{c,d\}"):
        compare({"": evals}, QUICK, kinds=["c", "d"])


def test_an_evaluation_of_an_older_version_is_refused(make: Any, evals: Path) -> None:
    save(evals, ranked(make, "a", 3))
    (evals / "a/metrics.csv").rename(evals / "a/figures.csv")
    with pytest.raises(BonepickError, match=r"^a was evaluated by an older version .*: evaluate again"):
        compare({"": evals}, QUICK)
    with pytest.raises(BonepickError, match=r"^HEAD:a was evaluated by an older version"):
        compare({"HEAD": evals, "exp": evals}, QUICK)


def test_a_damaged_history_is_named(make: Any, evals: Path, tmp_path: Path) -> None:
    save(evals, ranked(make, "a", 3))
    (tmp_path / "models/a").mkdir(parents=True)
    (tmp_path / "models/a/history.csv").write_text("epoch,loss\n1,0.5\n")
    with pytest.raises(BonepickError, match=r"history\.csv is damaged .*: train again"):
        compare({"": evals}, QUICK, models_dir=tmp_path / "models")


def test_an_occupied_folder_is_refused(make: Any, evals: Path, tmp_path: Path) -> None:
    found = compared(save(evals, ranked(make, "a", 3)))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/mine").write_text("keep")
    with pytest.raises(BonepickError, match="not empty"):
        save_comparison(found, tmp_path / "reports")
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["mine"]
