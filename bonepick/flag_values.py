"""Values of flags that cyclopts itself would read in another way than they are meant."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from cyclopts import Token


def without_marks(hint: Any) -> Any:
    """Return the type that an `Annotated` type is about."""
    return hint.__origin__ if get_origin(hint) is Annotated else hint


def converter_of(hint: Any) -> Callable[[object, Sequence[Token]], object] | None:
    """Return what reads the values of a field of a type; None where cyclopts does."""
    kind = without_marks(hint)
    if get_origin(kind) is tuple and without_marks(get_args(kind)[0]) is int:
        return whole_numbers
    if get_origin(kind) is tuple and get_origin(get_args(kind)[0]) is Union:
        return whole_numbers_or_lists
    return whole_number if kind is int else None


def whole_numbers(kind: object, tokens: Sequence[Token]) -> tuple[int, ...]:
    """Read whole numbers, each given by a flag of its own."""
    return tuple(int(token.value) for token in tokens)


def whole_numbers_or_lists(kind: object, tokens: Sequence[Token]) -> tuple[int | tuple[int, ...], ...]:
    """Read whole numbers or lists of them, each given by a flag of its own, or a list of lists in one.

    >>> [whole_numbers_or_lists(tuple, [Token(value=value) for value in values])
    ...  for values in (["8", "4"], ["[8, 4]", "[]"], ["[[8, 4], []]"])]
    [(8, 4), ((8, 4), ()), ((8, 4), ())]
    """
    values: list[int | tuple[int, ...]] = []
    for token in tokens:
        lists = _lists_in(token.value) if token.value.startswith("[") else [int(token.value)]
        values.extend(lists)
    return tuple(values)


def _lists_in(value: str) -> list[int | tuple[int, ...]]:
    """Return the lists of whole numbers in a JSON text: it is one, or a list of such."""
    try:
        parts: list[int | tuple[int, ...]] = msgspec.json.decode(value, type=list[int | tuple[int, ...]])
    except msgspec.DecodeError:
        raise ValueError(f"{value} came, wanted whole numbers, as [8, 4], or a list of such lists") from None
    numbers = tuple(part for part in parts if isinstance(part, int))
    return [numbers] if len(numbers) == len(parts) else parts


def whole_number(kind: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; cyclopts itself would round 1.5."""
    return int(tokens[0].value)
