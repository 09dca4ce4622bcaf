"""Choosing fastText's knobs on rows that are held out from training: value by value, or by its own search."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from bonepick.classifiers.base.folds import enough, folds_of, said_of
from bonepick.classifiers.base.knobs import Tried, choose, combinations
from bonepick.classifiers.base.training_rows import HELD_OUT as SHARE
from bonepick.classifiers.fasttext.lines import HELD_OUT, Lines, write_lines
from bonepick.classifiers.fasttext.params import FastTextParams
from bonepick.core.parallel import each_in_child, in_child
from bonepick.core.progress import note, progress
from bonepick.core.run import Run
from bonepick.data.splitting import make_splitter

if TYPE_CHECKING:
    from bonepick.classifiers.base.training_rows import TrainingRows
    from bonepick.classifiers.fasttext.trials import Labels

Part = tuple[Path, Path]
"""File of lines to train on, and folder of those to judge by."""


def is_chosen(params: FastTextParams) -> bool:
    """Tell whether there is anything to choose."""
    return bool(params.autotune) or len(combinations(params, "epoch")) > 1


def chosen_knobs(
    rows: "TrainingRows", lines: Lines, labels: "Labels", params: FastTextParams, run: Run
) -> tuple[dict[str, Any], list[Tried]]:
    """Return the knobs' values to train with, and what was tried.

    Each value is judged on folds of the training rows, where there are any, else on `valid/`, or on a part that is held
    out by hash; the result is the same for any number of workers.

    Args:
        rows: in whose scratch folder parts of them are written.
        lines: the training rows, and what each is from.
        labels: theirs.
        params: how.
        run: how many trainings there are at a time.

    Raises:
        BonepickError: see `TrainingRows.batches`; fastText fails, or training diverges with all values.
    """
    tried = combinations(params, "epoch")
    if not is_chosen(params):
        return tried[0], []
    parts, where = _parts(rows, lines, params.seed, only_one=bool(params.autotune))
    if not parts:
        first = "" if params.autotune else f", the first of {', '.join(map(str, params.epoch))}"
        note(f"no rows of two labels can be held out to judge by: epoch is {tried[0]['epoch']}{first}")
        return tried[0], []
    if params.autotune:
        return _autotuned(parts[0], params, where), []
    metrics = _judged(parts, tried, labels, params, run)
    best, told = choose(tried, lambda values: metrics[tried.index(dict(values))], labels.metric, where)
    return dict(best), told


def _judged(
    parts: Sequence[Part], tried: Sequence[dict[str, Any]], labels: "Labels", params: FastTextParams, run: Run
) -> list[float]:
    """Return the mean of each combination's metrics; one thread each, so that it is the same whenever it is asked."""
    from bonepick.classifiers.fasttext.trials import Trial, judged

    ready = [replace(params, **values, thread=1) for values in tried]
    trials = [Trial(*part, each, labels) for each in ready for part in parts]
    with progress("try fastText", "epochs", sum(trial.params.epoch[0] for trial in trials)) as advance:
        metrics = [*each_in_child(judged, trials, run.workers, advance)]
    return [fmean(metrics[start : start + len(parts)]) for start in range(0, len(metrics), len(parts))]


def _autotuned(part: Part, params: FastTextParams, where: str) -> dict[str, Any]:
    from bonepick.classifiers.fasttext.train_file import autotuned

    note(f"fastText looks for knobs for {params.autotune} s, judged on {where}: no two searches give the same model")
    train, held_out = part
    with progress("autotune fastText", "seconds", params.autotune) as advance:
        found = in_child(autotuned, (str(train), str(held_out / f"{HELD_OUT}.txt"), params), advance)
    note(f"fastText found {', '.join(f'{name} {value:g}' for name, value in found.items())}")
    return found


def _parts(rows: "TrainingRows", lines: Lines, seed: int, only_one: bool) -> tuple[list[Part], str]:
    """Return what is trained on and judged by, and its name; nothing where no rows of two labels can be held out."""
    folds = [] if only_one and "valid" in rows.splits else folds_of(lines.sources, lines.groups, lines.targets(), seed)
    folds = folds[:1] if only_one else enough(folds)
    where = said_of(folds)
    if not folds and "valid" in rows.splits:
        folder = rows.scratch / HELD_OUT
        folder.mkdir()
        known = {label for labels in lines.labels for label in labels}
        of_valid = write_lines(rows, folder / f"{HELD_OUT}.txt", kept=True, split="valid").labels
        judging = {labels for labels in of_valid if known.issuperset(labels)}
        return ([(lines.path, folder)] if len(judging) > 1 else []), where
    if not folds:
        split_of = make_splitter(seed, test=0.0, valid=SHARE)
        held_out = np.array([split_of(group) == "valid" for group in lines.groups])
        folds, where = [held_out], f"{SHARE:.0%} of train/"
        if len({labels for labels, out in zip(lines.labels, held_out, strict=True) if out}) < 2:
            return [], where
    return [lines.parted(fold, rows.scratch / f"fold{number}") for number, fold in enumerate(folds)], where
