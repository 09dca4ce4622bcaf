"""Embedding of documents, against `StaticModel.encode`: CPU seconds, MB a second and the ratio, one process.

python benchmarks/embedding.py [DOCUMENTS]
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from documents import documents
from scored import timed

from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.text_means import TextMeans

DOCUMENTS, BATCH = 10_000, 1_024


def batches(count: int) -> Iterator[list[str]]:
    """Yield so many documents, some at a time."""
    texts = documents()
    for start in range(0, count, BATCH):
        yield list(islice(texts, min(BATCH, count - start)))


def main(count: int) -> None:
    """Embed each batch in both ways, so that a machine that is slower for a while is so for both."""
    base = load_base_model("packaged")
    ways: dict[str, Callable[[list[str]], Any]] = {
        "encode": lambda texts: base.encode(texts, max_length=None, normalize=False, use_multiprocessing=False),
        "TextMeans": TextMeans(base),
    }
    cpu, size, furthest = dict.fromkeys(ways, 0.0), 0, 0.0
    for texts in batches(count):
        size += sum(len(text.encode()) for text in texts)
        found = []
        for name, embed in ways.items():
            means, seconds = timed(partial(embed, texts))
            found.append(means)
            cpu[name] += seconds.cpu
        furthest = max(furthest, float(np.abs(found[0] - found[1]).max()))
    for name, seconds in cpu.items():
        print(f"{name:<12} {seconds:>7.1f} CPU s {size / seconds / 1e6:>6.1f} MB/s {cpu['encode'] / seconds:>5.2f}x")
    print(f"{count:,} documents, {size / 1e6:.0f} MB, every number the same to {furthest:.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS)
