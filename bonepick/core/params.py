"""Params: one frozen dataclass per operation, filled from flags or from `params.yaml`, checked in one way.

A field of such a dataclass is the only place where a knob's name, type, default, bounds and help are written:

    @dataclass(frozen=True, kw_only=True)
    class HeadParams(Params):
        max_epochs: Annotated[int, Meta(ge=1)] = 50
        \"\"\"Passes over the training rows at most.\"\"\"

A field that several operations share says where in `params.yaml` its one value stands:

        seed: Annotated[Seed, Shared("train.seed")] = 42
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from bonepick.core.errors import BonepickError, UsageError, shortened
from bonepick.core.urls import FOR_FILES, refuse_url
from bonepick.core.wording import as_yaml_value, described

UNSHOWN = object()

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


@dataclass(frozen=True)
class Checked:
    """Marks a field whose values a function refuses by a `BonepickError`, once they are of its type."""

    refuse: Callable[[Any], object]


@dataclass(frozen=True)
class OrOne:
    """Marks a list, `Annotated[tuple[..., ...], OrOne()]`, in place of which one value may be given alone."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field.

    Attributes:
        field: its name.
        reason: what is wrong or was wanted; a sentence of its own where no value is shown.
        value: what came, where that is to be shown.
    """

    field: str
    reason: str
    value: object = UNSHOWN

    def __str__(self) -> str:
        """Return a sentence for those who give values by flags, or in Python."""
        return self.reason if self.value is UNSHOWN else f"{self.field} is {shortened(self.value)}: {self.reason}"

    def at(self, place: str) -> str:
        """Return a sentence for those who write YAML: `place` is the field's dotted path there."""
        if self.value is not UNSHOWN:
            return f"{place} is {as_yaml_value(self.value)}: {self.reason}"
        reason = self.reason.removeprefix(place).removeprefix(self.field)
        return f"{place}{reason}" if reason != self.reason else f"{place}: {reason}"


class ParamsError(UsageError):
    """Values that some params cannot have; its message is the first fault's, `faults` are all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        """Return the first fault's sentence."""
        return str(self.faults[0])


class Params:
    """Base of the params dataclasses: checks types and bounds when one is made.

    Raises:
        ParamsError: a value has the wrong type or is out of its bounds (the message names the field), or is a URL where
            a path is wanted.
    """

    LOCAL: ClassVar[tuple[str, ...]] = ()
    """Fields that can hold paths: no URLs, and not written into outputs, since they say nothing on another machine."""
    RENAMED: ClassVar[dict[str, str]] = {}
    """Names that fields had once -> their names now, for those who still write the old ones."""

    def __post_init__(self) -> None:
        values, faults = converted(type(self), {name: getattr(self, name) for name in types_of(type(self))})
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if faults := faults or [*self.faults_together()]:
            raise ParamsError(faults)

    def faults_together(self) -> Iterable[Fault]:
        """Return what is wrong with values that are each fine on their own: for subclasses."""
        return ()

    def recorded(self) -> dict[str, Any]:
        """Return what outputs say of these params: all but `LOCAL` fields, by name."""
        values = asdict(self)  # type: ignore[call-overload]  # mixin: subclasses are dataclasses
        return {name: value for name, value in values.items() if name not in self.LOCAL}


def converted(kind: type[Params], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the values of some fields, each as its type, and a fault for each of the others."""
    hints = types_of(kind)
    fine, faults = dict[str, Any](), list[Fault]()
    for name, value in values.items():
        try:
            fine[name] = msgspec.convert(_listed(value, hints[name]), hints[name])
            _refuse_endless(fine[name])
            for mark in get_args(hints[name]):
                if isinstance(mark, Checked):
                    mark.refuse(fine[name])
            if name in kind.LOCAL:
                refuse_url(fine[name], FOR_FILES)
        except (msgspec.ValidationError, OverflowError):
            alone = isinstance(value, tuple) and len(value) == 1 and value_type(hints[name]) is not hints[name]
            faults.append(Fault(name, f"wanted {_wanted(hints[name])}", value[0] if alone else value))
        except BonepickError as error:
            faults.append(Fault(name, str(error)))
    return {name: value for name, value in fine.items() if name not in {fault.field for fault in faults}}, faults


def value_type(hint: Any) -> Any:
    """Return the type of each value, where one may stand alone for a list of them; else the type itself.

    >>> value_type(Annotated[tuple[int, ...], OrOne()]), value_type(tuple[int, ...])
    (<class 'int'>, tuple[int, ...])
    """
    inner, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    return get_args(inner)[0] if any(isinstance(mark, OrOne) for mark in marks) else hint


def _listed(value: Any, hint: Any) -> Any:
    alone = value_type(hint) is not hint and value is not None and not isinstance(value, (list, tuple))
    return [value] if alone else value


def _wanted(hint: Any) -> str:
    return described(value_type(hint)) + ("" if value_type(hint) is hint else ", or a list of such")


def _refuse_endless(value: Any) -> None:
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, float) and not math.isfinite(number):
            raise OverflowError


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
