"""Select: the model that is best on validation rows, at a place that does not change with the choice."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.core.inside import refuse_links_out
from bonepick.core.json_format import json_bytes
from bonepick.core.outputs import atomic_directory, link_tree
from bonepick.core.progress import note
from bonepick.core.reading import damaged, read_json
from bonepick.core.run import Run
from bonepick.evaluation.file_names import METRICS_JSON, REMEDY, THRESHOLDS_FILE, VALID_PREFIX, Metrics
from bonepick.evaluation.params import SelectParams

SELECTION_FILE = "selection.json"


@dataclass(frozen=True)
class Selection:
    """Which model was chosen, and what the choice went by.

    Attributes:
        selected: name of the model.
        metric: with its prefix, such as `valid_auc`.
        values: model -> value.
    """

    selected: str
    metric: str
    values: dict[str, float]


def select(
    evals_dir: Path,
    models_dir: Path,
    output_dir: Path,
    params: SelectParams,
    run: Run = Run(),
    kinds: Sequence[str] | None = None,
) -> Selection:
    """Put the best evaluated model into a directory, by hard links, and return what was chosen.

    Its `selection.json` holds the `Selection`: `{"selected": "b", "metric": "valid_auc", "values": {"a": 0.9,
    "b": 0.95}}`, and its evaluation's `thresholds.json` comes with it. Of equals the first by name wins.

    Args:
        evals_dir: has `NAME/metrics.json` for each model's directory name.
        models_dir: has the directories of the models to choose from.
        output_dir: becomes a model directory.
        params: the metric.
        run: whether an earlier output is replaced.
        kinds: names of the directories to choose from; all by default.

    Raises:
        BonepickError: there is no model, one is not evaluated, an evaluation has no such metric, or the output is
            occupied.
    """
    metric = VALID_PREFIX + params.metric
    names = sorted(kinds) if kinds is not None else _models_in(models_dir, output_dir)
    if not names:
        raise BonepickError(f"{models_dir} holds no model to choose from: train one first (train-... -o)")
    values = {name: _value(evals_dir / name / METRICS_JSON, metric) for name in names}
    best = max(values, key=values.__getitem__)
    read_json(evals_dir / best / THRESHOLDS_FILE, dict[str, dict[str, Any]], REMEDY)
    refuse_links_out(models_dir / best)
    selection = Selection(best, metric, values)
    inputs = [evals_dir, *(models_dir / name for name in names)]
    with atomic_directory(output_dir, "model", run.overwrite, inputs) as folder:
        link_tree(models_dir / best, folder)
        shutil.copyfile(evals_dir / best / THRESHOLDS_FILE, folder / THRESHOLDS_FILE)
        (folder / SELECTION_FILE).write_bytes(json_bytes(selection, order=None))
    note(f"select: {best}, whose {metric} of {values[best]:.3f} is the highest of {len(values)} -> {output_dir}")
    return selection


def _models_in(models_dir: Path, output_dir: Path) -> list[str]:
    folders = [path for path in models_dir.glob("[!.]*") if path.is_dir() and path.resolve() != output_dir.resolve()]
    return sorted(path.name for path in folders)


def _value(file: Path, metric: str) -> float:
    kinds = list(read_json(file, Metrics, REMEDY).values())
    if len(kinds) != 1:
        raise damaged(file, f"it has metrics of {len(kinds)} kinds, wanted one", REMEDY)
    value = kinds[0].get(metric)
    if not isinstance(value, float):
        known = [key.removeprefix(VALID_PREFIX) for key in kinds[0] if key.startswith(VALID_PREFIX)]
        raise BonepickError(
            f"{file} has no {metric}: "
            + (f"select.metric can be {', '.join(known)}" if known else "give a dataset validation rows (valid_split)")
        )
    return value
