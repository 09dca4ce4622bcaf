"""Import speed against plain loops over the same files: rows that are read, split by hash and written as zst shards.

Prints the seconds of one process for each, and the ratio.

    python benchmarks/importing.py
"""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from baselines import copy_jsonl, copy_parquet

from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.preparation.importing.import_dataset import import_dataset
from bonepick.preparation.importing.params import ImportParams

ROWS = 100_000
WORDS = [f"word{number}" for number in range(5_000)]
ROUNDS = 3


def seconds(run: Callable[[], object]) -> float:
    """Return the least time of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    """Import the same rows of about 1 kB from both formats."""
    draw = random.Random(1)
    rows = [{"text": " ".join(draw.choices(WORDS, k=110)), "score": draw.randrange(5), "n": n} for n in range(ROWS)]
    with TemporaryDirectory() as scratch:
        sources = {"JSONL": Path(scratch) / "a.jsonl", "Parquet": Path(scratch) / "a.parquet"}
        sources["JSONL"].write_text("".join(json.dumps(row) + "\n" for row in rows))
        pq.write_table(pa.Table.from_pylist(rows), sources["Parquet"])
        for (name, source), baseline in zip(sources.items(), (copy_jsonl, copy_parquet), strict=True):
            params = ImportParams(name=str(source), test_split=0.1)
            ours = seconds(lambda: import_dataset(params, Path(scratch) / "out", RowParams(), Run(1, overwrite=True)))  # noqa: B023
            plain = seconds(lambda: baseline(source, Path(scratch) / "plain.jsonl.zst"))  # noqa: B023
            print(f"{name:<8} import {ours:5.2f} s, plain loop {plain:5.2f} s, {plain / ours:5.2f}x", flush=True)


if __name__ == "__main__":
    main()
