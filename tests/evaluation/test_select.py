"""The model that is best on validation rows is put in place; test rows have no say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bonepick.core.errors import BonepickError
from bonepick.core.replacing import MARKER
from bonepick.core.run import Run
from bonepick.evaluation.select import SelectParams, select

Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def evaluated(tmp_path: Path) -> Callable[..., None]:
    def make(kind: str, **metrics: float) -> None:
        for folder in ("evals", "models"):
            (tmp_path / folder / kind).mkdir(parents=True)
        (tmp_path / "evals" / kind / "metrics.json").write_text(json.dumps({kind: {"unseen": {}, **metrics}}))
        (tmp_path / "evals" / kind / "thresholds.json").write_text(json.dumps({"best_f1": {"threshold": kind}}))
        (tmp_path / "models" / kind / "manifest.json").write_text(json.dumps({"kind": kind}))
        (tmp_path / "models" / kind / "weights").write_bytes(kind.encode())

    return make


def selected(tmp_path: Path, metric: str = "auc", **options: bool) -> str:
    params, run = SelectParams(metric=metric), Run(**options)
    kinds = [path.name for path in (tmp_path / "models").iterdir() if path.name in "abc"]
    return select(tmp_path / "evals", tmp_path / "models", tmp_path / "models/best", params, run, kinds).selected


def test_the_best_on_validation_wins_whatever_test_says(
    tmp_path: Path, evaluated: Callable[..., None], tree: Tree, notes: list[str]
) -> None:
    evaluated("a", auc=0.99, valid_auc=0.90)
    evaluated("b", auc=0.50, valid_auc=0.91)
    assert selected(tmp_path) == "b"
    files = tree(tmp_path / "models/best")
    chosen, thresholds = (json.loads(files.pop(name)) for name in ("selection.json", "thresholds.json"))
    assert json.loads(files.pop(MARKER))["kind"] == "model"
    assert thresholds == {"best_f1": {"threshold": "b"}}
    assert files == tree(tmp_path / "models/b")
    assert chosen == {"selected": "b", "metric": "valid_auc", "values": {"a": 0.90, "b": 0.91}}
    assert notes == [f"select: b, whose valid_auc of 0.910 is the highest of 2 -> {tmp_path / 'models/best'}"]


def test_another_metric_chooses_another_model(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    evaluated("a", valid_auc=0.9, valid_macro_f1=0.8)
    evaluated("b", valid_auc=0.8, valid_macro_f1=0.9)
    assert (selected(tmp_path), selected(tmp_path, "macro_f1", overwrite=True)) == ("a", "b")


def test_of_equals_the_first_by_name_wins(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    for kind in ("c", "a", "b"):
        evaluated(kind, valid_auc=0.9)
    assert selected(tmp_path) == "a"


def test_a_choice_takes_no_second_copy_of_the_weights(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    evaluated("a", valid_auc=0.9)
    selected(tmp_path)
    assert (tmp_path / "models/best/weights").samefile(tmp_path / "models/a/weights")


def test_what_is_missing_is_said(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    evaluated("a", valid_auc=0.9, valid_accuracy=0.9)
    with pytest.raises(BonepickError, match=r"a/metrics\.json has no valid_f2: select\.metric can be auc, accuracy"):
        selected(tmp_path, "f2")
    evaluated("b", auc=0.9)
    with pytest.raises(BonepickError, match=r"b/metrics\.json has no valid_auc: give a dataset validation rows"):
        selected(tmp_path)
    (tmp_path / "evals/a/metrics.json").unlink()
    with pytest.raises(BonepickError, match=r"a/metrics\.json is missing: evaluate again"):
        selected(tmp_path)
    assert not (tmp_path / "models/best").exists()


def test_an_evaluation_that_lies_there_still_is_not_looked_at(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    evaluated("a", valid_auc=0.9)
    evaluated("stale", valid_auc=1.0)
    assert selected(tmp_path) == "a"


def test_kinds_that_are_not_named_are_not_looked_at(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    for kind, auc in (("a", 0.7), ("b", 0.8), ("dropped", 0.9)):
        evaluated(kind, valid_auc=auc)
    models = tmp_path / "evals", tmp_path / "models", tmp_path / "best"
    chosen = select(*models, SelectParams(), kinds=["b", "a"])
    assert chosen.values == {"a": 0.7, "b": 0.8}
    assert (chosen.selected, (tmp_path / "best/weights").read_bytes()) == ("b", b"b")


def test_all_models_are_chosen_from_where_no_kinds_are_named(tmp_path: Path, evaluated: Callable[..., None]) -> None:
    (tmp_path / "models/.b.partial-x1").mkdir(parents=True)
    places = tmp_path / "evals", tmp_path / "models", tmp_path / "models/best"
    with pytest.raises(BonepickError, match="holds no model to choose from"):
        select(*places, SelectParams())
    for kind, auc in (("a", 0.7), ("zz", 0.8)):
        evaluated(kind, valid_auc=auc)
    for _ in range(2):  # the second time, the chosen one lies beside them
        assert select(*places, SelectParams(), Run(overwrite=True)).values == {"a": 0.7, "zz": 0.8}


@pytest.mark.parametrize("damaged", [b"", b"[1]", b'{"a": {"valid_auc": 0.9}, "b": {}}', b'{"a": "\xff"}'])
def test_damaged_metrics_are_named(tmp_path: Path, evaluated: Callable[..., None], damaged: bytes) -> None:
    evaluated("a", valid_auc=0.9)
    (tmp_path / "evals/a/metrics.json").write_bytes(damaged)
    with pytest.raises(BonepickError, match=r"a/metrics\.json is damaged .*: evaluate again"):
        selected(tmp_path)
