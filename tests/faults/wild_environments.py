"""Commands where no terminal is as it should be: streams closed or full, little memory, no home, signals off."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.trials import Ended, Trial


@dataclass(frozen=True)
class Environment:
    """Where a command runs.

    Attributes:
        shell: how a shell starts it.
        env: variables, None for one that is not there.
        fails: it may, with a line that says why; else it does all that it does elsewhere.
    """

    shell: str = 'exec "$@"'
    env: dict[str, str | None] = field(default_factory=dict)
    fails: bool = False


ENVIRONMENTS = [
    *(Environment(f'exec "$@" {closed}') for closed in ("<&-", "2>&-", "<&- 2>&-", "2>/dev/full")),
    *(Environment(f'exec "$@" {lost}', fails=True) for lost in (">&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full")),
    *(Environment(f'ulimit -v {size}; exec "$@"', fails=True) for size in (200_000, 600_000, 1_500_000, 4_000_000)),
    *(Environment(f'ulimit -n {files}; exec "$@"', fails=True) for files in (10, 40)),
    Environment('ulimit -f 4; exec "$@"', fails=True),
    *(Environment(f"trap '' {signal}; exec \"$@\"") for signal in ("ALRM", "PIPE", "INT", "CHLD")),
    *(Environment(env={"PYTHONOPTIMIZE": level}) for level in ("1", "2")),
    *(Environment(env={"LC_ALL": "C", **more}) for more in ({}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})),
    *(Environment(env={"HOME": home}) for home in (None, "/nowhere", "/dev/null", "")),
    *(Environment(env={"TMPDIR": where}, fails=True) for where in ("/nowhere", "/proc")),
    *(Environment(env={"COLUMNS": width}) for width in ("0", "1", "-5", "many")),
    *(Environment(env={"BONEPICK_NUM_PROC": many}, fails=True) for many in ("0", "-1", "x", "")),
    Environment(env={"PATH": ""}),
    Environment(env={"TERM": None, "LANG": None, "USER": None, "LOGNAME": None}),
    Environment(env={"PYTHONIOENCODING": "ascii"}),
]
COMMANDS = [
    "import-hf-dataset -n {rows} -o {out}",
    "import-hf-dataset -n {rows} -g .text -o {out} -p 2",
    "transform-dataset -i {rows} -o {out}",
    "normalize-dataset -i {rows} -o {out} -p 2",
    "convert-to-fasttext -i {rows} -o {out}",
    "label-distribution -i {rows}",
    "train-fasttext -n whitespace --bucket 100 --epoch 1 -d {rows} -o {out}",
    "eval --bootstrap 20 -d {rows} -m {fasttext} -o {out}",
    "compare --bootstrap 20 {evaluation}",
    "--help",
]


def environment_trials(rng: random.Random, folder: Path, models: Mapping[str, Path]) -> Iterator[Trial]:
    """Yield a command somewhere."""
    where, command = rng.choice(ENVIRONMENTS), rng.choice(COMMANDS)
    out = folder / "out" if "{out}" in command else None
    words = [word.format(**models, out=out) for word in command.split()]

    def check(ended: Ended) -> Iterator[str]:
        if ended.code != 0 and not where.fails:
            yield f"fails in {where}"

    yield Trial(list(words), folder, out, check, where.env, where.shell, by_file=False)
