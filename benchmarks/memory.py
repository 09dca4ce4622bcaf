"""Peak memory of data preparation at 20,000 and at ten times as many rows: it shall not grow with the data.

Prints, for each command, the peak resident size in MB of its largest process, with two workers, and the ratio of both.

    python benchmarks/memory.py
"""

import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 20_000
WORDS = [f"word{number}" for number in range(5_000)]
COMMANDS = {
    "import": ["import-hf-dataset", "-n", "{source}/train", "-t", "0.1"],
    "import, table": ["import-hf-dataset", "-n", "{source}/rows.parquet", "-t", "0.1"],
    "import, count": ["import-hf-dataset", "-n", "{source}/train", "-t", "1000"],
    "transform": ["transform-dataset", "-i", "{source}"],
    "balance": ["balance-dataset", "-i", "{source}"],
    "normalize": ["normalize-dataset", "-i", "{source}", "-n", "potion"],
    "convert": ["convert-to-fasttext", "-i", "{source}", "-n", "whitespace"],
    "convert, bins": ["convert-to-fasttext", "-i", "{source}", "-n", "whitespace", "--auto", "3"],
    "sample": ["sample-dataset", "-i", "{source}", "--rate", "0.5"],
    "sample, size": ["sample-dataset", "-i", "{source}", "--size", "5MB"],
    "reshard": ["reshard-dataset", "-i", "{source}", "--shards", "4"],
}


def rows(count: int) -> Iterator[str]:
    """Rows of about 1 kB."""
    draw = random.Random(1)
    for _ in range(count):
        yield json.dumps({"text": " ".join(draw.choices(WORDS, k=110)), "score": draw.randrange(5)}) + "\n"


def write_table(file: Path, lines: Iterator[str]) -> None:
    """Write all rows as one row group, which no reader can hold where it is large."""
    pq.write_table(pa.Table.from_pylist(list(map(json.loads, lines))), file, row_group_size=1 << 30)


def peak(words: list[str]) -> float:
    """Return the peak resident size in MB of the largest process of a command."""
    subprocess.run([sys.executable, "-m", "bonepick.cli", *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Run all commands on both sizes."""
    with TemporaryDirectory() as scratch:
        sources = {count: Path(scratch) / str(count) for count in (ROWS, 10 * ROWS)}
        for count, source in sources.items():
            (source / "train").mkdir(parents=True)
            with (source / "train" / "a.jsonl").open("w", encoding="utf-8") as stream:
                stream.writelines(rows(count))
            write_table(source / "rows.parquet", rows(count))
        print(f"{'command':<14} {ROWS:>8,} {10 * ROWS:>8,} rows   ratio")
        for name, words in COMMANDS.items():
            found = []
            for source in sources.values():
                own = [word.format(source=source) for word in words]
                # in a process of its own: the figure is the maximum over all that it waited for
                with get_context("spawn").Pool(1) as pool:
                    found.append(pool.apply(peak, ([*own, "-o", f"{scratch}/out", "--overwrite", "-p", "2"],)))
            print(f"{name:<14} {found[0]:>8.0f} {found[1]:>8.0f} MB   {found[1] / found[0]:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
