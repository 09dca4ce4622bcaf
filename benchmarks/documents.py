"""Documents as a crawl has them: 2.7 kB on average, lengths of any size, and words that never stop coming."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from bonepick.preparation.importing.sample import sample_rows

MEAN, SPREAD = 2_700, 0.8
"""Characters of a document, and the standard deviation of their logarithm."""
NEW = 0.01
"""Share of words that are made up, of two others: names, numbers and slips of the pen go on where a vocabulary ends."""

Piece = list[str]
"""The words of a text."""


@cache
def pieces_by_tier() -> tuple[list[Piece], ...]:
    """Return the words of all texts of the sample, tier 0 to 3."""
    tiers: tuple[list[Piece], ...] = ([], [], [], [])
    for part in ("seen", "unseen"):
        for row in sample_rows(part):
            tiers[row["score"]].append(row["text"].split(" "))
    return tiers


def documents(seed: int = 1) -> Iterator[str]:
    """Yield documents without end: a new megabyte holds more than 25,000 distinct words, some 10,000 of them new."""
    draw = random.Random(seed)
    pieces = [piece for tier in pieces_by_tier() for piece in tier]
    while True:
        yield document(draw, lambda: draw.choice(pieces), pieces)


def document(draw: random.Random, next_piece: Callable[[], Piece], pieces: Sequence[Piece]) -> str:
    """Return a document that is put together of pieces; words of any of `pieces` go into those that are made up."""
    wanted = draw.lognormvariate(math.log(MEAN) - SPREAD**2 / 2, SPREAD)
    text = ""
    while len(text) < wanted:
        words = list(next_piece())
        for place in range(int(draw.expovariate(NEW)), len(words), 1 + int(draw.expovariate(NEW))):
            first, second = words[place], draw.choice(draw.choice(pieces))
            words[place] = first[: 1 + len(first) // 2] + second[len(second) // 2 :]
        text += " ".join(words)[: int(wanted - len(text)) + 1] + "\n\n"
    return text.strip()
