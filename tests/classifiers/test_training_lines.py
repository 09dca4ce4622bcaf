"""fastText is trained on rows as on the lines that convert makes of them, on bins, and on several labels a row."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.training_input import OnTheFlyParams
from bonepick.classifiers.fasttext.classifier import FastText
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.run import Run
from bonepick.data.label_forms import LabelForm
from bonepick.data.rows import RowParams
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext

Graded = Callable[[int], Path]
TOPICS = [{"law": 1, "film": 0}, {"law": 1, "film": 1}, {"law": 0, "film": 1}, {"law": 0, "film": 0}]


def converted(source: Path, target: Path, **params: Any) -> Path:
    convert_to_fasttext(source, target, ConvertParams(**params), RowParams())
    return target


def topic_rows(n: int) -> list[dict[str, Any]]:
    words = [["law1", "law2"], ["law1", "film1"], ["film1", "film2"], ["bird1", "bird2"]]
    return [{"text": " ".join(words[i % 4]), "score": TOPICS[i % 4]} for i in range(n)]


def test_rows_give_the_model_that_their_converted_lines_give(graded: Graded, tmp_path: Path, helpers: Any) -> None:
    lines = converted(graded(2), tmp_path / "lines", normalizer="potion", max_length=30)
    helpers.train_here("fasttext", [lines], tmp_path / "two-steps")
    conversion = OnTheFlyParams(normalizer="potion", max_length=30)
    helpers.train_here("fasttext", [graded(2)], tmp_path / "one-step", conversion=conversion, run=Run(2))
    one, two = (helpers.content(tmp_path / name) for name in ("one-step", "two-steps"))
    assert sorted(one) == [".bonepick.json", "manifest.json", "model.bin"]
    assert one["model.bin"] == two["model.bin"]
    manifests = [json.loads(files["manifest.json"]) for files in (one, two)]
    digests = [manifest.pop("datasets") for manifest in manifests]
    assert manifests[0] == manifests[1]
    assert digests[0] != digests[1], "of the training lines alone, here"


def test_rows_and_lines_mix_where_their_normalizer_is_the_same(
    graded: Graded, tmp_path: Path, helpers: Any, notes: list[str]
) -> None:
    lines = converted(graded(2), tmp_path / "lines", normalizer="whitespace")
    for name, refused in (("whitespace", False), ("potion", True)):
        arguments: Any = ("fasttext", [lines, graded(2)], tmp_path / name)
        if refused:
            with pytest.raises(BonepickError, match=r"lines is normalized with whitespace .*wanted is potion"):
                helpers.train_here(*arguments, conversion=OnTheFlyParams(normalizer=name))
        else:
            helpers.train_here(*arguments, conversion=OnTheFlyParams(normalizer=name))
    assert any("trained on 480 rows" in note for note in notes)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines", "whitespace"]


def test_rows_without_a_normalizer_are_refused(graded: Graded, tmp_path: Path, helpers: Any) -> None:
    with pytest.raises(BonepickError, match=r"has no train.txt: .*or name a normalizer"):
        helpers.train_here("fasttext", [graded(2)], tmp_path / "model")


def test_bad_rows_are_left_out_and_counted(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    rows = [{"text": f"law{i} film{i}", "score": i % 2} for i in range(20)]
    helpers.write(tmp_path / "in", train=[*rows, {"text": "x"}])
    helpers.train_here(
        "fasttext",
        [tmp_path / "in"],
        tmp_path / "model",
        rows=RowParams(on_error="quarantine"),
        conversion=OnTheFlyParams(normalizer="whitespace"),
    )
    assert any("20 training rows converted with whitespace, 1 rejected" in note for note in notes)
    assert sorted(helpers.content(tmp_path / "model")) == [".bonepick.json", "manifest.json", "model.bin"]


def test_a_model_of_bins_keeps_their_edges(graded: Graded, tmp_path: Path, helpers: Any) -> None:
    lines = converted(graded(5), tmp_path / "lines", auto=2)
    helpers.train_here("fasttext", [lines], tmp_path / "model")
    manifest = Manifest.load(tmp_path / "model")
    assert manifest.classes == ["0", "1"]
    assert manifest.label_form is not None
    assert len(manifest.label_form.bin_edges) == 1


def test_datasets_of_other_bins_are_not_trained_on_together(graded: Graded, tmp_path: Path, helpers: Any) -> None:
    two = [converted(graded(n), tmp_path / f"{n}", auto=2) for n in (3, 5)]
    with pytest.raises(BonepickError, match=r"were read differently .*: convert them alike"):
        helpers.train_here("fasttext", two, tmp_path / "model")


def test_several_labels_a_row_are_learned_each_by_itself(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    helpers.write(tmp_path / "in", train=topic_rows(400))
    lines = converted(tmp_path / "in", tmp_path / "lines", multi_label=True)
    helpers.train_here("fasttext", [lines], tmp_path / "model", loss="ova", epoch=50, word_ngrams=1)
    model = FastText.load(tmp_path / "model")
    assert model.manifest.label_form == LabelForm(multi_label=True)
    assert (model.manifest.classes, model.manifest.label_shares) == (["film", "law"], {"film": 0.5, "law": 0.5})
    found = model.predict_proba(["law1 law2", "law1 film1", "film1 film2"], normalized=True)
    assert (found >= 0.5).tolist() == [[False, True], [True, True], [True, False]]
    assert found[1].sum() > 1.5, "probabilities are not shares of one"
    assert any("100 of 400 training rows have no label" in note for note in notes)
    assert not any("compete" in note for note in notes)


def test_softmax_on_several_labels_is_said(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    helpers.write(tmp_path / "in", train=topic_rows(40))
    conversion = OnTheFlyParams(normalizer="whitespace", multi_label=True)
    helpers.train_here("fasttext", [tmp_path / "in"], tmp_path / "model", conversion=conversion)
    assert any("compete with each other under loss softmax: ova makes them independent" in note for note in notes)


def test_lines_with_several_labels_need_their_dataset_to_say_so(tmp_path: Path, helpers: Any) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/train.txt").write_text("__label__a __label__b text\n")
    with pytest.raises(BonepickError, match=r"train.txt:1: .* has more than one label"):
        helpers.train_here("fasttext", [tmp_path / "lines"], tmp_path / "model")


def test_bins_of_several_datasets_of_rows_are_learned_together(tmp_path: Path, helpers: Any) -> None:
    for name, first in (("low", 0), ("high", 10)):
        helpers.write(tmp_path / name, train=[{"text": f"law{i}", "score": first + i} for i in range(10)])
    conversion = OnTheFlyParams(normalizer="whitespace", auto=2)
    sources = [tmp_path / "low", tmp_path / "high"]
    helpers.train_here("fasttext", sources, tmp_path / "model", conversion=conversion)
    manifest = Manifest.load(tmp_path / "model")
    assert manifest.label_form == LabelForm(bin_edges=(10.0,))
    assert manifest.label_shares == {"0": 0.5, "1": 0.5}


@pytest.mark.parametrize("wrong", [{"auto": 2}, {"multi_label": True}])
def test_how_converted_lines_were_labelled_cannot_be_changed(
    graded: Graded, tmp_path: Path, helpers: Any, wrong: dict[str, Any]
) -> None:
    lines = converted(graded(2), tmp_path / "lines")
    with pytest.raises(UsageError, match="is converted already: --auto and --multi-label are for datasets of rows"):
        helpers.train_here("fasttext", [lines], tmp_path / "model", conversion=OnTheFlyParams(**wrong))


def test_a_label_that_training_rows_name_and_none_has_is_said(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    rows = [{"text": f"law{i} film{i}", "score": {"law": i % 2, "long": 0}} for i in range(20)]
    source = helpers.write(tmp_path / "in", train=rows)
    conversion = OnTheFlyParams(normalizer="whitespace", multi_label=True)
    helpers.train_here("fasttext", [source], tmp_path / "model", conversion=conversion, loss="ova")
    said = [note for note in notes if "no row in train" in note]
    assert said == ["label 'long' has no row in train/: the model will not know it"]
    assert Manifest.load(tmp_path / "model").classes == ["law"]


def test_labels_of_other_splits_and_of_the_order_are_said_too(tmp_path: Path, helpers: Any, notes: list[str]) -> None:
    rows = [{"text": f"law{i}", "score": label} for i in range(4) for label in ("bad", "good")]
    test = [*rows, {"text": "law", "score": "odd"}]
    lines = converted(helpers.write(tmp_path / "in", train=rows, test=test), tmp_path / "lines")
    helpers.train_here("fasttext", [lines], tmp_path / "model", labels=("worst", "bad", "good"))
    assert [note for note in notes if "no row in train" in note] == [
        "labels 'odd', 'worst' have no row in train/: the model will not know them"
    ]


def test_rows_that_all_lack_a_label_are_no_training_rows(tmp_path: Path, helpers: Any) -> None:
    rows = [{"text": "law", "score": {"law": 0}}]
    lines = converted(helpers.write(tmp_path / "in", train=rows), tmp_path / "lines", multi_label=True)
    with pytest.raises(BonepickError, match="no training row has a label in"):
        helpers.train_here("fasttext", [lines], tmp_path / "model")
