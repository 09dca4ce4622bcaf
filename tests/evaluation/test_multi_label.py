"""Rows with several labels, or none: metrics against scikit-learn and fastText, from predictions and end to end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext as library
import numpy as np
import pytest
from sklearn.metrics import f1_score

from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.errors import BonepickError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.predictions_file import load_predictions, save_predictions
from bonepick.evaluation.store import save_evaluation
from bonepick.evaluation.terminal_report import classification_report_of, terminal_report
from bonepick.metrics.bootstrap import bootstrap
from bonepick.metrics.curves import pr_points
from bonepick.metrics.measure import metric_rows
from bonepick.metrics.params import EvalParams
from bonepick.metrics.predictions import Predictions
from bonepick.metrics.table import metrics_of
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.reporting.compare import compare

Make, Write = Callable[..., Predictions], Callable[..., Path]
LABELS = ("code", "law", "maths")
CHANCES = [[0.9, 0.2, 0.6], [0.1, 0.8, 0.3], [0.4, 0.3, 0.2], [0.7, 0.6, 0.1]]
GOLD = ["code maths", "law", "", "code"]
QUICK = EvalParams(bootstrap=20)
TOPICS = RowParams(label_field="topics")


def evaluated(model: Any, directories: list[Path], rows: RowParams, output_dir: Path | None = None) -> str:
    evaluation = evaluate(model, EvaluationInput(directories, rows), QUICK)
    if output_dir:
        save_evaluation(evaluation, output_dir, Run())
    return terminal_report(evaluation)


def rows_of(predictions: Predictions) -> dict[tuple[str, str, str], float]:
    rows = metric_rows(predictions, bootstrap([predictions], QUICK))
    return {(row.slice.level, row.slice.name, row.metric): row.value for row in rows}


@pytest.fixture
def known(make: Make) -> Predictions:
    made = make(GOLD, CHANCES, LABELS)
    return Predictions(made.kind, made.classes, made.columns, made.probabilities, multi_label=True)


def test_metrics_of_a_worked_example(known: Predictions) -> None:
    """By hand: predicted are code maths | law | nothing | code law; one label too many in all."""
    assert known.predicted == ["code maths", "law", "", "code law"]
    # micro: 4 hits of 5 predicted and 4 gold; macro: (1 + 2/3 + 1) / 3; each label's positives rank above all others
    assert metrics_of(known) == {
        "accuracy": 0.75,
        "micro_f1": pytest.approx(8 / 9, abs=1e-6),
        "macro_f1": pytest.approx(8 / 9, abs=1e-6),
        "auc": 1.0,
        "average_precision": 1.0,
    }


def test_a_label_that_all_rows_or_none_have_has_no_auc(make: Make) -> None:
    made = make(["a", "a b"], [[0.9, 0.2], [0.8, 0.9]], ["a", "b"])
    found = metrics_of(Predictions(made.kind, made.classes, made.columns, made.probabilities, multi_label=True))
    assert found["auc"] == 1.0
    alike = make(["a", "a"], [[0.9, 0.2], [0.8, 0.9]], ["a", "b"])
    assert "auc" not in metrics_of(
        Predictions("x", alike.classes, alike.columns, alike.probabilities, multi_label=True)
    )


def test_a_row_with_a_label_that_the_model_does_not_know_is_wrong(make: Make) -> None:
    made = make(["a new", "b"], [[0.9, 0.2], [0.1, 0.9]], ["a", "b"])
    assert metrics_of(Predictions("x", made.classes, made.columns, made.probabilities, True))["accuracy"] == 0.5


def test_random_cases_agree_with_scikit_learn(make: Make) -> None:
    rng = np.random.default_rng(1)
    gold, chances = rng.random((300, 3)) < 0.4, rng.random((300, 3))
    names = [" ".join(label for label, has in zip(LABELS, row, strict=True) if has) for row in gold]
    made = make(names, chances, LABELS)
    found = metrics_of(Predictions("x", made.classes, made.columns, made.probabilities, True))
    assert found["micro_f1"] == pytest.approx(f1_score(gold, chances >= 0.5, average="micro"), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(f1_score(gold, chances >= 0.5, average="macro"), abs=1e-6)


def test_they_come_back_from_the_file_without_a_score(known: Predictions, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    save_predictions(known, tmp_path / "p.parquet")
    assert pq.read_table(tmp_path / "p.parquet")["score"].null_count == 4
    found = load_predictions(tmp_path / "p.parquet")
    assert found.multi_label
    assert found.gold_sets == [["code", "maths"], ["law"], [], ["code"]]
    assert metrics_of(found) == metrics_of(known)


def test_the_curve_goes_over_all_pairs_of_row_and_label(known: Predictions) -> None:
    points = pr_points(known)
    assert points[0][0] == 1.0, "the lowest threshold finds all"
    assert (1.0, 0.8, 0.6) in points


def test_the_report_has_a_line_a_label(known: Predictions) -> None:
    lines = classification_report_of(known).splitlines()
    assert [line.split()[0] for line in lines[2:5]] == list(LABELS)
    assert any(line.split()[:2] == ["samples", "avg"] for line in lines)


def topics(n: int, seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        has = {label: int(rng.random() < 0.4) for label in LABELS}
        words = [
            f"{label}{rng.integers(4)}" for label in LABELS for _ in range(3) if rng.random() < (has[label] or 0.1)
        ]
        rows.append({"text": " ".join([*words, "word"]), "topics": has})
    return rows


@pytest.fixture(scope="module")
def model_and_data(tmp_path_factory: pytest.TempPathFactory, write: Write) -> tuple[Path, Path, Path]:
    root = tmp_path_factory.mktemp("topics")
    raw = write(root / "raw", train=topics(400, 1), valid=topics(50, 2), test=topics(120, 3))
    lines = root / "lines"
    convert_to_fasttext(raw, lines, ConvertParams(multi_label=True), RowParams(label_field="topics"))
    params = FastTextParams(loss="ova", bucket=100, dimension=6, epoch=30, word_ngrams=1)
    train("fasttext", TrainingInput([lines]), root / "model", params)
    return root / "model", lines, raw


def test_fasttext_lines_are_fasttexts_own(model_and_data: tuple[Path, Path, Path]) -> None:
    model_dir, lines, _ = model_and_data
    report = evaluated(FastText.load(model_dir), [lines], RowParams())
    own = library.load_model(str(model_dir / "model.bin"))
    n, precision, recall = own.test(str(lines / "test.txt"))
    assert f"N\t{n}\nP@1\t{precision:.3f}\nR@1\t{recall:.3f}\n" in report
    for label, found in own.test_label(str(lines / "test.txt")).items():
        metrics_of_label = "  ".join(
            f"{name} : {found[key]:.6f}"
            for name, key in (("F1-Score", "f1score"), ("Precision", "precision"), ("Recall", "recall"))
        )
        assert f"{metrics_of_label}   {label}\n" in report


def test_rows_and_their_lines_give_the_same_metrics_of(model_and_data: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model_dir, lines, raw = model_and_data
    for name, source in (("rows", raw), ("lines", lines)):
        evaluated(FastText.load(model_dir), [source], RowParams(label_field="topics"), tmp_path / "evals" / name)
    rows, made = (
        json.loads((tmp_path / "evals" / name / "metrics.json").read_bytes())["fasttext"] for name in ("rows", "lines")
    )
    rows.pop("raw"), made.pop("lines")
    assert rows == made
    assert rows["auc"] > 0.8
    assert rows["valid_auc"] > 0.8
    assert {"micro_f1", "macro_f1", "accuracy"} < set(rows)


def test_they_stand_in_the_leaderboard(model_and_data: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model_dir, _, raw = model_and_data
    evaluated(FastText.load(model_dir), [raw], RowParams(label_field="topics"), tmp_path / "evals" / "ova")
    table = str(compare({"": tmp_path / "evals"}, QUICK))
    assert "| ova " in table


def test_lines_read_in_another_way_are_refused(model_and_data: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model_dir, _, _ = model_and_data
    (tmp_path / "raw/test").mkdir(parents=True)
    (tmp_path / "raw/test/a.jsonl").write_text('{"text": "code1", "score": "code"}\n')
    convert_to_fasttext(tmp_path / "raw", tmp_path / "single", ConvertParams(), RowParams())
    with pytest.raises(BonepickError, match="were read differently from those that the model was trained on"):
        evaluated(FastText.load(model_dir), [tmp_path / "single"], RowParams())


def test_a_foreign_model_is_taken_by_how_the_lines_were_read(
    model_and_data: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    model_dir, lines, _ = model_and_data
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/model.bin").write_bytes((model_dir / "model.bin").read_bytes())
    report = evaluated(FastText.load(tmp_path / "foreign"), [lines], RowParams())
    assert report == evaluated(FastText.load(model_dir), [lines], RowParams())


def test_a_foreign_model_and_rows_or_lines_that_do_not_say_it(
    model_and_data: tuple[Path, Path, Path], tmp_path: Path, bonepick: Callable[..., Any]
) -> None:
    model_dir, lines, raw = model_and_data
    for name, source in (("foreign", model_dir / "model.bin"), ("own", lines / "test.txt")):
        (tmp_path / name).mkdir()
        (tmp_path / name / source.name).write_bytes(source.read_bytes())
    arguments = ("--label-field", "topics", "-m", tmp_path / "foreign", "--bootstrap", 20)
    for source in (raw, tmp_path / "own"):
        silent = bonepick("eval-fasttext", "-d", source, *arguments)
        assert (silent.code, "--multi-label" in silent.err) == (1, True)
        told = bonepick("eval-fasttext", "--multi-label", "-d", source, *arguments)
        assert told.code == 0, told.err
        assert told.out == f"Test results:\n{evaluated(FastText.load(model_dir), [source], TOPICS)}"


def test_a_model_of_one_label_does_not_take_several(
    tmp_path: Path, write: Write, bonepick: Callable[..., Any], model_and_data: tuple[Path, Path, Path]
) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/train.txt").write_text("__label__a one\n__label__b two\n" * 9)
    params = FastTextParams(bucket=10, dimension=2, epoch=1)
    train("fasttext", TrainingInput([tmp_path / "lines"]), tmp_path / "model", params)
    ended = bonepick("eval", "--multi-label", "-d", model_and_data[1], "-m", tmp_path / "model")
    assert (ended.code, ended.out) == (2, "")
    assert "the model was trained on one label a row: leave --multi-label away" in ended.err


def numbers(n: int) -> list[dict[str, Any]]:
    return [{"text": f"{'good' if i % 2 else 'bad'}{i % 3} word", "score": i % 2 + i / (10 * n)} for i in range(n)]


def test_a_model_of_bins_puts_numbers_of_rows_into_them(tmp_path: Path, write: Write) -> None:
    raw = write(tmp_path / "raw", train=numbers(200), test=numbers(60))
    convert_to_fasttext(raw, tmp_path / "lines", ConvertParams(auto=2), RowParams())
    train("fasttext", TrainingInput([tmp_path / "lines"]), tmp_path / "model", FastTextParams(bucket=100, dimension=4))
    model = FastText.load(tmp_path / "model")
    report = evaluated(model, [raw], RowParams())
    assert report == evaluated(model, [tmp_path / "lines"], RowParams())
    assert "N\t60\nP@1\t1.000\nR@1\t1.000\n" in report
    other = write(tmp_path / "other", train=numbers(20), test=numbers(20))
    convert_to_fasttext(other, tmp_path / "own-bins", ConvertParams(auto=2), RowParams())
    with pytest.raises(BonepickError, match="bins with other edges"):
        evaluated(model, [tmp_path / "own-bins"], RowParams())


def test_rows_without_any_label_can_be_evaluated_on(model_and_data: tuple[Path, Path, Path], tmp_path: Path) -> None:
    (tmp_path / "none/test").mkdir(parents=True)
    row = {"text": "code1", "topics": dict.fromkeys(LABELS, 0)}
    (tmp_path / "none/test/a.jsonl").write_text(json.dumps(row) + "\n")
    report = evaluated(FastText.load(model_and_data[0]), [tmp_path / "none"], RowParams(label_field="topics"))
    assert "N\t0\nP@1\t0.000\nR@1\t0.000\n" in report
    assert (FastText.load(model_and_data[0]).predict_proba(["code1 code2 code3"] * 3) <= 1).all()


def several(make: Make, gold: list[str], chances: Any, classes: list[str], split: Any = "test") -> Predictions:
    made = make(gold, chances, classes, split=split)
    return Predictions("x", made.classes, made.columns, made.probabilities, multi_label=True)


def test_one_label_alone_is_a_yes_or_no(make: Make) -> None:
    """By hand: of two rows with the label one is found, of two predicted one is right."""
    one = several(make, ["a", "a", "", ""], [[0.9], [0.2], [0.8], [0.1]], ["a"])
    found = rows_of(one)
    assert {found["label", "a", metric] for metric in ("precision", "recall", "f1")} == {0.5}
    assert {found["all", "", name] for name in ("macro_precision", "macro_recall", "weighted_f1")} == {0.5}
    assert found["label", "a", "auc"] == found["all", "", "auc"] == 0.75
    lines = classification_report_of(one).splitlines()
    assert lines[2].split() == ["a", "0.50", "0.50", "0.50", "2"]
    assert one.score.tolist() == [0.0] * 4


def test_metrics_are_of_the_labels_that_rows_have(make: Make) -> None:
    lacking = several(make, ["a", "", "a"], [[0.9, 0.8], [0.2, 0.1], [0.8, 0.1]], ["a", "b"])
    assert metrics_of(lacking)["macro_f1"] == 1.0
    named = {name for level, name, _ in rows_of(lacking) if level == "label"}
    assert named == {"a"}
    none = several(make, ["", ""], [[0.9, 0.8], [0.2, 0.1]], ["a", "b"])
    assert metrics_of(none) == {"accuracy": 0.5}
    assert {metric for _, _, metric in rows_of(none)} == {"accuracy", "calibration_error"}


ROWS_OF = {"all": LABELS, "two": LABELS[:2], "one": LABELS[:1], "none": ()}


@pytest.mark.parametrize(
    ("of_train", "of_test"), [("two", "all"), ("one", "all"), ("one", "one"), ("all", "two"), ("all", "none")]
)
def test_labels_that_a_split_lacks_end_in_metrics_of(
    tmp_path: Path, write: Write, notes: list[str], of_train: str, of_test: str
) -> None:
    def rows(n: int, of: str) -> list[dict[str, Any]]:
        made = topics(n, 5)
        for row in made:
            row["topics"] = {name: int(has and name in ROWS_OF[of]) for name, has in row["topics"].items()}
        return made

    raw = write(tmp_path / "raw", train=rows(60, of_train), valid=rows(30, "all"), test=rows(30, of_test))
    convert_to_fasttext(raw, tmp_path / "lines", ConvertParams(multi_label=True), RowParams(label_field="topics"))
    train(
        "fasttext",
        TrainingInput([tmp_path / "lines"]),
        tmp_path / "model",
        FastTextParams(loss="ova", bucket=100, dimension=4),
    )
    report = evaluated(
        FastText.load(tmp_path / "model"), [raw], RowParams(label_field="topics"), tmp_path / "evals" / "ova"
    )
    assert "nan" not in report.lower()
    compare({"": tmp_path / "evals"}, QUICK)
    for path in (*(tmp_path / "evals").rglob("*.json"), *(tmp_path / "evals").rglob("*.csv")):
        assert "nan" not in path.read_text().lower() and "null" not in path.read_text(), path
    lost = set(LABELS) - set(ROWS_OF[of_train])
    assert any("no row in train/" in said for said in notes) == bool(lost)
    for label in lost:
        assert any(f"label '{label}' (" in said and "not known to the model" in said for said in notes)
    unseen = [name for name in ROWS_OF[of_train] if name not in ROWS_OF[of_test]]
    said = [note for note in notes if note.startswith("no test row")]
    assert [f"no test row, but validation rows have: {', '.join(unseen)}" in note for note in said] == [True] * bool(
        unseen
    )
