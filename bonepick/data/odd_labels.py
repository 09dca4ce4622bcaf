"""Labels that are probably not meant: scores in place of classes, a class for each row, numbers among words."""

from collections import Counter
from collections.abc import Collection

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.labels import listed
from bonepick.data.scales import is_number

MANY = 100
"""Classes: more numbers than this, with decimals among them, are scores."""
FEW_ROWS = 20
"""So many rows say nothing of whether a class for each is meant."""
_HINT = (
    "name another field (--label-field), put them into bins (convert-to-fasttext --auto N, or train-fasttext --auto N) "
    "or make classes of them by jq "
    '(transform-dataset -l \'{score: (.score | numbers | if . < 2 then "neg" else "pos" end)}\')'
)


def refuse_scores(labels: Collection[str], where: str) -> None:
    """Refuse labels that are scores: more than a hundred numbers, with decimals among them.

    Args:
        labels: distinct, of one label a row.
        where: the rows, for the message.

    Raises:
        BonepickError: they are.
    """
    if len(labels) > MANY and not all(map(_is_whole, labels)) and all(map(is_number, labels)):
        raise BonepickError(
            f"{where}: more than {MANY} labels are numbers ({listed(sorted(labels)[:3])}, ...), each of them a class "
            f"of its own: {_HINT}"
        )


def check_classes(rows_of_label: Counter[str], where: str) -> None:
    """Say what is odd in the labels of some rows, each of which has one.

    Raises:
        BonepickError: they are scores, or each of many rows has a label of its own.
    """
    refuse_scores(rows_of_label, where)
    n_rows = rows_of_label.total()
    numbers = sorted(filter(is_number, rows_of_label))
    words = sorted(set(rows_of_label) - set(numbers))
    if n_rows > FEW_ROWS and len(rows_of_label) == n_rows:
        hint = "name the field that holds the label (--label-field)" if words else _HINT
        raise BonepickError(
            f"{where}: each of {n_rows:,} rows has a label of its own ({listed(sorted(rows_of_label)[:2])}): {hint}"
        )
    if numbers and words:
        note(f"{where}: labels are numbers ({listed(numbers)}) and words ({listed(words)}), all of them classes")
    if len(numbers) > MANY:
        note(f"{where}: {len(numbers):,} labels are numbers, each of them a class of its own: if not so, {_HINT}")
    if n_rows > FEW_ROWS and (single := sorted(label for label, rows in rows_of_label.items() if rows == 1)):
        note(f"{where}: of {len(rows_of_label):,} labels {len(single):,} have one row each: {listed(single)}")


def _is_whole(label: str) -> bool:
    return label.lstrip("-").isdecimal()
