"""Params: one frozen dataclass per operation, filled from flags or from `params.yaml`, checked in one way.

A field of such a dataclass is the only place where a knob's name, type, default, bounds and help are written:

    @dataclass(frozen=True, kw_only=True)
    class HeadParams(Params):
        max_epochs: Annotated[int, Meta(ge=1)] = 50
        \"\"\"Passes over the training rows at most.\"\"\"
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from bonepick.core.errors import UsageError, shortened

PARAMS_FILE = Path("params.yaml")

OnError = Literal["fail", "quarantine"]
"""What a row that cannot be used does."""

SHARED: dict[str, Any] = {
    "datasets": Annotated[dict[str, dict[str, Any]], msgspec.Meta(min_length=1)],
    "labels": list[str | int | float | bool],
    "on_error": OnError,
    "tokenizer": Annotated[str, msgspec.Meta(min_length=1)],
}
"""Nodes of `params.yaml` that several stages read, and their types."""

values_read: dict[str, Any] = {}
"""Dotted path -> value of what `read_node` returned in this process."""

Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""Seeds that every library takes."""


class Params:
    """Base of the params dataclasses: checks types and bounds when one is made.

    Raises:
        UsageError: a value has the wrong type or is out of its bounds; the message names the field.
    """

    def __post_init__(self) -> None:
        for name, kind in _types(type(self)).items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, msgspec.convert(value, kind))
            except msgspec.ValidationError as error:
                raise UsageError(f"{name} is {shortened(value)}: {_wanted(kind, error)}") from None


def _wanted(kind: Any, error: msgspec.ValidationError) -> str:
    return f"wanted {' or '.join(map(str, get_args(kind)))}" if get_origin(kind) is Literal else str(error)


def _types(kind: type[Params]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}  # type: ignore[arg-type]  # mixin: subclasses are dataclasses


P = TypeVar("P", bound=Params)


def read_params(kind: type[P], node: str, **shared: str) -> P:
    """Make params from a node of `params.yaml`, and from shared nodes for single fields.

    Args:
        kind: the dataclass.
        node: dotted path of its own node; every field but the shared ones must be there, and nothing else.
        shared: field name -> dotted path of the value.

    Raises:
        UsageError: a node or key is missing, unknown or not valid; the message names file and key.

    Example: `read_params(ContrastiveParams, "train.contrastive", seed="train.seed")`.
    """
    own = read_node(node)
    if not isinstance(own, dict):
        raise UsageError(f"{PARAMS_FILE}: {node} is {shortened(own)}, wanted a mapping")
    wanted = [name for name in _types(kind) if name not in shared]
    if unknown := sorted(set(map(str, own)) - set(wanted)):
        raise UsageError(f"{PARAMS_FILE}: {node}.{unknown[0]} is unknown; known here: {', '.join(wanted)}")
    if missing := [name for name in wanted if name not in own]:
        raise UsageError(f"{PARAMS_FILE}: {node}.{missing[0]} is missing")
    try:
        return kind(**own, **{field: read_node(path) for field, path in shared.items()})
    except UsageError as error:
        field, reason = str(error).split(" ", 1)
        raise UsageError(f"{PARAMS_FILE}: {shared.get(field, f'{node}.{field}')} {reason}") from None


def read_node(path: str) -> Any:
    """Return the value at a dotted path of `params.yaml`, read as YAML 1.2 like DVC does.

    Raises:
        UsageError: there is no such file or key, or a shared node is not of its type.
    """
    value = values_read[path] = _value_at(path)
    if path in SHARED:
        try:
            return msgspec.convert(value, SHARED[path])
        except msgspec.ValidationError as error:
            raise UsageError(f"{PARAMS_FILE}: {path} is {shortened(value)}: {_wanted(SHARED[path], error)}") from None
    return value


def nodes_that_changed() -> list[str]:
    """Return the dotted paths of what this process read, where `params.yaml` holds another value by now, or none."""

    def changed(path: str, value: Any) -> bool:
        try:
            return bool(_value_at(path) != value)
        except UsageError:
            return True

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

    yaml, text = YAML(typ="safe", pure=True), StringIO()
    yaml.default_flow_style = False
    yaml.dump(dict(values), text)
    return text.getvalue()


def read_yaml(file: Path) -> Any:
    """Return what a file at the top of the repository holds, read as YAML 1.2.

    Raises:
        UsageError: it is not there, or not valid.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(file)
    except FileNotFoundError:
        raise UsageError(f"{file} is not in {Path.cwd()}: run this from the top of the repository") from None
    except YAMLError as error:
        raise UsageError(f"{file}: not valid YAML: {' '.join(str(error).split())}") from None
