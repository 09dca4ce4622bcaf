"""Wild rows, files, model directories and environments: seeded, two at a time, a tenth of them unless FULL is set.

`WILD_SEED=17 pytest tests/faults/test_wild.py -k rows` runs what seed 17 makes, and nothing else.
"""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.running import write_rows
from tests.faults.trials import Trial
from tests.faults.wild_file_trials import file_trials
from tests.faults.wild_model_trials import model_trials
from tests.faults.wild_row_trials import OTHERS, ROWS, row_trials

FULL = bool(os.environ.get("FULL"))
SEEDS = [int(seed) for seed in os.environ.get("WILD_SEED", "").split(",") if seed]
MADE = {
    "model2vec": OTHERS["model2vec"],
    "contrastive": OTHERS["contrastive"],
    "fasttext": OTHERS["fasttext"],
    "evaluation": "eval --bootstrap 20 -m {fasttext} -d {rows} -o {out}/fasttext",
    "imported": "import-hf-dataset -n {rows} -o {out}",
    "converted": "convert-to-fasttext -i {rows} -o {out}",
    "topics": "find-topics --n-topics 3 -m {base} -d {rows} -o {out}",
}
Trials = Callable[[random.Random, Path, Mapping[str, Path]], Iterator[Trial]]


def run(kind: str, trials: Trials, whole: int, models: Mapping[str, Path], root: Path) -> None:
    """Run the trials of as many seeds, print how many there were, and fail with all that is wrong."""
    seeds = SEEDS or range(whole if FULL else whole // 10)

    def tried(seed: int) -> tuple[int, list[str]]:
        folder = root / f"wild-{kind}-{seed}"
        folder.mkdir()
        faults: list[str] = []
        count = 0
        for trial in trials(random.Random(f"{kind} {seed}"), folder, models):
            faults += [f"WILD_SEED={seed} -k {kind}: {fault}" for fault in trial.faults()]
            count += 1
        if not faults:
            shutil.rmtree(folder)
        return count, faults

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(tried, seeds))
    faults = [fault for _, found in results for fault in found]
    print(f"\n{kind}: {len(seeds)} made, {sum(count for count, _ in results)} commands, {len(faults)} faults")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, data: Mapping[str, Path]) -> dict[str, Path]:
    """Small real models, each of a kind, an evaluation of each, and the base and the rows that they come from."""
    root = tmp_path_factory.mktemp("wild")
    rows = write_rows(root / "rows", 20)
    made = {"base": data["base"], "rows": rows}
    for name, command in MADE.items():
        made[name] = root / name
        trial = Trial([word.format(**made, out=made[name]) for word in command.split()], root, made[name])
        assert trial.faults() == []
    return made


@pytest.mark.timeout(1800)
def test_rows(tmp_path: Path, models: Mapping[str, Path]) -> None:
    """3,000 rows in all."""
    run("rows", row_trials, 3_000 // ROWS, models, tmp_path)


@pytest.mark.timeout(1800)
def test_files(tmp_path: Path, models: Mapping[str, Path]) -> None:
    """500 folders in all."""
    run("files", file_trials, 500, models, tmp_path)


@pytest.mark.timeout(1800)
def test_models(tmp_path: Path, models: Mapping[str, Path]) -> None:
    """300 copies of models, evaluations and datasets in all."""
    run("models", model_trials, 300, models, tmp_path)
