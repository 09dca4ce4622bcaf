"""Wild rows: lines of JSON as nobody should write them, each with what has to become of it."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.faults.running import WORDS

Verdict = Literal["good", "odd", "useless", "broken", "any"]
"""Good rows are kept by every command, broken ones by none; useless ones are JSON, but have no text or no label: import
alone keeps them. Odd ones are JSON, and what else they are is not for us to say."""

Line = tuple[bytes, Verdict]
LABELS = ("neg", "pos")


def wild_lines(rng: random.Random, count: int) -> list[Line]:
    """Return that many rows, a third of them good, the first one certainly: it tells what the file is.

    In half of the files all labels that are any are two, since commands that rank by labels refuse others at once.
    """
    makers = MAKERS if rng.random() < 0.5 else [*MAKERS, *OF_LABELS]
    return [_good(rng), *(_good(rng) if rng.random() < 0.3 else rng.choice(makers)(rng) for _ in range(count - 1))]


@dataclass(frozen=True)
class WildFile:
    """Rows in a file, and their verdicts by their line numbers; blank lines have none."""

    content: bytes
    verdicts: dict[int, Verdict]


def wild_file(rng: random.Random, count: int) -> WildFile:
    """Put rows into a file: between blank lines, with either end of line, perhaps a mark at its start, or no end."""
    lines: list[bytes] = []
    verdicts: dict[int, Verdict] = {}
    for line, verdict in wild_lines(rng, count):
        if rng.random() < 0.1:
            lines.append(rng.choice([b"", b" ", b"\t", b"\r"]))
        lines.append(line + rng.choice([b"", b"", b"", b"\r", b" "]))
        verdicts[len(lines)] = verdict
    mark, end = rng.choice([b"", b"", b"\xef\xbb\xbf"]), rng.choice([b"", b"\n", b"\n\n"])
    return WildFile(mark + b"\n".join(lines) + end, verdicts)


def wild_dataset(rng: random.Random, folder: Path, count: int) -> dict[tuple[str, int], Verdict]:
    """Write a dataset, and return the verdict of each row by its file and line."""
    verdicts: dict[tuple[str, int], Verdict] = {}
    for split, rows in (("train", count - count // 5), ("test", count // 5)):
        file = wild_file(rng, rows)
        path = folder / split / "0.jsonl"
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
        verdicts |= {(f"{split}/0.jsonl", line): verdict for line, verdict in file.verdicts.items()}
    return verdicts


def text_of(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(3, 20)))


def row_of(rng: random.Random, **fields: object) -> dict[str, object]:
    return {"text": text_of(rng), "score": rng.choice(LABELS), **fields}


def _dump(row: object, ascii_only: bool = True) -> bytes:
    return json.dumps(row, ensure_ascii=ascii_only).encode(errors="surrogatepass")


def _good(rng: random.Random) -> Line:
    return _dump(row_of(rng)), "good"


def _extra(rng: random.Random) -> Line:
    value = rng.choice([None, -1, 1.5, "", "x", [], {}, [[1], {"a": None}], 2**53 - 1, {"b": "\u2028\x00"}])
    return _dump(row_of(rng, **{rng.choice(["id", "", "a b", "\x00", "url", "text.", "é"]): value})), "good"


def _nested(rng: random.Random) -> Line:
    depth = rng.choice([100, 499, 501, 900, 1_100, 10_000, 200_000])
    left, right = rng.choice([("[", "]"), ('{"a":', "}")])
    nest = left * depth + "1" + right * depth
    field = rng.choice(["meta", "text", "score"])  # of a field that is there twice, the last counts
    return f'{{"text":"a word","score":"pos","{field}":{nest}}}'.encode(), "any"


def _number(rng: random.Random) -> Line:
    numbers = ["1e400", "-1e999", "1e-999", "9" * 400, "-" + "9" * 30, "9007199254740993", "1e308", "0." + "3" * 5_000]
    return f'{{"text":"a word","score":"pos","n":{rng.choice(numbers)}}}'.encode(), "any"


def _number_label(rng: random.Random) -> Line:
    number = rng.choice(["1e400", "9" * 400, "-1e-999", "1e308", "9007199254740993"])
    return f'{{"text":"a word","score":{number}}}'.encode(), "any"


def _no_number(rng: random.Random) -> Line:
    field, number = (
        rng.choice(["score", "n"]),
        rng.choice(["NaN", "Infinity", "-Infinity", "nan", "0x10", "01", "+1", ".5"]),
    )
    return f'{{"text":"a word","score":"pos","{field}":{number}}}'.encode(), "broken"


def _surrogate(rng: random.Random) -> Line:
    half = rng.choice(["\\ud800", "\\udfff", "\\udc00\\ud800", "a\\ud83dz"])
    return f'{{"text":"a {half} word","score":"pos"}}'.encode(), "broken"


def _no_utf8(rng: random.Random) -> Line:
    wrong = rng.choice([b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80", b"caf\xe9"])
    where = rng.choice([b'{"text":"a %b word","score":"pos"}', b'{"text":"a word","score":"pos","m":"%b"}'])
    return where.replace(b"%b", wrong), "broken"


def _raw_control(rng: random.Random) -> Line:
    mark = bytes([rng.choice([0, 1, 8, 9, 11, 12, 27, 31])])
    return b'{"text":"a ' + mark + b' word","score":"pos"}', "broken"


def _control(rng: random.Random) -> Line:
    mark = rng.choice("\x00\x01\x08\x0b\x0c\x1b\x1c\x1d\x1e\x1f\x7f\x85\u2028\u2029\ufeff\u202e\r\n")
    return _dump(row_of(rng, text=f"a{mark}word"), rng.random() < 0.5), "good"


def _long(rng: random.Random) -> Line:
    part = rng.choice(["a", "word ", "é", "\\n", "__label__pos ", "ab" * 5_000 + " "])
    size = rng.choice([10_000, 300_000, 2_000_000])
    return f'{{"text":"word {part * (size // len(part))}","score":"pos"}}'.encode(), "odd"


def _long_label(rng: random.Random) -> Line:
    return _dump(row_of(rng, score=rng.choice("ax_") * rng.choice([300, 200_000]))), "odd"


def _wrong_text(rng: random.Random) -> Line:
    return _dump(
        row_of(rng, text=rng.choice([None, 1, 1.5, True, [], ["a"], {}, {"a": "b"}, "", " ", "\n\t"]))
    ), "useless"


def _wrong_label(rng: random.Random) -> Line:
    return _dump(row_of(rng, score=rng.choice([None, [], ["pos"], {}, "", "  ", "__label__", "\x00", "\n"]))), "useless"


def _missing(rng: random.Random) -> Line:
    return rng.choice([b'{"text":"a word"}', b'{"score":"pos"}', b"{}", b'{"Text":"a","Score":1}']), "useless"


def _odd_label(rng: random.Random) -> Line:
    odd = [1, -3.0, 0, True, "3", "very good", "a\nb", "__label__pos", "__label__a b", '"', "a,b", "=1+1", "<b>", "é"]
    odd += ["</s>", "../x", "a\tb", "|", "\u200b", "a\x00b", "a\x1cb", "\x1b[2J", "a\u2028b", "\ufeffa"]
    return _dump(row_of(rng, score=rng.choice(odd)), rng.random() < 0.5), "odd"


def _odd_text(rng: random.Random) -> Line:
    odd = ["__label__neg a", "</s>", "\u200b", "\U0010ffff", "a" * 50 + "\u0301" * 500, "=cmd()", "\x00", "한" * 99]
    return _dump(row_of(rng, text=rng.choice(odd)), rng.random() < 0.5), "odd"


def _twice(rng: random.Random) -> Line:
    return rng.choice(
        [b'{"text":"a","text":"b c","score":"pos"}', b'{"score":"neg","text":"a word","score":"pos"}']
    ), "odd"


def _no_object(rng: random.Random) -> Line:
    return rng.choice(
        [b"[1, 2]", b'"text"', b"1", b"true", b"null", b"nul", b"text\tscore", b"-", b"__label__pos a"]
    ), "broken"


def _cut(rng: random.Random) -> Line:
    line = _dump(row_of(rng))
    return line[: rng.randint(1, len(line) - 1)], "broken"


def _behind(rng: random.Random) -> Line:
    return _dump(row_of(rng)) + rng.choice([b",", b"}", b"{}", b" x", b"\x00", b";", b" // a"]), "broken"


def _before(rng: random.Random) -> Line:
    return rng.choice([b"\xef\xbb\xbf", b"\x00", b",", b"data: ", b"\x1e", b"\x1b[2J"]) + _dump(row_of(rng)), "broken"


def _bytes(rng: random.Random) -> Line:
    return b"\xff" + rng.randbytes(rng.randint(1, 60)).replace(b"\n", b""), "broken"


MAKERS: list[Callable[[random.Random], Line]] = [
    _extra, _nested, _number, _no_number, _surrogate, _no_utf8, _raw_control, _control, _long,
    _wrong_text, _wrong_label, _missing, _odd_text, _twice, _no_object, _cut, _behind, _before, _bytes,
]  # fmt: skip
OF_LABELS = [_odd_label, _odd_label, _long_label, _number_label]
