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


class Loop:
    """A loop over shards: how it is run, what it writes when nobody disturbs it, and in how many seconds of work."""

    def __init__(self, start: Start, line: Words, options: list[Words], out: Path) -> None:
        self._start, self._line, self._options = start, line, options
        running = self.run(out)
        running[0].until(lambda: begun(out))
        began = time.monotonic()
        assert [each.ended() for each in running] == [Ended(0, ANY, "")] * len(options)
        self.seconds = time.monotonic() - began
        self.whole = published(out)

    def run(self, out: Path) -> list[Running]:
        return [self._start(*self._line, "-o", out, *options) for options in self._options]

    def killed(self, rng: random.Random, out: Path) -> tuple[str, bool, list[str]]:
        """Kill a run and let another go on; return how, whether that was amid writing, and what is wrong."""
        running = self.run(out)
        hit = rng.choice(running)
        if rng.random() < 0.8:  # the others are hit where nothing is written yet
            hit.until(lambda: begun(out))
        time.sleep(rng.random() * self.seconds)
        how = kill(rng, hit)
        ends = [(how if each is hit else "", left(each)) for each in running]
        faults = [f"said {ended}" for how_it_was, ended in ends if not clear(how_it_was, ended)]
        found, within = published(out), bool(partials(out))
        faults += [f"{name} is not whole" for name in found if found[name] != self.whole[name]]
        faults += [f"then said {ended}" for ended in map(left, self.run(out)) if ended.code or ended.err]
        made = published(out)
        faults += [f"{name} is another" for name in self.whole | made if self.whole.get(name) != made.get(name)]
        faults += [f"{name} is left" for name in partials(out)]
        return how, within or 1 < len(found) < len(self.whole), faults


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("command", KILLS)
def test_killed(
    tmp_path: Path, places: dict[str, Path], start: Start, command: str, record_property: Callable[[str, str], None]
) -> None:
    inputs = set(INPUTS.values())
    lines = {where: command_line(command, places, where, tmp_path / f"of {where[1:]}", start) for where in inputs}
    loops = [Loop(start, lines[INPUTS[name]], options, tmp_path / name) for name, options in LOOPS.items()]
    assert loops[0].whole == loops[2].whole, "the same shards"

    def tried(seed: int) -> tuple[str, bool, list[str]]:
        out = tmp_path / f"out {seed}"
        how, within, faults = loops[seed % len(loops)].killed(random.Random(f"{command} {seed}"), out)
        shutil.rmtree(out)
        return how, within, [f"KILL_SEED={seed} -k {command}: {how}: {fault}" for fault in faults]

    with ThreadPoolExecutor(2) as pool:
        trials = list(pool.map(tried, SEEDS or range(KILLS[command] if FULL else KILLS[command] // 10)))
    hows = ", ".join(f"{how} {n}" for how, n in sorted(Counter(how for how, _, _ in trials).items()))
    landed = sum(within for _, within, _ in trials)
    faults = [fault for _, _, found in trials for fault in found]
    record_property("counted", f"{command}: {len(trials)} kills ({hows}), {landed} amid writing, {len(faults)} faults")
    assert not faults, "\n".join(faults)
    assert landed or len(trials) < 10, "no kill came while something was being written: nothing was tested"
