"""What the benchmarks are measured against, written as a competent user of each library would."""

import json
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


def pipeline_probabilities(pipeline: Any, texts: list[str]) -> Any:
    """Class probabilities of a batch of texts by model2vec's own pipeline."""
    return pipeline.predict_proba(texts)
