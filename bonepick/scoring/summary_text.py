"""What a scoring pass prints at its end: what went in and out, what was rejected, and where cuts would be."""

from collections.abc import Mapping, Sequence
from math import isinf

from bonepick.core.cells import on_one_line
from bonepick.core.tables import all_digits, as_text, with_interval
from bonepick.scoring.cuts import Cut, keep_table, threshold_table
from bonepick.scoring.sources import source_rows
from bonepick.scoring.tally import UNITS, Tally

OTHER_REASONS = "other reasons"


def summary_text(tally: Tally, thresholds: Mapping[str, float] | None = None) -> str:
    """Return the tables, with a sentence for each cut whose share is not what it seems.

    Args:
        tally: of all rows.
        thresholds: of the model, by name.
    """
    if not tally.scored[0]:  # shares of nothing say nothing
        return "\n".join(as_text(rows) for rows in (amount_rows(tally), reason_rows(tally)) if rows)
    cuts = cut_rows(keep_table(tally), threshold_table(tally, thresholds or {}))
    sections = [amount_rows(tally), reason_rows(tally), label_rows(tally), [*CUT_HEADER, *cuts] if cuts else []]
    tables = [as_text(rows) for rows in [*sections, source_table(tally)] if rows]
    said = cut_sentences(keep_table(tally), threshold_table(tally, thresholds or {}))
    tables.append("".join(f"{sentence}\n" for sentence in said))
    return "\n".join(filter(None, tables))


CUT_HEADER = [["keeps", "score from", *UNITS]]


def amount_rows(tally: Tally) -> list[list[str]]:
    """Return what was read, rejected, scored and kept; of rejected rows, words and bytes are not known."""
    n_read = int(tally.scored[0]) + tally.n_rejected
    return [
        ["", *UNITS],
        ["read", f"{n_read:,}", "-", "-"] if tally.n_rejected else ["read", *map("{:,}".format, tally.scored)],
        *([["rejected", f"{tally.n_rejected:,}", "-", "-"]] if tally.n_rejected else []),
        ["scored", *map("{:,}".format, tally.scored)],
        ["kept", *map("{:,}".format, tally.kept)],
    ]


def reason_rows(tally: Tally) -> list[list[str]]:
    """Return the kinds of reasons for rejected rows with their numbers, most first; empty where there are none."""
    reasons = sorted(((name, int(n)) for name, (n,) in tally.rejected), key=lambda each: -each[1])
    others = int(tally.rejected.others[0])
    reasons += [(OTHER_REASONS, others)] if others else []
    return [["rejected because", "rows"], *([name, f"{n:,}"] for name, n in reasons)] if reasons else []


def label_rows(tally: Tally) -> list[list[str]]:
    """Return labels with the rows that have them, where rows have several; else nothing."""
    rows = max(int(tally.scored[0]), 1)
    lines = [[label, f"{n:,}", f"{n / rows:.1%}"] for label, n in tally.labels.items()]
    return [["label, with .5 or more", "rows", "share"], *lines] if lines else []


def cut_rows(cuts: Sequence[Cut], thresholds: Mapping[str, Cut]) -> list[list[str]]:
    """Return a line for each cut: by shares, then by the model's thresholds."""
    named = [*((_title(each), each) for each in cuts), *thresholds.items()]
    return [
        [name, score_from(each), *(f"{share:.1%}" for share in (each.rows_share, each.words_share, each.bytes_share))]
        for name, each in named
    ]


def cut_sentences(cuts: Sequence[Cut], thresholds: Mapping[str, Cut]) -> list[str]:
    """Return what is to be said of cuts that many texts with one score stand in the way of, cuts alike together."""
    names = dict[str, list[str]]()
    for name, each in [*((_title(each), each) for each in cuts), *thresholds.items()]:
        names.setdefault(each.said, []).append(on_one_line(name))
    return [f"{', '.join(alike)}: {sentence}" for sentence, alike in names.items() if sentence]


def score_from(each: Cut) -> str:
    """Return a cut's threshold with all its digits; `none` where it keeps nothing."""
    return "none" if isinf(each.threshold) else all_digits(each.threshold)


def source_table(tally: Tally) -> list[list[str]]:
    """Return a line for each of the largest sources; empty where none is known."""
    rows = [
        [
            each.name, *(f"{n:,}" for n in (each.rows, each.words, each.bytes)), f"{each.kept:.1%}",
            with_interval(each.mean), with_interval(each.median),
        ]
        for each in source_rows(tally)
    ]  # fmt: skip
    return [["source", *UNITS, "kept", "mean score", "median"], *rows] if rows else []


def _title(each: Cut) -> str:
    return f"{each.share:.0%} of {each.by}"
