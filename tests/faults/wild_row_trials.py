"""Commands on wild rows, and the account that each owes: every row is kept, or rejected at its own line."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.faults.trials import Ended, Trial, rows_written
from tests.faults.wild_rows import Verdict, wild_dataset
from tests.faults.wild_scoring_trials import scoring_trials

ROWS = 30  # in a dataset
Verdicts = Mapping[tuple[str, int], Verdict]
WRITERS = {
    "transform": "transform-dataset -i {rows}",
    "normalize": "normalize-dataset -n whitespace -i {rows}",
    "plsfix": "normalize-dataset -n plsfix -i {rows}",
    "convert": "convert-to-fasttext -i {rows}",
    "reshard": "reshard-dataset --shards 2 -i {rows}",
}
OTHERS = {
    "balance": "balance-dataset -i {rows} -o {out}",
    "sample": "sample-dataset --rate 0.5 -i {rows} -o {out}",
    "distribution": "label-distribution -i {rows}",
    "tokens": "count-tokens -i {rows}",
    "topics": "find-topics --n-topics 2 -m {base} -d {rows} -o {out}",
    "embed": "embed-dataset -n whitespace -m {base} -i {rows} -o {out}",
    "fasttext": "train-fasttext -n whitespace --bucket 100 --epoch 1 -d {rows} -o {out}",
    "model2vec": "train-model2vec -n whitespace --max-epochs 1 -m {base} -d {rows} -o {out}",
    "contrastive": "train-contrastive -n whitespace --n-clusters 2 --n-pairs 50 -m {base} -d {rows} -o {out}",
    "eval": "eval --bootstrap 20 -m {fasttext} -d {rows} -o {out}",
}
CHEAP = [*WRITERS, "balance", "sample", "distribution", "tokens", "embed"]
IMPORT = "import-hf-dataset -n {rows}"
CHOICES = ("", "", "-t 0.3", "-t 5", "-g .text", "-g .score", "-b 3", "--text-field .text")


def row_trials(rng: random.Random, folder: Path, models: Mapping[str, Path]) -> Iterator[Trial]:
    """Yield an import that rejects rows and one other command on the same rows, now and then one that stops at one."""
    verdicts = wild_dataset(rng, folder / "in", ROWS)
    paths = {**models, "rows": folder / "in"}
    choice = rng.choice(CHOICES)
    yield _writer(folder, "imported", f"{IMPORT} {choice}", paths, verdicts, "quarantine")
    name = rng.choice(CHEAP if rng.random() < 0.7 else list(OTHERS))
    policy = rng.choice(["quarantine", "quarantine", "fail"])
    if name in WRITERS:
        yield _writer(folder, "out", WRITERS[name], paths, verdicts, policy)
    else:
        yield _other(folder, OTHERS[name], paths, policy)
    if rng.random() < 0.2:
        yield _writer(folder, "stopped", IMPORT, paths, verdicts, "fail")
    if rng.random() < 0.3:
        yield from scoring_trials(rng, folder, folder / "in", models, len(verdicts))


def _other(folder: Path, command: str, paths: Mapping[str, Path], policy: str) -> Trial:
    words = [word.format(**paths, out=folder / "out") for word in command.split()]
    out = folder / "out" if "{out}" in command else None
    return Trial([*words, "--on-error", policy], folder, out)


def _writer(folder: Path, name: str, command: str, paths: Mapping[str, Path], verdicts: Verdicts, policy: str) -> Trial:
    out = folder / name
    words = [word.format(**paths) for word in command.split()]
    importing = command.startswith("import")
    must = {
        place for place, verdict in verdicts.items() if verdict in (["broken"] if importing else ["broken", "useless"])
    }
    unsure = {"any"} if importing else {"any", "odd"}
    if command.startswith(("transform", "reshard")) or "-g" in words or "--text-field" in words:
        unsure |= {"useless", "odd"}  # they need less, or an expression decides
        must = {place for place in must if verdicts[place] == "broken"}
    may = {place for place, verdict in verdicts.items() if verdict in unsure} | must

    def check(ended: Ended) -> Iterator[str]:
        if policy == "quarantine":
            yield from _account(ended, out, verdicts, must, may)
        else:
            yield from _first(ended, must, may)

    return Trial([*words, "-o", out, "--on-error", policy], folder, out, check)


Places = set[tuple[str, int]]


def _account(ended: Ended, out: Path, verdicts: Verdicts, must: Places, may: Places) -> Iterator[str]:
    """Yield what does not add up where rows are rejected."""
    if ended.code != 0:
        yield "failed, though only rows are bad"
        return
    told, rejected, wrong = rows_written(out)
    yield from wrong
    rows = sum(kept + bad for kept, bad in told.values())
    if rows != len(verdicts):
        yield f"{len(verdicts)} rows came, {rows} are accounted for"
    if rejected - may:
        yield f"rejected, and good: {_shown(rejected - may, verdicts)}"
    if must - rejected:
        yield f"kept, and bad: {_shown(must - rejected, verdicts)}"


def _first(ended: Ended, must: Places, may: Places) -> Iterator[str]:
    """Yield what is wrong with where a run stopped, which is at the first bad row of a file."""
    if ended.code == 0:
        if must:
            yield f"succeeded, though {len(must)} rows are bad"
        return
    found: Callable[[str], re.Match[str] | None] = re.compile(r"(\w+/0\.jsonl):(\d+): ").search
    if (place := found(ended.err)) is None:
        yield "stopped without saying at which line"
        return
    file, line = place[1], int(place[2])
    if (file, line) not in may:
        yield f"stopped at line {line} of {file}, which is good"
    if earlier := [number for name, number in must if name == file and number < line]:
        yield f"stopped at line {line} of {file}, and passed {sorted(earlier)}"


def _shown(places: Places, verdicts: Verdicts) -> str:
    return ", ".join(f"{file}:{line} ({verdicts.get((file, line), 'no row')})" for file, line in sorted(places)[:5])
