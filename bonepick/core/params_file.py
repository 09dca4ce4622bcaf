"""`params.yaml`: its nodes, read as YAML 1.2 like DVC does, as the params of operations."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.params import P, Params, shared_fields, types_of

PARAMS_FILE = Path("params.yaml")

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
MAX_NODES = 100_000
"""Of one YAML file, with every alias counted as what it stands for: larger ones are no params of ours."""

NOT_THERE = object()
values_read: dict[str, Any] = {}
"""Dotted path -> value of what this process read, `NOT_THERE` where it found that there is none."""


def read_params(kind: type[P], node: str = "", under: str = "", partial: bool = False) -> P:
    """Make params from a node of `params.yaml`, and from shared nodes for the fields that say so.

    Args:
        kind: the dataclass.
        node: dotted path of its own node; every field but the shared ones must be there, and nothing else. Empty for
            params that have none: their fields that are not shared keep their defaults.
        under: dotted path of another node, whose keys stand in where the own one lacks them; either may be missing.
        partial: whether fields that are missing keep their defaults.

    Raises:
        UsageError: a node or key is missing, unknown or not valid; the message names file and key.

    Example: `read_params(ContrastiveParams, "train.contrastive")`.
    """
    nodes = [path for path in (under, node) if path and (not under or _is_there(path))]
    given = {field: (path, value) for path in nodes for field, value in _own_values(kind, path).items()}
    may_lack = _defaulted(kind) if under or partial or not node else []
    if missing := [field for field in _own_fields(kind) if field not in given and field not in may_lack]:
        raise UsageError(f"{PARAMS_FILE}: {node}.{missing[0]} is missing")
    shared = shared_fields(kind)
    values = {field: value for field, (_, value) in given.items()}
    values |= {field: read_node(path) for field, path in shared.items()}
    places = {field: f"{path}.{field}" for field, (path, _) in given.items()} | shared
    try:
        return kind(**values)
    except UsageError as error:
        field, reason = str(error).split(" ", 1)
        # a message that begins with no field speaks of them together, or shows the value
        place = places.get(field, f"{node}.{field}") if field in types_of(kind) else f"{node}: {field}"
        raise UsageError(f"{PARAMS_FILE}: {place.removeprefix(': ')} {reason}") from None


def _defaulted(kind: type[Params]) -> list[str]:
    return [field.name for field in fields(kind) if field.default is not MISSING]  # type: ignore[arg-type]


def _own_fields(kind: type[Params]) -> list[str]:
    return [field for field in types_of(kind) if field not in shared_fields(kind)]


def _own_values(kind: type[Params], path: str) -> dict[str, Any]:
    values = read_node(path)
    if not isinstance(values, dict):
        raise UsageError(f"{PARAMS_FILE}: {path} is {shortened(values)}, wanted a mapping")
    for key in values:
        if key in kind.RENAMED:
            raise UsageError(f"{PARAMS_FILE}: {path}.{key} is called {path}.{kind.RENAMED[key]} now")
        if key not in _own_fields(kind):
            known = ", ".join(_own_fields(kind))
            raise UsageError(f"{PARAMS_FILE}: {path}.{shown_key(key)} is unknown; known here: {known}")
    return values


def shown_key(key: object) -> str:
    """Return a key for messages: as it is where that is short and plain."""
    text = str(key)
    return text if len(text) < 80 and text.isprintable() else shortened(key)


def _is_there(path: str) -> bool:
    try:
        read_node(path)
    except UsageError:
        values_read[path] = NOT_THERE
        return False
    return True


def read_node(path: str) -> Any:
    """Return the value at a dotted path of `params.yaml`.

    Raises:
        UsageError: there is no such file or key.
    """
    value = values_read[path] = _value_at(path)
    return value


def nodes_that_changed() -> list[str]:
    """Return the dotted paths of what this process read, where `params.yaml` holds another value by now, or none."""

    def changed(path: str, value: Any) -> bool:
        try:
            return bool(_value_at(path) != value)
        except UsageError:
            return value is not NOT_THERE

    return [path for path, value in values_read.items() if changed(path, value)]


def _value_at(path: str) -> Any:
    value = read_yaml(PARAMS_FILE)
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            raise UsageError(f"{PARAMS_FILE}: {path} is missing (no {key!r})")
        value = value[key]
    return value


def as_yaml(values: Mapping[str, Any]) -> str:
    """Return values as YAML, keys sorted: the same text wherever DVC sees the same values.

    >>> print(as_yaml({"b": {"x": 1.0}, "a": ["é"]}), end="")
    a:
    - é
    b:
      x: 1.0
    """
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    text = StringIO()
    yaml.dump(dict(values), text)
    return text.getvalue()


def read_yaml(file: Path) -> Any:
    """Return what a file at the top of the repository holds, read as YAML 1.2.

    Raises:
        UsageError: it is not there, not valid, or larger or deeper than any file of params.
    """
    from ruamel.yaml.error import YAMLError

    try:
        return _parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{file} is not in {Path.cwd()}: run this from the top of the repository") from None
    except (YAMLError, ValueError, RecursionError, BonepickError) as error:  # impossible dates are ValueErrors
        raise UsageError(f"{file}: not valid YAML: {' '.join(str(error).split())[:300]}") from None


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    from ruamel.yaml import YAML

    _refuse_bombs(text)
    return YAML(typ="safe", pure=True).load(text)


def _refuse_bombs(text: str) -> None:
    """Refuse what takes a reader for ever, before anything is made of it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

    if len(text) > MAX_BYTES:
        raise UsageError(f"it has {len(text):,} characters, wanted {MAX_BYTES:,} at most")
    nodes = 0
    sizes = dict[str, int]()  # anchor -> values that it stands for
    started = list[tuple[str | None, int]]()  # anchor of each open collection, and the values before it
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, NodeEvent):
            if isinstance(event, AliasEvent) and event.anchor in [anchor for anchor, _ in started]:
                raise UsageError(
                    f"line {event.start_mark.line + 1}: *{event.anchor} stands inside of what it stands for"
                )
            nodes += sizes.get(event.anchor, 1) if isinstance(event, AliasEvent) else 1
        if isinstance(event, CollectionStartEvent):
            started.append((event.anchor, nodes))
        if isinstance(event, CollectionEndEvent):
            anchor, before = started.pop()
            sizes |= {anchor: nodes - before + 1} if anchor else {}
        if nodes > MAX_NODES or len(started) > MAX_DEPTH:
            line = event.start_mark.line + 1
            raise UsageError(f"line {line}: more than {MAX_NODES:,} values, or nested deeper than {MAX_DEPTH}")
