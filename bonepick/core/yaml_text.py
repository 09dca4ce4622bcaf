"""The text of a YAML 1.2 file as values; what is wrong with it, or would hang a reader, is said with its line."""

from functools import cache, lru_cache
from typing import Any

from bonepick.core.errors import UsageError, shortened

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 30
MAX_NODES = 100_000
"""Of one file, with every alias counted as what it stands for: larger ones are no params of ours."""


@lru_cache(maxsize=4)
def parsed(text: str) -> Any:
    """Return what a text stands for; None where it is empty.

    Raises:
        UsageError: it is not valid, or larger or deeper than any file of params; the message has the line.

    >>> parsed("a: [1, no]")
    {'a': [1, 'no']}
    >>> parsed("a: 2024-13-45")
    Traceback (most recent call last):
        ...
    bonepick.core.errors.UsageError: line 1: '2024-13-45' cannot be read as a date, which it looks like: quote it
    """
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        _refuse_bombs(text)
        yaml = _reader()
        yaml.Constructor = _constructor()
        return yaml.load(text)
    except MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        begun = f" ({error.context}, begun on line {error.context_mark.line + 1})" if error.context_mark else ""
        raise UsageError(f"line {line}: {_on_one_line(error.problem.split(' with value ')[0])}{begun}") from None
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise UsageError(f"line {line}: the character {chr(error.character)!a} is not allowed") from None
    except RecursionError:  # in the parser, before anything can be counted
        raise UsageError(f"nested deeper than {MAX_DEPTH}") from None


def _on_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:197]}..."


def _reader() -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True)


@cache
def _constructor() -> Any:
    """Return ruamel's maker of values, which says where a scalar is that it cannot make one of."""
    from ruamel.yaml.constructor import SafeConstructor

    kinds = {"int": "a whole number", "float": "a number", "timestamp": "a date"}

    class Constructor(SafeConstructor):
        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                value = super().construct_object(node, deep)
                str(value) if isinstance(value, int) else None  # hex digits without end cannot be shown
                return value
            except ValueError:  # an impossible date, digits without end
                kind = node.tag.rpartition(":")[2]
                raise UsageError(
                    f"line {node.start_mark.line + 1}: {shortened(node.value)} cannot be read as "
                    f"{kinds.get(kind, kind)}, which it looks like: quote it"
                ) from None

    return Constructor


def _refuse_bombs(text: str) -> None:
    """Refuse what takes a reader for ever, before anything is made of it."""
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"it has {len(text):,} characters, wanted {MAX_CHARACTERS:,} at most")
    nodes = 0
    sizes = dict[str, int]()  # anchor -> values that it stands for
    started = list[tuple[str | None, int]]()  # anchor of each open collection, and the values before it
    for event in _reader().parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, NodeEvent):
            if isinstance(event, AliasEvent) and event.anchor in [anchor for anchor, _ in started]:
                raise UsageError(f"line {line}: *{event.anchor} stands inside of what it stands for")
            nodes += sizes.get(event.anchor, 1) if isinstance(event, AliasEvent) else 1
        if isinstance(event, CollectionStartEvent):
            started.append((event.anchor, nodes))
        if isinstance(event, CollectionEndEvent):
            anchor, before = started.pop()
            sizes |= {anchor: nodes - before + 1} if anchor else {}
        if nodes > MAX_NODES:
            raise UsageError(f"line {line}: more than {MAX_NODES:,} values, aliases counted as what they stand for")
        if len(started) > MAX_DEPTH:
            raise UsageError(f"line {line}: nested deeper than {MAX_DEPTH}")
