"""A model's thresholds, as its evaluation wrote them beside it."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.reading import is_there, read_json
from bonepick.evaluation.file_names import REMEDY, THRESHOLDS_FILE


class _Threshold(Struct):
    threshold: Annotated[float, Meta(ge=0, le=1)] | None
    chosen: str


def named_threshold(model_dir: Path, name: str) -> float:
    """Return the threshold of that name, such as `best_f1`.

    Raises:
        BonepickError: the model has no thresholds, none of that name, or none that reached what it is for.
    """
    file = model_dir / THRESHOLDS_FILE
    if not is_there(file):
        raise BonepickError(
            f"{model_dir} has no {THRESHOLDS_FILE}, which --keep {shortened(name)} takes a threshold from: "
            f"evaluate the model on validation rows (eval-... -o) and put that file there, or say a score (--min-score)"
        )
    known = _read(file)
    if name not in known:
        names = f"wanted one of {', '.join(map(shortened, known))}" if known else "there are none"
        raise BonepickError(f"{file} has no threshold {shortened(name)}: {names}; or say a score (--min-score)")
    threshold = known[name].threshold
    if threshold is None:
        reason = known[name].chosen
        raise BonepickError(f"{file} has no score for {shortened(name)} ({reason}): say it yourself (--min-score)")
    return threshold


def thresholds_of(model_dir: Path) -> dict[str, float]:
    """Return name -> threshold of those that have one; empty where the model has no such file.

    Raises:
        BonepickError: the file is damaged.
    """
    file = model_dir / THRESHOLDS_FILE
    known = _read(file) if is_there(file) else {}
    return {name: each.threshold for name, each in known.items() if each.threshold is not None}


def _read(file: Path) -> dict[str, _Threshold]:
    return read_json(file, dict[str, _Threshold], REMEDY)
