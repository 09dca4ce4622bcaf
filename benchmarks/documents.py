"""Documents as a crawl has them: 2.7 kB on average, lengths of any size, and words that never stop coming."""

import math
import random
from collections.abc import Iterator
from functools import cache

from bonepick.preparation.importing.sample import sample_rows

MEAN, SPREAD = 2_700, 0.8
"""Characters of a document, and the standard deviation of their logarithm."""
NEW = 0.01
"""Share of words that are made up, of two others: names, numbers and slips of the pen go on where a vocabulary ends."""


@cache
def pieces() -> list[list[str]]:
    """Return the words of all texts of the sample."""
    return [row["text"].split(" ") for part in ("seen", "unseen") for row in sample_rows(part)]


def documents(seed: int = 1) -> Iterator[str]:
    """Yield documents without end: a new megabyte holds more than 25,000 distinct words, some 10,000 of them new."""
    draw = random.Random(seed)
    while True:
        wanted = draw.lognormvariate(math.log(MEAN) - SPREAD**2 / 2, SPREAD)
        document = ""
        while len(document) < wanted:
            words = list(draw.choice(pieces()))
            for place in range(int(draw.expovariate(NEW)), len(words), 1 + int(draw.expovariate(NEW))):
                first, second = words[place], draw.choice(draw.choice(pieces()))
                words[place] = first[: 1 + len(first) // 2] + second[len(second) // 2 :]
            document += " ".join(words)[: int(wanted - len(document)) + 1] + "\n\n"
        yield document.strip()
