"""What the benchmarks are measured against, written as a competent user of each library would."""

import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stderr
from itertools import islice
from pathlib import Path
from typing import Any

import zstandard


def bootstrap_of_auc(good: Any, scores: Any, n_resamples: int) -> Any:
    """The percentile interval of the AUC, with scikit-learn's function in scipy's bootstrap."""
    from scipy.stats import bootstrap
    from sklearn.metrics import roc_auc_score

    data, options = (good, scores), {"paired": True, "vectorized": False, "method": "percentile", "rng": 1}
    return bootstrap(data, roc_auc_score, n_resamples=n_resamples, **options).confidence_interval


def copy_jsonl(source: Path, target: Path) -> None:
    """Read JSON lines and write them packed, with the standard library's reader and the usual zstd."""
    with source.open() as lines, zstandard.open(target, "wb") as packed:
        for line in lines:
            packed.write(json.dumps(json.loads(line)).encode() + b"\n")


def copy_parquet(source: Path, target: Path) -> None:
    """Read a Parquet file as a stream with `datasets`, and write its rows as packed JSON lines."""
    from datasets import load_dataset

    rows = load_dataset("parquet", data_files={"train": str(source)}, split="train", streaming=True)
    with zstandard.open(target, "wb") as packed:
        for row in rows:
            packed.write(json.dumps(row).encode() + b"\n")


def fit_with_model2vec(
    base: Any, train: tuple[list[str], list[str]], valid: tuple[list[str], list[str]], freeze: bool
) -> Any:
    """Train a classifier on texts and labels with model2vec's own `fit`, as it is unless told otherwise."""
    from model2vec.model import DEFAULT_MAX_LENGTH
    from model2vec.train import StaticModelForClassification

    with redirect_stderr(io.StringIO()):  # its bars, and what it says of an int8 base
        model = StaticModelForClassification.from_static_model(model=base, max_length=DEFAULT_MAX_LENGTH, freeze=freeze)
        return model.fit(*train, X_val=valid[0], y_val=valid[1])


def pipeline_probabilities(pipeline: Any, texts: list[str]) -> Any:
    """Class probabilities of a batch of texts by model2vec's own pipeline."""
    return pipeline.predict_proba(texts)


def score_with_fasttext(model_dir: Path) -> Callable[[Path, Path], None]:
    """Load a model of two labels, and return a loop over packed JSON lines that writes them with their scores."""
    import fasttext

    model = fasttext.load_model(str(model_dir / "model.bin"))

    def score(source: Path, target: Path) -> None:
        with zstandard.open(source, "rt") as lines, zstandard.open(target, "wt") as packed:
            for line in lines:
                row = json.loads(line)
                labels, probabilities = model.predict(re.sub(r"\s+", " ", row["text"]), k=-1)
                by_label = dict(zip(labels, probabilities.tolist(), strict=True))
                row["metadata"]["fasttext"] = {"score": by_label["__label__pos"], "probabilities": by_label}
                packed.write(json.dumps(row) + "\n")

    return score


def score_with_pipeline(model_dir: Path) -> Callable[[Path, Path], None]:
    """Load a static model with the library's own pipeline, and return such a loop; it predicts some rows at a time."""
    from model2vec.inference import StaticModelPipeline

    model = StaticModelPipeline.from_pretrained(str(model_dir))

    def score(source: Path, target: Path) -> None:
        with zstandard.open(source, "rt") as lines, zstandard.open(target, "wt") as packed:
            while rows := [json.loads(line) for line in islice(lines, 1_024)]:
                texts = [re.sub(r"\s+", " ", row["text"]) for row in rows]
                for row, probabilities in zip(rows, model.predict_proba(texts).tolist(), strict=True):
                    by_label = dict(zip(model.classes_, probabilities, strict=True))
                    row["metadata"]["model2vec"] = {"score": by_label["pos"], "probabilities": by_label}
                    packed.write(json.dumps(row) + "\n")

    return score
