"""From params dataclasses to command-line flags: names beyond a field's own are given here, all else is the field's."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, make_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from cyclopts import Parameter

from bonepick.core.parallel import worker_count
from bonepick.core.params import Params, types_of
from bonepick.core.run import Run
from bonepick.core.urls import FOR_DATASET, FOR_FILES, FOR_OUTPUT, refuse_url
from bonepick.flag_values import converter_of, whole_numbers_or_lists, without_marks

P = TypeVar("P", bound=Params)
Command = Callable[..., None]


def local(instead: str) -> Callable[[object, Any], None]:
    """Return a validator of path flags that refuses URLs; see `refuse_url`."""

    def refuse_urls(kind: object, given: Any) -> None:
        for path in given if isinstance(given, list) else [given]:
            refuse_url(path, instead)

    return refuse_urls


REPEAT = "Repeat it for each value."

# flags that mean one thing in every command
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
        alias="-t", help="What find-topics wrote; without it, nothing is said of topics.", validator=local(FOR_FILES)
    ),
]
ComparedRun = Annotated[
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
Tokenizer = Annotated[str, Parameter(help="packaged, a tokenizer.json or a hub name.", validator=local(FOR_FILES))]
LabelOrder = Annotated[
    list[str] | None, Parameter(name="--labels", negative="", help=f"Label order from worst to best. {REPEAT}")
]
SeveralLabels = Annotated[
    bool,
    Parameter(
        name="--multi-label", negative="", help="Rows have several labels, which somebody else's model does not say."
    ),
]
NUM_PROC = "Processes; by default BONEPICK_NUM_PROC, else all cores. Never changes the result."
NumProc = Annotated[int | None, Parameter(alias="-p", help=NUM_PROC)]

NAMES = {
    "normalizer": ("--normalization", "-n"),
    "num_proc": ("--num-proc", "-p"),
}
"""Flags of fields that are called otherwise than their fields, or have a short form, in every command."""


@dataclass(frozen=True, kw_only=True)
class RunFlags(Params):
    """How a command that writes something runs."""

    num_proc: int | None = None
    """Processes; by default BONEPICK_NUM_PROC, else all cores. Never changes the result."""
    overwrite: bool = False
    """Replace an earlier output of the same kind."""

    @property
    def run(self) -> Run:
        """How the library is told to run.

        Raises:
            UsageError: the number of processes is none.
        """
        return Run(worker_count(self.num_proc), self.overwrite)


def flags(**names: tuple[str, ...]) -> Callable[[Command], Command]:
    """Make the fields of a command's params arguments its flags.

    Args:
        names: field -> its flags, where they are not just `--field-name`.
    """
    return lambda function: with_flags(function, names)


def with_flags(
    function: Command,
    names: Mapping[str, tuple[str, ...]] = {},
    types: Mapping[str, type[Params]] = {},
    without: Sequence[str] = (),
) -> Command:
    """Return a command whose params arguments are flags.

    Args:
        function: its arguments are keyword-only, and annotated.
        names: field -> its flags, where they are not just `--field-name`.
        types: argument -> params class, where that is not the annotated one.
        without: arguments that get no flag, and keep their defaults.
    """
    hints = get_type_hints(function, include_extras=True) | dict(types)
    hints = {name: hint for name, hint in hints.items() if name not in without}
    defaults = {name: value for name, value in (function.__kwdefaults__ or {}).items() if name not in without}
    unnamed: dict[str, Params] = {}
    for name, kind in hints.items():
        if isinstance(kind, type) and issubclass(kind, Params):
            hints[name] = Annotated[_flagged(kind, NAMES | dict(names)), Parameter(name="*")]
            if all(each.default is not MISSING for each in fields(kind)):  # type: ignore[arg-type]  # a dataclass
                defaults[name] = unnamed[name] = kind()

    @wraps(function)
    def run(*words: Any, **arguments: Any) -> None:
        # what the library gets is the plain dataclass: the flagged one cannot be pickled to workers
        function(*words, **unnamed | {name: _plain(value) for name, value in arguments.items()})

    del run.__wrapped__  # its arguments are others
    run.__annotations__ = hints
    run.__signature__ = _signature(function, hints, defaults)  # type: ignore[attr-defined]
    return run


def _signature(function: Command, hints: Mapping[str, Any], defaults: Mapping[str, Any]) -> inspect.Signature:
    before = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=hints[name], default=defaults.get(name, parameter.default))
        for name, parameter in before.parameters.items()
        if name in hints
    ]
    return before.replace(parameters=parameters)


def _flagged(kind: type[P], names: Mapping[str, tuple[str, ...]]) -> type[P]:
    """Return a subclass whose fields carry their flags, and their docstrings as help."""
    docs = field_docs(kind)
    defaults = {each.name: each.default for each in fields(kind)}  # type: ignore[arg-type]  # bases of dataclasses only
    flagged: list[tuple[str, Any, Any]] = []
    for name, hint in types_of(kind).items():
        parameter = Parameter(
            name=names.get(name),
            help=f"{docs.get(name, '')} {REPEAT}" if get_origin(without_marks(hint)) is tuple else docs.get(name, ""),
            negative="",
            converter=converter_of(hint),
            json_list=False if converter_of(hint) is whole_numbers_or_lists else None,
            show_default=_several if defaults[name] else defaults[name] not in ("", (), None),
        )
        flagged.append((name, Annotated[hint, parameter], field(default=defaults[name], kw_only=True)))
    namespace = {"__module__": kind.__module__}
    return make_dataclass(kind.__name__, flagged, bases=(kind,), namespace=namespace, frozen=True, kw_only=True)


def _several(default: object) -> str:
    return ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)


def _plain(value: Any) -> Any:
    return type(value).__bases__[0](**vars(value)) if isinstance(value, Params) else value


def field_docs(kind: type[Params]) -> dict[str, str]:
    """Return the docstring below each field of a params dataclass, or below the base's field that it overrides.

    Where a field's type has examples, they are all that it can be, and are listed too.
    """
    from docstring_parser import parse_from_object

    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Params) and base is not Params:
            docs |= {param.arg_name: param.description for param in parse_from_object(base).params if param.description}
    hints = types_of(kind)
    for name, doc in docs.items():
        examples = [example for mark in get_args(hints.get(name)) for example in getattr(mark, "examples", None) or ()]
        docs[name] = f"{doc.removesuffix('.')}: {', '.join(examples)}." if examples else doc
    return docs
