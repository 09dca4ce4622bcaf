"""Select: the model that is best on validation rows, at a place that does not change with the choice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import link_tree, whole_directory
from bonepick.core.params import Params
from bonepick.core.progress import note
from bonepick.evaluation.metrics import METRICS_FILE, VALID

SELECTION_FILE = "selection.json"


@dataclass(frozen=True, kw_only=True)
class SelectParams(Params):
    """What the choice goes by."""

    figure: Annotated[str, msgspec.Meta(min_length=1)] = "auc"
    """Name of the figure, on validation rows, of which the highest wins."""


def select(evals_dir: Path, models_dir: Path, output_dir: Path, params: SelectParams, overwrite: bool = False) -> str:
    """Put the best evaluated model into a directory, by hard links, and return its kind.

    Its `selection.json` says what the choice went by: `{"selected": "b", "figure": "valid_auc", "of": {"a": 0.9,
    "b": 0.95}}`. Of equals the first by name wins.

    Args:
        evals_dir: `KIND/metrics.json` of each model.
        models_dir: `KIND` is each model's directory.
        output_dir: becomes a model directory.
        params: the figure.
        overwrite: replace what is there.

    Raises:
        BonepickError: nothing is evaluated, an evaluation has no such figure, or the output is occupied.
    """
    figure = VALID + params.figure
    files = sorted(evals_dir.glob(f"[!.]*/{METRICS_FILE}"))
    if not files:
        raise BonepickError(f"{evals_dir} holds no evaluation: wanted {evals_dir}/*/{METRICS_FILE}")
    found = {file.parent.name: _figure(file, figure) for file in files}
    best = min(found, key=lambda kind: (-found[kind], kind))
    with whole_directory(output_dir, overwrite) as folder:
        link_tree(models_dir / best, folder)
        chosen = {"selected": best, "figure": figure, "of": found}
        (folder / SELECTION_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(chosen), indent=2) + b"\n")
    note(f"select: {best}, whose {figure} of {found[best]:.3f} is the highest of {len(found)} -> {output_dir}")
    return best


def _figure(file: Path, name: str) -> float:
    ((_, figures),) = msgspec.json.decode(file.read_bytes()).items()
    if name not in figures:
        known = [key.removeprefix(VALID) for key in figures if key.startswith(VALID)]
        raise BonepickError(
            f"{file} has no {name}: "
            + (f"select.figure can be {', '.join(known)}" if known else "give a dataset validation rows (valid_split)")
        )
    return float(figures[name])
