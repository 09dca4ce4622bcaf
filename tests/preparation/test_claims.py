"""That texts are normalized is said of one field and of its bytes: it goes where either is another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bonepick.core.errors import BonepickError
from bonepick.data.dataset import Dataset
from bonepick.data.rows import RowParams
from bonepick.preparation.balance import BalanceParams, balance_dataset
from bonepick.preparation.convert import ConvertParams, convert_to_fasttext
from bonepick.preparation.normalize import NormalizeParams, normalize_dataset
from bonepick.preparation.reshard import ReshardParams, reshard_dataset
from bonepick.preparation.sample import SampleParams, sample_dataset
from bonepick.preparation.transform import TransformParams, transform_dataset
from bonepick.text.normalizer import NormalizerParams

Write, Read = Callable[..., Path], Callable[[Path], list[dict[str, Any]]]
ROWS = [{"text": f"Text  NUMBER {n}", "raw": f"Raw  NUMBER {n}", "score": n % 2} for n in range(20)]
POTION = NormalizeParams(normalizer="potion")


@pytest.fixture
def normalized(tmp_path: Path, write: Write) -> Path:
    write(tmp_path / "in", {"train/a.jsonl": ROWS, "test/a.jsonl": ROWS[:4]})
    normalize_dataset(tmp_path / "in", tmp_path / "normalized", POTION, RowParams())
    return tmp_path / "normalized"


def claim(folder: Path) -> tuple[str | None, str | None]:
    described = json.loads((folder / "dataset.json").read_text())
    return (described["normalizer"] or {}).get("name"), described["text_field"]


PASSING: dict[str, Callable[[Path, Path], Any]] = {
    "balance": lambda source, out: balance_dataset([source], out, BalanceParams(), RowParams()),
    "sample": lambda source, out: sample_dataset([source], out, SampleParams(rate=0.9), RowParams()),
    "reshard": lambda source, out: reshard_dataset(source, out, ReshardParams(shards=2), RowParams()),
    "balance by another field": lambda source, out: balance_dataset(
        [source], out, BalanceParams(), RowParams(text_field="raw")
    ),
    "transform": lambda source, out: transform_dataset(source, out, TransformParams()),
    "transform, fields added": lambda source, out: transform_dataset(
        source, out, TransformParams(text="{text, length: (.text | length)}", keep="{raw}")
    ),
}


@pytest.mark.parametrize("operation", PASSING)
def test_what_leaves_the_texts_alone_keeps_the_claim(operation: str, normalized: Path, tmp_path: Path) -> None:
    PASSING[operation](normalized, tmp_path / "out")
    assert claim(tmp_path / "out") == ("potion", "text")


@pytest.mark.parametrize(
    "text",
    [
        "{text: .raw}",
        "{text: (.text | ascii_upcase)}",
        "{body: .text}",
        '{text: (if .text == "text number 7" then "Another one" else .text end)}',
    ],
)
@pytest.mark.parametrize("earlier", [False, True], ids=["", "without a field"])
def test_a_transform_of_the_texts_ends_it_and_says_so(
    text: str, earlier: bool, normalized: Path, tmp_path: Path, notes: list[str]
) -> None:
    if earlier:
        forget_field(normalized)
    transform_dataset(normalized, tmp_path / "out", TransformParams(text=text))
    assert claim(tmp_path / "out") == (None, None)
    assert "texts that are no longer as their normalizer left them" in notes[-1]


def forget_field(folder: Path) -> None:
    """Make a `dataset.json` what earlier versions wrote."""
    described = json.loads((folder / "dataset.json").read_text())
    del described["text_field"]
    (folder / "dataset.json").write_text(json.dumps(described))


def test_another_field_is_not_taken_for_normalized(normalized: Path, tmp_path: Path, read: Read) -> None:
    read_as = {field: Dataset.open(normalized, field).normalizer for field in ("text", ".text", "raw", ".raw")}
    assert read_as["text"] and read_as["text"] == read_as[".text"]
    assert read_as["raw"] is read_as[".raw"] is None
    for operation, params in ((normalize_dataset, POTION), (convert_to_fasttext, ConvertParams())):
        with pytest.raises(BonepickError, match="is normalized already with potion"):
            operation(normalized, tmp_path / "twice", params, RowParams())  # type: ignore[operator]
    lines = tmp_path / "lines"
    convert_to_fasttext(normalized, lines, ConvertParams(normalizer="potion"), RowParams(text_field="raw"))
    assert (lines / "train.txt").read_text().splitlines()[0] == "__label__0 raw number 0"
    assert claim(lines) == ("potion", None)
    assert Dataset.open(lines, "raw").normalizer


def test_the_field_that_was_normalized_last_is_the_one_that_is_told(
    normalized: Path, tmp_path: Path, notes: list[str]
) -> None:
    normalize_dataset(normalized, tmp_path / "out", POTION, RowParams(text_field="raw"))
    assert claim(tmp_path / "out") == ("potion", "raw")
    assert any("of its field 'text' it is said no longer that it is normalized" in said for said in notes)


def test_what_earlier_versions_wrote_is_of_the_field_that_is_read(normalized: Path, tmp_path: Path) -> None:
    forget_field(normalized)
    assert Dataset.open(normalized, "text").normalizer == Dataset.open(normalized, "raw").normalizer is not None
    transform_dataset(normalized, tmp_path / "out", TransformParams())
    assert claim(tmp_path / "out") == ("potion", "text")


def test_inputs_with_other_fields_normalized_are_not_joined(normalized: Path, tmp_path: Path) -> None:
    normalize_dataset(tmp_path / "in", tmp_path / "other", POTION, RowParams(text_field="raw"))
    with pytest.raises(BonepickError, match=r"'text' normalized, .*other its field 'raw': normalize them alike"):
        balance_dataset([normalized, tmp_path / "other"], tmp_path / "out", BalanceParams(), RowParams())


def test_a_model_normalizes_the_field_that_nothing_normalized(normalized: Path, tmp_path: Path) -> None:
    """Training and evaluation on `raw` of a dataset whose `text` was normalized are those on `raw` as it was."""
    import bonepick
    from bonepick.classifiers.base.train import train
    from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
    from bonepick.classifiers.fasttext.params import FastTextParams
    from bonepick.evaluation.evaluate import EvaluationInput, predict

    raw = RowParams(text_field="raw")
    made = []
    for source in (tmp_path / "in", normalized):
        params = FastTextParams(bucket=100, dimension=2, epoch=2)
        conversion: NormalizerParams = OnTheFlyParams(normalizer="potion")
        folder = tmp_path / f"model of {source.name}"
        manifest = train("fasttext", TrainingInput([source], raw, conversion), folder, params)
        assert manifest.normalizer and manifest.normalizer.name == "potion"
        predictions, _ = predict(bonepick.load(folder), EvaluationInput([source], raw))
        made.append(((folder / "model.bin").read_bytes(), predictions.probabilities.tobytes()))
    assert made[0] == made[1]
