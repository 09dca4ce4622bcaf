"""Select: the model that is best on validation rows, at a place that does not change with the choice."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory, link_tree
from bonepick.core.params import Params
from bonepick.core.progress import note
from bonepick.evaluation.layout import METRICS_FILE, THRESHOLDS_FILE, VALID

SELECTION_FILE = "selection.json"


@dataclass(frozen=True, kw_only=True)
class SelectParams(Params):
    """What the choice goes by."""

    figure: Annotated[str, msgspec.Meta(min_length=1)] = "auc"
    """Name of the figure, on validation rows, of which the highest wins."""


def select(
    evals_dir: Path, model_dirs: Sequence[Path], output_dir: Path, params: SelectParams, overwrite: bool = False
) -> str:
    """Put the best evaluated model into a directory, by hard links, and return its name.

    Its `selection.json` says what the choice went by: `{"selected": "b", "figure": "valid_auc", "of": {"a": 0.9,
    "b": 0.95}}`, and its evaluation's `thresholds.json` comes with it. Of equals the first by name wins.

    Args:
        evals_dir: has `NAME/metrics.json` for each model's directory name.
        model_dirs: the models to choose from.
        output_dir: becomes a model directory.
        params: the figure.
        overwrite: replace an earlier output of that kind.

    Raises:
        BonepickError: a model is not evaluated, an evaluation has no such figure, or the output is occupied.
    """
    figure = VALID + params.figure
    found = {model: _figure(evals_dir / model.name / METRICS_FILE, figure) for model in sorted(model_dirs)}
    best = max(found, key=found.__getitem__)
    with atomic_directory(output_dir, "model", overwrite, [evals_dir, *model_dirs]) as folder:
        link_tree(best, folder)
        shutil.copyfile(evals_dir / best.name / THRESHOLDS_FILE, folder / THRESHOLDS_FILE)
        chosen = {"selected": best.name, "figure": figure, "of": {model.name: own for model, own in found.items()}}
        (folder / SELECTION_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(chosen), indent=2) + b"\n")
    note(f"select: {best.name}, whose {figure} of {found[best]:.3f} is the highest of {len(found)} -> {output_dir}")
    return best.name


def _figure(file: Path, name: str) -> float:
    if not file.is_file():
        raise BonepickError(f"{file} is missing: evaluate the model first (eval-... -o {file.parent})")
    ((_, figures),) = msgspec.json.decode(file.read_bytes()).items()
    if name not in figures:
        known = [key.removeprefix(VALID) for key in figures if key.startswith(VALID)]
        raise BonepickError(
            f"{file} has no {name}: "
            + (f"select.figure can be {', '.join(known)}" if known else "give a dataset validation rows (valid_split)")
        )
    return float(figures[name])
