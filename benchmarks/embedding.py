"""Embedding of labelled documents (see labelled.py), against `StaticModel.encode`, in CPU seconds.

Prints them with MB a second of one core and the ratio, for the words' cache in one process, and for `embed-dataset`
whole: packed rows read, embedded by as many processes as there are cores, and written.

    python benchmarks/embedding.py [DOCUMENTS]
"""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from documents import pieces_by_tier
from labelled import labelled_documents, write_rows
from scored import timed

from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.embed_dataset import embed_dataset
from bonepick.classifiers.static.text_means import TextMeans
from bonepick.core.parallel import worker_count
from bonepick.core.run import Run
from bonepick.data.rows import RowParams
from bonepick.text.normalizer import NormalizerParams

DOCUMENTS, BATCH = 10_000, 1_024


def batches(count: int) -> Iterator[list[str]]:
    """Yield so many documents, some at a time."""
    texts = (row["text"] for row in islice(labelled_documents(pieces_by_tier()), count))
    while batch := list(islice(texts, BATCH)):
        yield batch


def in_one_process(count: int) -> tuple[float, float, float]:
    """Embed each batch in both ways, so that a machine that is slower for a while is so for both.

    Returns:
        CPU seconds of `encode`, those with the cache, and MB.
    """
    base = load_base_model("packaged")
    means = TextMeans(base)
    encoding, cached, size = 0.0, 0.0, 0
    for texts in batches(count):
        size += sum(len(text.encode()) for text in texts)
        theirs, taken = timed(lambda: base.encode(texts, max_length=None, normalize=False, use_multiprocessing=False))  # noqa: B023
        encoding += taken.cpu
        ours, taken = timed(lambda: means(texts))  # noqa: B023
        cached += taken.cpu
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    return encoding, cached, size / 1e6


def whole(count: int, workers: int) -> tuple[float, float]:
    """Embed a dataset of as many rows, and return CPU seconds, those of all processes, and seconds."""
    with TemporaryDirectory() as folder:
        rows = Path(folder, "rows")
        write_rows((("train", row) for row in islice(labelled_documents(pieces_by_tier()), count)), rows)
        cpu, wall = sum(os.times()[:4]), perf_counter()
        embed_dataset(rows, Path(folder, "embedded"), NormalizerParams(), RowParams(), run=Run(workers))
        return sum(os.times()[:4]) - cpu, perf_counter() - wall


def main(count: int) -> None:
    """Print all of it."""
    encoding, cached, size = in_one_process(count)
    workers = worker_count()
    embedding, wall = whole(count, workers)
    print(f"{count:,} documents, {size:.0f} MB, features the same")
    ways = {"encode": encoding, "words' cache": cached, f"embed-dataset -p {workers}": embedding}
    for name, cpu in ways.items():
        print(f"{name:<18} {cpu:>7.1f} CPU s {size / cpu:>6.1f} MB/s of one core {encoding / cpu:>5.2f}x")
    print(f"{'':<18} {wall:>7.1f} s on the clock, {embedding / wall:.1f} of {workers} cores busy")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS)
