"""Scoring for the tests of faults: a model, a corpus in many forms, and what an undisturbed run makes of it."""

import bz2
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from bonepick.classifiers.base.kinds import params_of
from bonepick.classifiers.base.train import train
from bonepick.classifiers.base.training_input import OnTheFlyParams, TrainingInput
from bonepick.core.run import Run
from bonepick.scoring.corpus import OURS
from bonepick.scoring.partials import is_partial
from tests.faults.running import WORDS

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "a.jsonl": bytes,
    "b/a b.jsonl.zst": zstandard.compress,
    "c.jsonl.gz": gzip.compress,
    "d.json.bz2": bz2.compress,
    "large.jsonl.zst": zstandard.compress,
}
TABLES = ("b/e.parquet", "f.parquet")


def write_corpus(folder: Path, rows: int) -> Path:
    """Write shards in many forms, the last with more blocks; each has a row that cannot be scored."""
    rng = random.Random(rows)
    for name, pack in PACKINGS.items():
        many = rows * 8 if name.startswith("large") else rows
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"id": n, "text": text_of(rng)}).encode() for n in range(many)]
        path.write_bytes(pack(b"\n".join([*lines, b'{"text": ""}', b""])))
    for name in TABLES:
        texts = [*(text_of(rng) for _ in range(rows)), None]
        table = pa.table({"id": list(range(rows + 1)), "text": texts})
        pq.write_table(table, folder / name, row_group_size=rows // 3)
    return folder


def text_of(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(20, 120)))


def scoring_model(folder: Path, rows: Path) -> Path:
    """Train a small model of fastText."""
    given = TrainingInput([rows], conversion=OnTheFlyParams(normalizer="whitespace"))
    params = params_of("fasttext")(bucket=1000, dimension=8, epoch=2, labels=("neg", "pos"))
    train("fasttext", given, folder, params, Run())
    return folder


def published(folder: Path) -> dict[str, bytes]:
    """Return what lies there under its final name, but for records of shards: times stand in them."""
    files = (path for path in folder.rglob("*") if path.is_file() and not is_partial(path.name))
    named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in named.items() if not (name.startswith(OURS) and "/shards/" in name)}


def partials(folder: Path) -> list[str]:
    """Return the names of what is half written, and of what is not even that but called so."""
    return sorted(path.name for path in folder.rglob("*") if ".partial-" in path.name)
