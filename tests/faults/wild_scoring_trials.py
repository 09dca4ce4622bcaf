"""Scoring wild rows and files, and filtering by the scores: rows in = rows out + rejected, or a refusal."""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import zstandard

from bonepick.scoring.corpus import OURS
from tests.faults.trials import Ended, Trial

CHOICES = (
    "",
    "",
    "--only-scores --id-field .text",
    "--only-scores --id-field .text --format parquet",
    "--text-field .text",
    "--into a.b",
    "--source-field .score",
    "-p 2",
)
Check = Callable[[Ended], Iterator[str]]


def scoring_trials(
    rng: random.Random, folder: Path, corpus: Path, models: Mapping[str, Path], rows: int | None = None
) -> Iterator[Trial]:
    """Yield one that scores what lies there, and where that was done one that filters it; `rows` are those of it."""
    choice, policy = rng.choice(CHOICES).split(), rng.choice(["quarantine", "quarantine", "fail"])
    scores, kept = folder / "scores", folder / "kept"
    done: list[int] = []

    def scored(ended: Ended) -> Iterator[str]:
        if ended.code:
            yield from ["failed, though only rows are bad"] * (rows is not None and policy == "quarantine")
            return
        n_read, wrong = account(scores)
        yield from wrong
        if rows is not None and n_read != rows:
            yield f"{rows} rows came, {n_read} are accounted for"
        done.append(n_read)

    words = ["score", "-m", models["fasttext"], "-i", corpus, "-o", scores, "--on-error", policy, *choice]
    yield Trial(words, folder, scores, scored, goes_on=True)
    if not done:
        return

    def filtered(ended: Ended) -> Iterator[str]:
        if ended.code:
            yield "scores of the whole corpus cannot be filtered"
        else:
            yield from account(kept)[1]

    words = ["filter", "-s", scores, "-i", corpus, "-o", kept, "--keep-rows", "0.5"]
    yield Trial(words, folder, kept, filtered, goes_on=True)


def account(out: Path) -> tuple[int, list[str]]:
    """Return how many rows were read, and what is wrong between what is said of them and what is there."""
    (summary,) = out.glob(f"{OURS}/*/summary.json")
    told = json.loads(summary.read_text())
    rejected = sum(told["rejected"]["named"].values()) + told["rejected"]["others"]
    files = [path for path in out.rglob("*") if path.is_file() and path.relative_to(out).parts[0] != OURS]
    sidecars = [path for path in files if path.relative_to(out).parts[0] == "quarantine"]
    there, aside = sum(map(_rows, set(files) - set(sidecars))), sum(map(_rows, sidecars))
    wrong = [f"{name} is half written" for name in (path.name for path in files) if ".partial-" in name]
    if there != told["kept"]["rows"]:
        wrong.append(f"the summary says {told['kept']['rows']} rows, there are {there}")
    if aside != rejected:
        wrong.append(f"the summary says {rejected} rejected rows, the quarantine has {aside}")
    return told["scored"]["rows"] + rejected, wrong


def _rows(path: Path) -> int:
    name = path.name.lower()
    if name.endswith((".parquet", ".pq")):
        return int(pq.read_metadata(path).num_rows)
    unpack: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.decompress,
        "gzip": gzip.decompress,
        "xz": lzma.decompress,
        "bz2": bz2.decompress,
        "zst": _unzst,
        "zstd": _unzst,
    }
    return unpack.get(name.rpartition(".")[2], bytes)(path.read_bytes()).count(b"\n")


def _unzst(data: bytes) -> bytes:
    return bytes(zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read())
