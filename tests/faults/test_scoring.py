"""Scoring and filtering killed at any moment: what is there is whole, and the same command goes on to the same bytes.

`KILL_SEED=17 pytest tests/faults/test_scoring.py -k score` does what seed 17 does, and nothing else.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from unittest.mock import ANY

import pytest

from bonepick.scoring.records import RUN_FILE
from tests.faults.running import Ended, Running
from tests.faults.scoring import partials, published, scoring_model, write_corpus

Start = Callable[..., Running]
Words = list[object]

FULL = bool(os.environ.get("FULL"))
SEEDS = [int(seed) for seed in os.environ.get("KILL_SEED", "").split(",") if seed]
ROWS = 400
KILLS = {"score": 100, "filter": 30}
INTERRUPTED = (130, -signal.SIGINT, -signal.SIGTERM)  # the latter before Python, or the command, has begun


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Path]) -> dict[str, Path]:
    """A model, and a corpus of seven shards."""
    root = tmp_path_factory.mktemp("scoring")
    return {"model": scoring_model(root / "model", data["rows"]), "corpus": write_corpus(root / "corpus", ROWS)}


LOOPS: dict[str, list[Words]] = {
    "workers": [["-p", 2]],  # seven shards: six whole, the last one's blocks are shared
    "blocks": [["-p", 2]],
    "tasks": [["-p", 1, "--shard", "0/2"], ["-p", 1, "--shard", "1/2"]],
}
INPUTS = {"workers": "", "blocks": "/large.jsonl.zst", "tasks": ""}


def begun(out: Path) -> bool:
    """Tell whether a shard is being written, or was."""
    return len([path for path in out.rglob("*") if path.name != RUN_FILE]) > 2


def left(running: Running) -> Ended:
    """Wait for a command and all that it started."""
    running.gone()
    return running.ended()


def kill(rng: random.Random, running: Running) -> str:
    """Kill all of it, or a part, in one of the ways that happen; return which."""
    how = rng.choice(["group", "parent", "worker", "terminated", "interrupted"])
    with suppress(ProcessLookupError):  # it has ended
        match how:
            case "group":
                os.killpg(running.process.pid, signal.SIGKILL)
            case "parent":
                running.process.kill()
            case "worker":
                if workers := running.workers():
                    os.kill(rng.choice(workers), signal.SIGKILL)
            case "terminated":
                running.process.terminate()
            case "interrupted":
                os.killpg(running.process.pid, signal.SIGINT)
    return how


def clear(how: str, ended: Ended) -> bool:
    """Tell whether what a killed command says is what its end was."""
    if ended.code == 0:
        return ended.err == ""
    if ended.code == 130:
        return ended.err.startswith("error: interrupted: ") and ended.err.count("\n") == 1
    if how in ("group", "parent"):
        return (ended.code, ended.err) == (-signal.SIGKILL, "")
    return how in ("terminated", "interrupted") and ended.code in INTERRUPTED


def command_line(command: str, places: dict[str, Path], where: str, folder: Path, start: Start) -> Words:
    """Return the words of a command without its output; what a filter needs is made."""
    corpus = f"{places['corpus']}{where}"
    words: Words = ["score", "-m", places["model"], "-i", corpus, "--on-error", "quarantine"]
    if command == "score":
        return words
    assert start(*words, "-o", folder, "-p", 1).ended().code == 0
    return ["filter", "-s", folder, "-i", corpus, "--keep-words", 0.5]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("command", KILLS)
def test_killed(
    tmp_path: Path, places: dict[str, Path], start: Start, command: str, record_property: Callable[[str, str], None]
) -> None:
    by_input = {
        where: command_line(command, places, where, tmp_path / f"for {where[1:]}", start)
        for where in set(INPUTS.values())
    }
    whole, seconds = dict[str, dict[str, bytes]](), dict[str, float]()

    def run(loop: str, out: Path) -> list[Running]:
        return [start(*by_input[INPUTS[loop]], "-o", out, *options) for options in LOOPS[loop]]

    for loop in LOOPS:
        both = run(loop, tmp_path / loop)
        both[0].until(partial(begun, tmp_path / loop))
        began = time.monotonic()
        assert [running.ended() for running in both] == [Ended(0, ANY, "")] * len(LOOPS[loop])
        whole[loop], seconds[loop] = published(tmp_path / loop), time.monotonic() - began
    assert whole["tasks"] == whole["workers"], "the same shards"

    def tried(seed: int) -> tuple[str, bool, list[str]]:
        rng, loop, out = random.Random(f"{command} {seed}"), list(LOOPS)[seed % len(LOOPS)], tmp_path / f"out {seed}"
        both = run(loop, out)
        hit = rng.choice(both)
        if rng.random() < 0.8:  # the others are hit where nothing is written yet
            hit.until(lambda: begun(out))
        time.sleep(rng.random() * seconds[loop])
        how = kill(rng, hit)
        faults = [
            f"said {ended}" for running in both if not clear(how if running is hit else "", ended := left(running))
        ]
        found, half = published(out), partials(out)
        faults += [f"{name} is not whole" for name in found if found[name] != whole[loop][name]]
        faults += [f"then said {ended}" for running in run(loop, out) if (ended := left(running)).code or ended.err]
        made = published(out)
        faults += [f"{name} is another" for name in whole[loop] | made if whole[loop].get(name) != made.get(name)]
        faults += [f"{name} is left" for name in partials(out)]
        shutil.rmtree(out)
        return (
            how,
            bool(half) or 1 < len(found) < len(whole[loop]),
            [f"KILL_SEED={seed}, {loop}, {how}: {f}" for f in faults],
        )

    with ThreadPoolExecutor(2) as pool:
        trials = list(pool.map(tried, SEEDS or range(KILLS[command] if FULL else KILLS[command] // 10)))
    hows = ", ".join(f"{how} {n}" for how, n in sorted(Counter(how for how, _, _ in trials).items()))
    landed = sum(within for _, within, _ in trials)
    faults = [fault for _, _, found in trials for fault in found]
    record_property("counted", f"{command}: {len(trials)} kills ({hows}), {landed} amid writing, {len(faults)} faults")
    assert not faults, "\n".join(faults)
    assert landed or len(trials) < 10, "no kill came while something was being written: nothing was tested"
