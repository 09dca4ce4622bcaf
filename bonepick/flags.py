"""From params dataclasses to command-line flags: names beyond a field's own are given here, all else is the field's."""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, field, fields, make_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

from cyclopts import Parameter, Token

from bonepick.core.params import Params
from bonepick.core.urls import FOR_DATASET, FOR_FILES, FOR_OUTPUT, refuse_url

P = TypeVar("P", bound=Params)
Command = Callable[..., None]


def local(instead: str) -> Callable[[object, Any], None]:
    """Return a validator of path flags that refuses URLs; see `refuse_url`."""

    def refuse_urls(kind: object, given: Any) -> None:
        for path in given if isinstance(given, list) else [given]:
            refuse_url(path, instead)

    return refuse_urls


# flags that mean one thing in every command
NORMALIZATION = ("--normalization", "-n")
InputDir = Annotated[Path, Parameter(alias="-i", help="Dataset to read.", validator=local(FOR_DATASET))]
InputDirs = Annotated[
    list[Path],
    Parameter(name="--input-dir", alias="-i", negative="", help="Dataset; repeatable.", validator=local(FOR_DATASET)),
]
DatasetDirs = Annotated[
    list[Path],
    Parameter(
        name="--dataset-dir",
        alias="-d",
        negative="",
        help="Dataset; repeat it to take several.",
        validator=local(FOR_DATASET),
    ),
]
OutputDir = Annotated[
    Path,
    Parameter(alias="-o", help="Where the result goes; it appears whole or not at all.", validator=local(FOR_OUTPUT)),
]
ModelDir = Annotated[Path, Parameter(alias="-m", help="Model directory.", validator=local(FOR_FILES))]
TopicsDir = Annotated[
    Path | None,
    Parameter(
        alias="-t",
        help="What find-topics wrote; without it, nothing is said of topics.",
        validator=local(FOR_FILES),
    ),
]
Run = Annotated[
    str,
    Parameter(
        help="Evaluations: a folder, or a commit, branch or experiment of this repository.", validator=local(FOR_FILES)
    ),
]
OtherRun = Annotated[
    str,
    Parameter(help="Those of another run, whose models are compared with these.", validator=local(FOR_FILES)),
]
BaseModel = Annotated[
    str,
    Parameter(
        name="--model-name",
        alias="-m",
        help="Base model: packaged, a directory or a hub name.",
        validator=local(FOR_FILES),
    ),
]
Tokenizer = Annotated[
    str,
    Parameter(
        help="Tokenizer of the normalizers that need one: packaged, a tokenizer.json or a hub name.",
        validator=local(FOR_FILES),
    ),
]
Labels = Annotated[
    list[str] | None, Parameter(name="--labels", negative="", help="Label order from worst to best; repeat it.")
]
NumProc = Annotated[
    int | None,
    Parameter(alias="-p", help="Processes; by default BONEPICK_NUM_PROC, else all cores. Never changes the result."),
]
Overwrite = Annotated[
    bool, Parameter(negative="", help="Replace an earlier output of the same kind; all else that is there is kept.")
]


def flags(*kinds: type[Params], **names: tuple[str, ...]) -> Callable[[Command], Command]:
    """Make the fields of a command's params arguments its flags.

    Args:
        kinds: the dataclasses among its argument types.
        names: field -> its flags, where they are not just `--field-name`.
    """

    def flatten(function: Command) -> Command:
        hints = get_type_hints(function, include_extras=True)
        defaults = dict(function.__kwdefaults__ or {})
        for name, kind in [(name, hint) for name, hint in hints.items() if hint in kinds]:
            hints[name] = Annotated[_flagged(kind, names), Parameter(name="*")]
            if all(own.default is not MISSING for own in fields(kind)):
                defaults[name] = kind()
        function.__annotations__, function.__kwdefaults__ = hints, defaults

        @wraps(function)
        def run(*words: Any, **arguments: Any) -> None:
            # what the library gets is the plain dataclass: the flagged one cannot be pickled to workers
            function(*words, **{name: _plain(value) for name, value in arguments.items()})

        return run

    return flatten


def _flagged(kind: type[P], names: dict[str, tuple[str, ...]]) -> type[P]:
    """Return a subclass whose fields carry their flags, and their docstrings as help."""
    docs, hints = field_docs(kind), get_type_hints(kind, include_extras=True)
    made: list[tuple[str, Any, Any]] = []
    for own in fields(kind):  # type: ignore[arg-type]  # Params is the base of dataclasses only
        converter = whole_number if _bare(hints[own.name]) is int else None
        doc = docs.get(own.name, "")
        parameter = Parameter(name=names.get(own.name), help=doc, negative="", converter=converter)
        made.append((own.name, Annotated[hints[own.name], parameter], field(default=own.default, kw_only=True)))
    namespace = {"__module__": kind.__module__}
    return make_dataclass(kind.__name__, made, bases=(kind,), namespace=namespace, frozen=True, kw_only=True)


def whole_number(kind: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; cyclopts itself would round 1.5."""
    return int(tokens[0].value)


def _bare(hint: Any) -> Any:
    """Return the type that an `Annotated` type is about."""
    return hint.__origin__ if get_origin(hint) is Annotated else hint


def _plain(value: Any) -> Any:
    return type(value).__bases__[0](**vars(value)) if isinstance(value, Params) else value


def field_docs(kind: type[Params]) -> dict[str, str]:
    """Return the docstring below each field of a params dataclass, or below the base's field that it overrides."""
    from docstring_parser import parse_from_object

    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Params) and base is not Params:
            docs |= {param.arg_name: param.description for param in parse_from_object(base).params if param.description}
    return docs
