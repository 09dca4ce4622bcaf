"""Labels of which nobody said which is better: classes all the same, but nothing is ranked by them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bonepick
from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import TrainingInput
from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.evaluation.evaluate import EvaluationInput, evaluate
from bonepick.evaluation.store import load, save_evaluation
from bonepick.evaluation.terminal_report import terminal_report
from bonepick.metrics.params import EvalParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.reporting.compare import compare
from bonepick.reporting.headline import headline
from tests.tiny import tiny_base, tiny_dataset, tiny_rows

LABELS = ["law", "code", "art"]
WORDS = {label: [f"{label}{n}" for n in range(4)] for label in LABELS}
QUICK = EvalParams(bootstrap=20)


class Made:
    """Rows with unordered labels, and fastText models that were told an order and that were not."""

    def __init__(self, root: Path) -> None:
        parts = {split: tiny_rows(n, WORDS, n) for split, n in {"train": 150, "valid": 40, "test": 60}.items()}
        self.rows = tiny_dataset(root / "rows/own", 1, **parts)
        self.lines = root / "lines/own"
        convert_to_fasttext(self.rows, self.lines, ConvertParams(), RowParams())
        self.base = str(tiny_base(root / "base", [word for words in WORDS.values() for word in words]))
        self.told, self.untold = root / "told", root / "untold"
        for folder, labels in ((self.told, tuple(LABELS)), (self.untold, ())):
            params = FastTextParams(bucket=500, dimension=4, labels=labels)
            train("fasttext", TrainingInput([self.lines]), folder, params)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("unordered"))


def evaluated(made: Made, folder: Path, labels: tuple[str, ...] = ()) -> Any:
    return evaluate(bonepick.load(folder, labels=labels), EvaluationInput([made.rows], RowParams()), QUICK)


def test_the_manifest_tells_which_order_is_one(made: Made) -> None:
    assert Manifest.load(made.told).ordered
    assert Manifest.load(made.told).classes == LABELS
    assert not Manifest.load(made.untold).ordered
    assert Manifest.load(made.untold).classes == sorted(LABELS)


def test_without_an_order_classes_are_judged_and_nothing_is_ranked(
    made: Made, tmp_path: Path, notes: list[str]
) -> None:
    evaluation = evaluated(made, made.untold)
    assert sum("--labels" in said and "no AUC, score or threshold" in said for said in notes) == 1
    save_evaluation(evaluation, tmp_path / "evals/own", Run())
    metrics = json.loads((tmp_path / "evals/own/metrics.json").read_bytes())["fasttext"]
    assert metrics["accuracy"] > 0.8
    assert {"auc", "valid_auc", "within_topic_auc"}.isdisjoint({*metrics, *metrics["own"]})
    assert evaluation.thresholds == {}
    assert not (evaluation.keep or evaluation.composition or evaluation.shortcuts or evaluation.topics)
    names = {row.metric for row in evaluation.metrics}
    assert {"macro_f1", "macro_auc", "brier", "average_precision"} <= names
    assert names.isdisjoint({"spearman", "kendall", "topic_auc", "mean_score"})
    stored = load(tmp_path / "evals/own")
    assert not stored.predictions.ordered
    assert terminal_report(stored) == terminal_report(evaluation)
    assert "accuracy" in str(compare({"own": tmp_path / "evals"}, QUICK, Run()))


def test_an_order_at_evaluation_is_as_good_as_one_in_training(made: Made, notes: list[str]) -> None:
    """fastText learns classes: what they are called, and in which order, changes no probability."""
    evaluated(made, made.untold, ("maths", *LABELS))
    assert any("maths occurs nowhere" in said for said in notes)
    told, later = evaluated(made, made.told), evaluated(made, made.untold, tuple(LABELS))
    assert later.predictions.classes == LABELS
    assert terminal_report(later) == terminal_report(told)
    assert later.metrics == told.metrics


def test_another_order_than_the_models_is_refused(made: Made) -> None:
    assert evaluated(made, made.told, tuple(LABELS)).predictions.classes == LABELS
    with pytest.raises(UsageError, match=r"--labels orders art, code, law, but the model has .* order law, code, art"):
        evaluated(made, made.told, tuple(sorted(LABELS)))
    with pytest.raises(UsageError, match="none of neg, pos occurs"):
        evaluated(made, made.told, ("neg", "pos"))


def test_a_kind_that_ranks_is_not_trained_without_an_order(made: Made, tmp_path: Path, notes: list[str]) -> None:
    trained = TrainingInput([made.rows], base_model=made.base)
    params: dict[str, Any] = {"n_pairs": 100, "n_clusters": 1}
    with pytest.raises(BonepickError, match=r"which of the labels .* is better is not known.*--labels or `labels:`"):
        train("contrastive", trained, tmp_path / "ranker", ContrastiveParams(**params))
    train("contrastive", trained, tmp_path / "ranker", ContrastiveParams(**params, labels=tuple(LABELS)))
    train("model2vec", trained, tmp_path / "head", Model2VecParams(max_epochs=2))
    assert any("alphabetically: art, code, law" in said for said in notes)


def test_the_flag_reaches_the_evaluation(made: Made, bonepick: Callable[..., Any]) -> None:
    words = ["eval-fasttext", "-d", made.rows, "-m", made.untold, "--bootstrap", 20]
    assert "auc" not in bonepick(*words).out
    assert "auc" in bonepick(*words, *(word for label in LABELS for word in ("--labels", label))).out


def test_scores_as_labels_end_training_before_it_begins(tmp_path: Path, bonepick: Callable[..., Any]) -> None:
    rows = [{"text": f"text {n}", "score": n / 7} for n in range(300)]
    tiny_dataset(tmp_path / "rows", 1, train=rows, valid=rows[:20])
    words = ["train-fasttext", "-d", tmp_path / "rows", "-n", "whitespace", "-o", tmp_path / "model"]
    ended = bonepick(*words)
    assert ended.code == 1
    (error,) = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert "more than 100 labels are numbers" in error
    assert bonepick(*words, "--auto", 3, "--bucket", 500).code == 0


def test_a_comparison_says_why_there_is_no_ranking(made: Made, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_evaluation(evaluated(made, made.untold), tmp_path / "evals" / name, Run())
    comparison = compare({"run": tmp_path / "evals"}, QUICK, Run())
    assert comparison.notes == ["no difference can be measured: which label is better is not known to a model"]
    assert "which label is better is not known" in headline(comparison.models, comparison.differences)[0]
