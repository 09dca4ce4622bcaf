"""Sets that say how a model fares on sources it was not trained on: the sample, cut by source in three ways.

    python benchmarks/held_out.py DIRECTORY

writes each as a dataset NAME, whose test rows are of sources held out, and as NAME_seen, test rows of the other ones.
"""

import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from labelled import Row, write_rows

from bonepick.data.splitting import make_splitter
from bonepick.preparation.importing.sample import sample_rows

HELD_OUT = {
    "unseen": ("web_prose", "drug_reviews", "news_articles", "wikipedia_arts"),
    "films": ("imdb_reviews", "news_articles", "wikipedia_arts"),
    "chrome_news": ("web_chrome", "bbc_news", "news_articles"),
}
"""Name -> sources held out: of good ones and of others, so that there is an AUC. The first is the pipeline's own."""
TEST, VALID, SPLIT_SEED = 0.2, 0.1, 42
"""As the pipeline splits what it trains on, by group."""


def held_out_rows(sources: Collection[str], rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """Yield rows with their split: `test` those of the sources, `seen` what else is not trained on."""
    split_of = make_splitter(SPLIT_SEED, TEST, VALID)
    for row in rows:
        if row["source"] in sources:
            yield "test", row
        else:
            split = split_of(row["group"])
            yield "seen" if split == "test" else split, row


def write_held_out(folder: Path) -> None:
    """Write all of them."""
    sample = [row for part in ("seen", "unseen") for row in sample_rows(part)]
    for name, sources in HELD_OUT.items():
        rows = list(held_out_rows(sources, sample))
        write_rows((pair for pair in rows if pair[0] != "seen"), folder / name)
        write_rows((("test", row) for split, row in rows if split == "seen"), folder / f"{name}_seen")


if __name__ == "__main__":
    write_held_out(Path(sys.argv[1]))
