"""Params: one frozen dataclass per operation, filled from flags or from `params.yaml`, checked in one way.

A field of such a dataclass is the only place where a knob's name, type, default, bounds and help are written:

    @dataclass(frozen=True, kw_only=True)
    class HeadParams(Params):
        max_epochs: Annotated[int, Meta(ge=1)] = 50
        \"\"\"Passes over the training rows at most.\"\"\"

A field that several operations share says where in `params.yaml` its one value stands:

        seed: Annotated[Seed, Shared("train.seed")] = 42
"""

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from bonepick.core.errors import UsageError, shortened
from bonepick.core.urls import FOR_FILES, refuse_url

OnError = Literal["fail", "quarantine"]
"""What a row that cannot be used does."""

Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""Seeds that every library takes."""

Labels = tuple[str | int | float | bool, ...]
"""An order of labels, from worst to best."""


@dataclass(frozen=True)
class Shared:
    """Marks a field whose value several operations share: `path` is its dotted path in `params.yaml`."""

    path: str


class Params:
    """Base of the params dataclasses: checks types and bounds when one is made.

    Raises:
        UsageError: a value has the wrong type or is out of its bounds (the message names the field), or is a URL where
            a path is wanted.
    """

    LOCAL: ClassVar[tuple[str, ...]] = ()
    """Fields that can hold paths: no URLs, and not written into outputs, since they say nothing on another machine."""
    RENAMED: ClassVar[dict[str, str]] = {}
    """Names that fields had once -> their names now, for those who still write the old ones."""

    def __post_init__(self) -> None:
        for name, kind in types_of(type(self)).items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, msgspec.convert(value, kind))
            except msgspec.ValidationError as error:
                raise UsageError(f"{name} is {shortened(value)}: {wanted(kind, error)}") from None
        for name in self.LOCAL:
            refuse_url(getattr(self, name), FOR_FILES)

    def recorded(self) -> dict[str, Any]:
        """Return what outputs say of these params: all but `LOCAL` fields, by name."""
        values = asdict(self)  # type: ignore[call-overload]  # mixin: subclasses are dataclasses
        return {name: value for name, value in values.items() if name not in self.LOCAL}


P = TypeVar("P", bound=Params)


def types_of(kind: type[Params]) -> dict[str, Any]:
    """Return the annotated type of each field."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}  # type: ignore[arg-type]


def shared_fields(kind: type[Params]) -> dict[str, str]:
    """Return the dotted path in `params.yaml` of each field that is shared."""
    marks = {
        name: next((mark for mark in get_args(hint) if isinstance(mark, Shared)), None)
        for name, hint in types_of(kind).items()
    }
    return {name: mark.path for name, mark in marks.items() if mark}


def wanted(kind: Any, error: msgspec.ValidationError) -> str:
    """Return what a value should have been, for messages."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return f"wanted {' or '.join(map(str, get_args(kind)))}" if get_origin(kind) is Literal else str(error)
