"""A program for the tests: run every command that writes rows, reading folders in a shuffled order.

python -m tests.faults.variant SEED ROWS OUT WORKERS
"""

import os
import random
import sys
from collections.abc import Iterator
from typing import Any

from bonepick.cli import main

COMMANDS = {
    "import": "import-hf-dataset -n {rows} --valid-split 500 -b 700",
    "transform": "transform-dataset -i {rows} -k {{n:.n}}",
    "balance": "balance-dataset -i {rows} --split train",
    "normalize": "normalize-dataset -i {rows} -n potion",
    "embed": "embed-dataset -i {rows}",
    "convert": "convert-to-fasttext -i {rows} --label-field n --auto 3",
    "sample": "sample-dataset -i {rows} --size 200kB",
    "reshard": "reshard-dataset -i {rows} --shards 3 --valid-split 500",
}


class Shuffled(Iterator[Any]):
    """What `os.scandir` returns, in another order."""

    def __init__(self, entries: Iterator[Any], rng: random.Random) -> None:
        found = list(entries)
        rng.shuffle(found)
        self._rest = iter(found)

    def __next__(self) -> Any:
        return next(self._rest)

    def __enter__(self) -> "Shuffled":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def close(self) -> None:
        pass


def shuffle_folders(seed: int) -> None:
    rng, scandir, listdir = random.Random(seed), os.scandir, os.listdir

    def shuffled_listdir(*where: Any) -> Any:
        return list(Shuffled(iter(listdir(*where)), rng))

    def shuffled_scandir(*where: Any) -> Any:
        with scandir(*where) as entries:
            return Shuffled(entries, rng)

    os.listdir, os.scandir = shuffled_listdir, shuffled_scandir


if __name__ == "__main__":
    seed, rows, out, workers = sys.argv[1:]
    shuffle_folders(int(seed))
    for name, command in COMMANDS.items():
        # the rows hold one that no command can use
        options = f"--on-error quarantine -o {out}/{name} -p {workers}"
        sys.argv = ["bonepick", *command.format(rows=rows).split(), *options.split()]
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                raise
