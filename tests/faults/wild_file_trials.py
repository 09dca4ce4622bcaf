"""Commands on wild folders: import, which owes an account of the rows, and commands that take shards."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.faults.trials import Ended, Trial, rows_written
from tests.faults.wild_files import Owed
from tests.faults.wild_folders import wild_folder
from tests.faults.wild_row_trials import OTHERS, WRITERS
from tests.faults.wild_scoring_trials import scoring_trials

COMMANDS = ["transform", "normalize", "convert", "balance", "distribution", "tokens", "reshard", "sample"]
CHOICES = ("", "", "", "-t 0.3", "-g .text", "--text-field more", "--skip-split extra", "-s x --source local")


def file_trials(rng: random.Random, folder: Path, models: Mapping[str, Path]) -> Iterator[Trial]:
    """Yield an import of a wild folder, or of a file in it, and now and then a command that takes shards."""
    wild = folder / "in" / "train"
    wild.parent.mkdir()
    owed = wild_folder(rng, wild)
    entries = sorted(wild.iterdir())
    yield _import(rng, folder, entries[0] if len(entries) == 1 and rng.random() < 0.3 else wild, owed)
    if rng.random() < 0.3:
        command = {**WRITERS, **OTHERS}[rng.choice(COMMANDS)].replace(" -o {out}", "")
        out = None if command.startswith(("label", "count")) else folder / "out"
        words = [word.format(rows=folder / "in", out=out) for word in command.split()]
        policy = rng.choice(["fail", "quarantine"])
        yield Trial([*words, *(["-o", out] if out else []), "--on-error", policy], folder, out)
    if rng.random() < 0.3:
        yield from scoring_trials(rng, folder, folder / "in", models)


def _import(rng: random.Random, folder: Path, wild: Path, owed: Owed) -> Trial:
    out = folder / "imported"
    choice = rng.choice(CHOICES)
    policy = rng.choice(["quarantine", "quarantine", "fail"])
    words = ["import-hf-dataset", "-n", wild, "-o", out, *owed.flags, *choice.split(), "--on-error", policy]

    def check(ended: Ended) -> Iterator[str]:
        if ended.code != 0:
            if owed.ends == "read" and policy == "quarantine" and not choice:
                yield "refused, though it can be read"
            return
        told, _, wrong = rows_written(out)
        yield from wrong
        rows = sum(kept + bad for kept, bad in told.values())
        if owed.ends == "refused":
            yield f"read, with {rows} rows, though it is damaged or something else"
        if owed.rows is not None and rows != owed.rows:
            yield f"{owed.rows} rows came, {rows} are accounted for"
        if rows == 0 and not ended.err.strip():
            yield "no rows, and no word of it"

    return Trial(words, folder, out, check)
