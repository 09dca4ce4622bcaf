"""Labelled documents of a crawl, as many as one wants, with labels as annotators give them: the set of real size.

A document has a tier of the sample, 0 to 3, and is put together of that tier's texts, but for some pieces of others, as
a page has them. Its score is its tier, often rated too high. Hosts have many documents or few, and mostly, but never
only, those of one tier.

    python benchmarks/labelled.py DIRECTORY [DOCUMENTS]
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Any

import zstandard
from documents import Piece, document, pieces_by_tier

from bonepick.data.rows import encode
from bonepick.data.splitting import make_splitter

DOCUMENTS = 100_000
STRAY = 0.15
"""Share of pieces that are of another tier than their document."""
RAISED, RAISED_AGAIN = 0.3, 0.1
"""Share of scores that are moved up by one, and of all scores, those among them or not, by one more; to 3 at most."""
HOSTS, USUAL = 10_000, 0.5
"""Hosts, and the share of a host's documents that are of its usual tier whatever the others are."""
SNAPSHOTS = 4
"""Crawls that documents are from, whatever their host."""
VALID, TEST, SPLIT_SEED = 0.1, 0.1, 42
SHARD = 20_000
"""Rows of a shard."""

Row = dict[str, Any]


def labelled_documents(tiers: Sequence[Sequence[Piece]], seed: int = 1) -> Iterator[Row]:
    """Yield rows without end: `text`, `score` (0 to 3), `source` (a crawl) and `group` (a host).

    Args:
        tiers: the words of the texts of each tier; a tier with more texts has more documents.
        seed: of all choices; the first rows are the same however many are taken.
    """
    draw = random.Random(seed)
    sizes = [len(tier) for tier in tiers]
    usual = draw.choices(range(len(tiers)), sizes, k=HOSTS)
    pieces = [piece for tier in tiers for piece in tier]
    others = [[piece for other in tiers if other is not tier for piece in other] for tier in tiers]
    while True:
        host = int(HOSTS * draw.random() ** 2)  # the largest has a hundredth of all documents, most have a few
        tier = usual[host] if draw.random() < USUAL else draw.choices(range(len(tiers)), sizes)[0]

        def next_piece(tier: int = tier) -> Piece:
            return draw.choice(others[tier] if draw.random() < STRAY else tiers[tier])

        text = document(draw, next_piece, pieces)
        score = tier + (draw.random() < RAISED) + (draw.random() < RAISED_AGAIN)
        source = f"crawl-{draw.randrange(SNAPSHOTS)}"
        yield {"text": text, "score": min(score, len(tiers) - 1), "source": source, "group": f"host-{host}.example"}


def write_rows(rows: Iterable[tuple[str, Row]], folder: Path) -> None:
    """Write rows, each given with its split, as a dataset that was made elsewhere lies in a folder."""
    shards = dict[str, IO[bytes]]()
    counts = Counter[str]()
    with ExitStack() as files:
        for split, row in rows:
            number, place = divmod(counts[split], SHARD)
            if place == 0:
                (folder / split).mkdir(parents=True, exist_ok=True)
                file = folder / split / f"part-{number:04}.jsonl.zst"
                shards[split] = files.enter_context(zstandard.open(file, "wb"))
            shards[split].write(encode(row) + b"\n")
            counts[split] += 1


def write_labelled(folder: Path, count: int) -> None:
    """Write so many documents: a tenth of the hosts for validation, another for the test."""
    split_of = make_splitter(SPLIT_SEED, TEST, VALID)
    rows = islice(labelled_documents(pieces_by_tier()), count)
    write_rows(((split_of(row["group"]), row) for row in rows), folder)


if __name__ == "__main__":
    write_labelled(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DOCUMENTS)
