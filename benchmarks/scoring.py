"""Scoring, a packed shard in and a packed shard out, beside plain loops over it; what two workers do, and the memory.

Prints documents and MB of text a second of one core, for each kind and for a loop as one writes it, with the ratio; the
ratio of two workers to one; and the peak resident size of the largest process at ten times the rows.

    python benchmarks/scoring.py [DOCUMENTS]
"""

import sys
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from baselines import score_with_fasttext, score_with_pipeline
from memory import peak
from scored import least, one_worker, trained, write_shard

from bonepick.scoring.params import ScoreParams
from bonepick.scoring.run_shards import ShardRun
from bonepick.scoring.score import score_corpus
from bonepick.scoring.scorer import ScorerParams

DOCUMENTS = 20_000
KINDS: dict[str, Callable[[Path], Callable[[Path, Path], None]]] = {
    "fasttext": score_with_fasttext,
    "model2vec": score_with_pipeline,
}
SHARDS = 4


def beside_a_loop(kind: str, model: Path, shard: Path, count: int, size: int) -> None:
    """Print the rates of one core."""
    scratch = shard.parent
    loop = KINDS[kind](model)
    ours, plain = least(one_worker(model, shard, scratch / f"{kind}-out"), lambda: loop(shard, scratch / "plain.zst"))
    for name, taken in (("score", ours), ("plain loop", plain)):
        print(
            f"{kind:<10} {name:<11} {count / taken.cpu:>8,.0f} documents/s {size / taken.cpu / 1e6:>6.1f} MB/s of one "
            f"core, {count / taken.wall:>8,.0f} documents/s on the clock"
        )
    print(f"{kind:<10} {plain.cpu / ours.cpu:.2f}x of one core, {plain.wall / ours.wall:.2f}x on the clock", flush=True)


def workers(model: Path, shard: Path) -> None:
    """Print what two workers are to one: whole runs, their start included, over several shards."""
    corpus = shard.parent / "several"
    corpus.mkdir()
    for number in range(SHARDS):
        (corpus / f"{number}.jsonl.zst").hardlink_to(shard)
    seconds = []
    for count in (1, 2):
        began = perf_counter()
        output = shard.parent / f"{count}-workers"
        score_corpus(str(corpus), output, ScorerParams(model, ScoreParams()), ShardRun(count))
        seconds.append(perf_counter() - began)
    print(f"workers    one {seconds[0]:.1f} s, two {seconds[1]:.1f} s, {seconds[0] / seconds[1]:.2f}x", flush=True)


def memory(model: Path, shard: Path, count: int) -> None:
    """Print the peak of the largest process, for the shard and for one of ten times the rows."""
    large = shard.with_name("large.jsonl.zst")
    with large.open("wb") as stream:
        for _ in range(10):
            stream.write(shard.read_bytes())
    found = []
    for source in (shard, large):
        words = ["score", "-m", str(model), "-i", str(source), "-o", str(shard.parent / f"of-{source.name}"), "-p", "2"]
        with get_context("spawn").Pool(1) as pool:
            found.append(pool.apply(peak, (words,)))
    print(f"memory     {found[0]:.0f} MB at {count:,} documents, {found[1]:.0f} MB at {10 * count:,}")


def main(count: int) -> None:
    """Print all of it."""
    with TemporaryDirectory() as folder:
        shard = Path(folder, "a.jsonl.zst")
        size = write_shard(shard, count)
        print(f"{count:,} documents of {size / count:,.0f} bytes")
        models = {kind: trained(kind, Path(folder)) for kind in KINDS}
        for kind, model in models.items():
            beside_a_loop(kind, model, shard, count, size)
        workers(models["fasttext"], shard)
        memory(models["fasttext"], shard, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS)
