"""Wild CSV: in any dialect, or in none."""

import csv
import io
import random
from pathlib import Path

from tests.faults.wild_files import ANY, Owed
from tests.faults.wild_rows import text_of


def any_dialect(rng: random.Random, folder: Path) -> Owed:
    """CSV in any dialect; said, or not."""
    delimiter, ending = rng.choice([(",", ".csv"), (";", ".csv"), ("|", ".csv"), ("\t", ".tsv"), ("\t", ".csv")])
    quote = rng.choice(['"', "'"])
    odd = ["NA", "null", "1e5", "007", "", 'say "so"', "it's", "a,b;c|d", "line\nbreak", " ", "\u2028", "=1+1"]
    rows = [[text_of(rng) + rng.choice(odd), rng.choice(["neg", "pos"]), rng.choice(odd)] for _ in range(12)]
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, quotechar=quote, lineterminator=rng.choice(["\n", "\r\n"]))
    writer.writerows([["text", "score", "more"], *rows])
    mark = rng.choice(["", "\ufeff"])
    (folder / f"a{ending}").write_bytes((mark + sink.getvalue()).encode())
    if rng.random() < 0.3:
        return ANY
    return Owed(12, "read", ("--delimiter", delimiter, "--quote", "double" if quote == '"' else "single"))


def no_dialect(rng: random.Random, folder: Path) -> Owed:
    """CSV that is none: unclosed quotes, more fields or fewer, NUL, headers that are empty or repeat."""
    header = rng.choice(["text,score", "text,text", ",score", "", "text", '"text,score', "text,score," + "x," * 5_000])
    odd = [
        '"',
        'a"b,pos',
        "a",
        "a,b,c",
        "\x00,pos",
        "x,\ud800",
        "",
        '"a\n',
        "a\rb,pos",
        "," * 20_000,
        "é" * 100_000 + ",a",
    ]
    lines = [header, *(rng.choice([*odd, "a word,pos"]) for _ in range(20))]
    (folder / f"a{rng.choice(['.csv', '.tsv'])}").write_bytes("\n".join(lines).encode(errors="surrogatepass"))
    return ANY
