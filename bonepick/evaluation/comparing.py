"""Compare: all evaluated models in one table, the leaderboard."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import whole_directory
from bonepick.evaluation.metrics import figures
from bonepick.evaluation.predictions import PREDICTIONS_FILE, Predictions

LEADERBOARD = "leaderboard"


def compare(evals_dir: Path, output_dir: Path, overwrite: bool = False) -> str:
    """Read the predictions of every evaluation in a folder, write the leaderboard, and return it as Markdown.

    A model goes by its folder's name there, so that two of one kind can stand side by side.

    Raises:
        BonepickError: there is no evaluation, evaluations differ in their test rows, or the output is occupied.
    """
    found = [
        replace(Predictions.load(path), kind=path.parent.name)
        for path in sorted(evals_dir.glob(f"[!.]*/{PREDICTIONS_FILE}"))
    ]
    if not found:
        raise BonepickError(f"{evals_dir} holds no evaluation: wanted {evals_dir}/*/{PREDICTIONS_FILE}")
    _refuse_other_rows(found)
    table = leaderboard(found)
    with whole_directory(output_dir, overwrite) as folder:
        (folder / f"{LEADERBOARD}.md").write_text(as_markdown(table), encoding="utf-8")
        (folder / f"{LEADERBOARD}.csv").write_text(as_csv(table), encoding="utf-8")
    return as_markdown(table)


def leaderboard(models: Sequence[Predictions]) -> list[list[str]]:
    """Return the table: a header, then a row a model, the highest pooled AUC first.

    AUC stands for each dataset's test rows and for all of them; accuracy, macro F1 and average precision are those
    of all test rows; `valid auc` is what choices are made by.
    """
    datasets = sorted(set(models[0].where(split="test").columns["dataset"]))
    rows: list[tuple[float, str, list[str]]] = []
    for model in models:
        test = model.where(split="test")
        pooled, valid = figures(test), figures(model.where(split="valid"))
        own = [figures(test.where(dataset=name)).get("auc") for name in datasets]
        numbers = [pooled.get("auc"), *own, *(pooled[name] for name in ("accuracy", "macro_f1")), valid.get("auc")]
        cells = [model.kind, *("-" if number is None else f"{number:.3f}" for number in numbers)]
        rows.append((-pooled.get("auc", 0.0), model.kind, cells))
    header = ["model", "auc", *(f"auc {name}" for name in datasets), "accuracy", "macro f1", "valid auc"]
    return [header, *(cells for _, _, cells in sorted(rows))]


def as_markdown(table: Sequence[Sequence[str]]) -> str:
    """Return a table as Markdown, with columns aligned.

    >>> print(as_markdown([["model", "auc"], ["a", "0.9"]]), end="")
    | model | auc |
    |:------|----:|
    | a     | 0.9 |
    """
    table = [[cell.replace("|", "\\|") for cell in row] for row in table]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "| "
        + " | ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        + " |"
        for row in table
    ]
    rule = "|" + "|".join("-" * (w + 1) + ":" if i else ":" + "-" * (w + 1) for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def as_csv(table: Sequence[Sequence[str]]) -> str:
    """Return a table as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    return stream.getvalue()


def _refuse_other_rows(models: Sequence[Predictions]) -> None:
    first = models[0]
    for model in models[1:]:
        same = all(first.columns[name] == model.columns[name] for name in ("dataset", "split", "row"))
        digests = zip(first.columns["digest"], model.columns["digest"], strict=False)
        if not same or any(a != b for a, b in digests if a is not None and b is not None):
            raise BonepickError(
                f"{first.kind} and {model.kind} were evaluated on different rows: evaluate them on the same ones"
            )
