"""Prediction of the static kinds, against model2vec's own pipeline over the same documents, in one process.

Prints seconds of CPU time and MB a second, with a cold word cache and with a warm one, and the ratios; for a linear
head, which is folded into the vectors, and for one with a hidden layer, which is not.

    python benchmarks/static_prediction.py
"""

from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from time import process_time

import numpy as np
from baselines import pipeline_probabilities
from documents import documents

from bonepick.classifiers.static.base_model import load_base_model
from bonepick.classifiers.static.layers import static_pipeline
from bonepick.classifiers.static.probabilities import TextProbabilities

DOCUMENTS, BATCH = 10_000, 1_024
HEADS = {"linear": (2,), "512 hidden units": (512, 2)}


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that it takes, of all threads together."""
    start = process_time()
    work()
    return process_time() - start


def in_batches(ask: Callable[[list[str]], object], texts: Sequence[str]) -> None:
    """Ask for some texts at a time."""
    for start in range(0, len(texts), BATCH):
        ask(list(texts[start : start + BATCH]))


def main() -> None:
    """Print a line for each head and way."""
    texts = list(islice(documents(), DOCUMENTS))
    size = sum(len(text.encode()) for text in texts) / 1e6
    words, first = (len({word for text in some for word in text.split()}) for some in (texts, texts[:370]))
    print(f"{len(texts):,} documents, {size:.1f} MB, {words:,} distinct words, {first:,} in the first MB")
    base, draw = load_base_model("packaged"), np.random.default_rng(1)
    for name, sizes in HEADS.items():
        layers = [
            (draw.normal(size=(n_out, n_in)).astype("float32") / n_in**0.5, np.zeros(n_out, "float32"))
            for n_in, n_out in pairwise((base.dim, *sizes))
        ]
        pipeline = static_pipeline(base, layers, ["neg", "pos"])
        theirs = seconds(lambda: in_batches(lambda batch: pipeline_probabilities(pipeline, batch), texts))  # noqa: B023
        print(f"{name:<17} model2vec  {theirs:6.2f} s {size / theirs:6.1f} MB/s", flush=True)
        ours = TextProbabilities(base, pipeline.head.layers)
        for state in ("cold cache", "warm cache"):
            taken = seconds(lambda: in_batches(ours, texts))  # noqa: B023
            print(f"{name:<17} {state} {taken:6.2f} s {size / taken:6.1f} MB/s {theirs / taken:6.2f}x", flush=True)


if __name__ == "__main__":
    main()
