"""The kinds of classifiers: the packages that lie here, found by looking, imported only when they are used."""

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import bonepick.classifiers
from bonepick.core.errors import UsageError, shortened

if TYPE_CHECKING:
    from bonepick.classifiers.base.classifier import Classifier
    from bonepick.classifiers.base.params import TrainParams

SHARED = ("base", "static")
"""Packages that are no kinds: what kinds are made of."""


def kind_names() -> tuple[str, ...]:
    """Return the names of all kinds, sorted: `("contrastive", "fasttext", "model2vec")`. Nothing is imported."""
    return tuple(sorted(_folders()))


def classifier_of(kind: str) -> "type[Classifier]":
    """Return the class of a kind; this imports the library that it is made with.

    Raises:
        UsageError: there is no such kind.
    """
    _folder_of(kind)
    classifier: type[Classifier] = import_module(f"{bonepick.classifiers.__name__}.{kind}.classifier").CLASSIFIER
    return classifier


def params_of(kind: str) -> "type[TrainParams]":
    """Return the params dataclass of a kind, which also says what it is trained on; nothing heavy is imported.

    Raises:
        UsageError: there is no such kind.
    """
    _folder_of(kind)
    params: type[TrainParams] = import_module(f"{bonepick.classifiers.__name__}.{kind}.params").PARAMS
    return params


def kind_help(kind: str) -> str:
    """Return the first line of a kind's docstring. Nothing is imported.

    Raises:
        UsageError: there is no such kind.
    """
    source = (_folder_of(kind) / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or kind).splitlines()[0]


def foreign_kind(directory: Path) -> str | None:
    """Return the kind of which a directory without a manifest holds somebody else's model; None for none."""
    files = {kind: params_of(kind).foreign_file for kind in kind_names()}
    return next((kind for kind, file in files.items() if file and (directory / file).exists()), None)


def _folders() -> dict[str, Path]:
    roots = [Path(root) for root in bonepick.classifiers.__path__]
    files = [file for root in roots for file in root.glob("*/classifier.py")]
    return {file.parent.name: file.parent for file in files if file.parent.name not in SHARED}


def _folder_of(kind: str) -> Path:
    folders = _folders()
    if kind not in folders:
        known = ", ".join(sorted(folders))
        raise UsageError(f"models of kind {shortened(kind)} are not known to this version, which knows {known}")
    return folders[kind]
