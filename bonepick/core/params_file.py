"""`params.yaml`: its nodes, read as YAML 1.2 like DVC does, as the params of operations."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from bonepick.core.errors import UsageError, shortened
from bonepick.core.params import P, Params, ParamsError, converted, shared_fields, types_of
from bonepick.core.wording import as_yaml_value
from bonepick.core.yaml_text import parsed

PARAMS_FILE = Path("params.yaml")

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
    params, faults = _read(kind, node, under, partial)
    if params is None:
        raise UsageError(faults[0])
    return params


def faults_in(kind: type[Params], node: str = "", under: str = "", partial: bool = False) -> list[str]:
    """Return a sentence for each reason that `read_params` has to refuse the same."""
    return _read(kind, node, under, partial)[1]


def _read(kind: type[P], node: str, under: str, partial: bool) -> tuple[P | None, list[str]]:
    """Return the params, or None and all that is wrong, each with its place."""
    given, places, faults = dict[str, Any](), shared_fields(kind), list[str]()
    may_lack = _defaulted(kind) if under or partial or not node else []
    try:
        for path in [path for path in (under, node) if path and (not under or _is_there(path))]:
            values, unknown = _own_values(kind, path)
            given |= values
            places |= {field: f"{path}.{field}" for field in values}
            faults += unknown
    except UsageError as error:
        return None, [str(error)]
    missing = [field for field in _own_fields(kind) if field not in given and field not in may_lack]
    faults += [f"{PARAMS_FILE}: {node}.{field} is missing" for field in missing]
    for field, path in shared_fields(kind).items():
        try:
            given[field] = read_node(path)
        except UsageError as error:
            faults.append(str(error))
    try:
        found = converted(kind, given)[1] if faults else []
        params = None if faults else kind(**given)
    except ParamsError as error:
        params, found = None, list(error.faults)
    # one that keeps its default has a fault where another one does not go with it
    said = [fault.at(places.get(fault.field, f"{node}.{fault.field}")) for fault in found]
    return params, faults + [f"{PARAMS_FILE}: {sentence}" for sentence in said]


def _defaulted(kind: type[Params]) -> list[str]:
    return [field.name for field in fields(kind) if field.default is not MISSING]  # type: ignore[arg-type]


def _own_fields(kind: type[Params]) -> list[str]:
    return [field for field in types_of(kind) if field not in shared_fields(kind)]


def _own_values(kind: type[Params], path: str) -> tuple[dict[str, Any], list[str]]:
    """Return the values of fields, and a sentence for each other key."""
    values = read_node(path)
    if not isinstance(values, dict):
        raise UsageError(f"{PARAMS_FILE}: {path} is {as_yaml_value(values)}, wanted a mapping")
    own = _own_fields(kind)
    faults = [
        f"{path}.{key} is called {path}.{kind.RENAMED[key]} now"
        if key in kind.RENAMED
        else f"{path}.{shown_key(key)} is unknown; known here: {', '.join(own)}"
        for key in values
        if key not in own
    ]
    return {key: value for key, value in values.items() if key in own}, [f"{PARAMS_FILE}: {fault}" for fault in faults]


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
    try:
        return parsed(file.read_bytes().decode())
    except FileNotFoundError:
        raise UsageError(f"{file} is not in {Path.cwd()}: run this from the top of the repository") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{file}: not valid YAML: line {line}: {error.object[error.start]:#x} is no UTF-8") from None
    except UsageError as error:
        raise UsageError(f"{file}: not valid YAML: {error}") from None
