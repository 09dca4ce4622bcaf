"""What experiments came to: the metrics that their commits hold."""

from pathlib import Path
from typing import Any

from bonepick.core.reading import decoded
from bonepick.evaluation.file_names import METRICS_CSV, METRICS_JSON, REMEDY, Metrics
from bonepick.evaluation.store import parsed_metrics
from bonepick.experiments.programs import git


def metrics_of(ref: str) -> dict[str, Any]:
    """Return the metrics of an experiment: kind -> metric -> value."""
    return {
        kind: metrics
        for folder, text in _committed(ref, METRICS_JSON).items()
        for kind, metrics in decoded(text, Metrics, f"{ref}:{folder}/{METRICS_JSON}", REMEDY).items()
    }


def intervals_of(ref: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the intervals of an experiment: kind -> metric, or `dataset.metric` -> ends."""
    return {
        kind: {
            f"{row.slice.name}.{row.metric}".removeprefix("."): (row.low, row.high)
            for row in parsed_metrics(text, f"{ref}:{kind}/{METRICS_CSV}")
            if row.slice.level in ("all", "dataset") and row.low is not None and row.high is not None
        }
        for kind, text in _committed(ref, METRICS_CSV).items()
    }


def _committed(ref: str, name: str) -> dict[str, str]:
    """Return the text of each evaluation's file of this name: kind -> text."""
    files = git("ls-tree", "-r", "--name-only", ref, "evals").splitlines()
    return {Path(file).parent.name: git("show", f"{ref}:{file}") for file in files if file.endswith(f"/{name}")}
