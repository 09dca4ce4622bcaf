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
from tests.faults.wild_environments import environment_trials
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
    "embedded": "embed-dataset -i {rows} -m {base} -o {out}",
    "converted": "convert-to-fasttext -i {rows} -o {out}",
    "topics": "find-topics --n-topics 3 -m {base} -d {rows} -o {out}",
}
Trials = Callable[[random.Random, Path, Mapping[str, Path]], Iterator[Trial]]
KINDS: dict[str, tuple[Trials, int]] = {
    "rows": (row_trials, 3_000 // ROWS),
    "files": (file_trials, 500),
    "models": (model_trials, 300),
    "environments": (environment_trials, 100),
}
"""Kind of wild input -> what makes trials of a seed, and how many seeds are the whole."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, data: Mapping[str, Path]) -> dict[str, Path]:
    """Small real models, each of a kind, what else commands write, and the base and the rows that they come from."""
    root = tmp_path_factory.mktemp("wild")
    made = {"base": data["base"], "rows": write_rows(root / "rows", 20)}
    for name, command in MADE.items():
        made[name] = root / name
        trial = Trial([word.format(**made, out=made[name]) for word in command.split()], root, made[name])
        assert trial.faults() == []
    return made


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_wild(
    tmp_path: Path, models: Mapping[str, Path], kind: str, record_property: Callable[[str, str], None]
) -> None:
    """Run the trials of all seeds, and fail with all that is wrong."""
    trials, whole = KINDS[kind]
    seeds = SEEDS or range(whole if FULL else whole // 10)

    def tried(seed: int) -> tuple[int, list[str]]:
        folder = tmp_path / f"wild-{kind}-{seed}"
        folder.mkdir()
        count = 0
        faults: list[str] = []
        for trial in trials(random.Random(f"{kind} {seed}"), folder, models):
            faults += [f"WILD_SEED={seed} -k {kind}: {fault}" for fault in trial.faults()]
            count += 1
        if not faults:
            shutil.rmtree(folder)
        return count, faults

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(tried, seeds))
    faults = [fault for _, found in results for fault in found]
    commands = sum(count for count, _ in results)
    record_property("counted", f"wild {kind}: {len(seeds)} made, {commands} commands run on them, {len(faults)} faults")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
