"""Sources whose card, or repository on the hub, says which files are of which split: `datasets` resolves that."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.files import File, RemoteFile, reason
from bonepick.preparation.importing.account import Account
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.formats import CARDS, ENDINGS, Format, ending_of
from bonepick.preparation.importing.local_card import unresolved
from bonepick.preparation.importing.splits import SplitChoice

_MODULES: dict[str, tuple[Format, ...]] = {
    "json": ("JSONL",),
    "parquet": ("Parquet",),
    "arrow": ("Arrow",),
    "csv": ("CSV", "TSV"),
}


def account_by_card(where: object, builder: Any, files: Mapping[str, File], choice: SplitChoice) -> Account | None:
    """Return the account as a builder of `datasets` resolved it; None where that alone can read the files.

    Raises:
        BonepickError: a split has a name that is not known, or a file lies outside the source.
    """
    account = Account()
    module = type(builder).__module__.rpartition(".")[2]
    if module not in _MODULES:
        return None
    account.delimiter = _delimiter(where, builder.config)
    by_path = {path: name for name, file in files.items() for path in _paths(where, name, file)}
    read: set[str] = set()
    data_files = builder.config.data_files or {}
    choice.refuse_two(where, map(str, data_files))
    choice.refuse_unknown(where, set(map(str, data_files)))
    for name_of_split, paths in data_files.items():
        split = choice.known(where, str(name_of_split))
        for path in paths:
            name = by_path.get(str(path))
            if name is None:
                raise BonepickError(f"{where}: its card names {path}, which does not lie in it: take that file away")
            if ENDINGS.get(ending_of(name)) not in _MODULES[module]:
                return None
            _refuse_outside(where, files[name])
            account.add(split, name, files[name], ENDINGS[ending_of(name)])
            read.add(name)
    others = [name for name in files if name not in read and PurePosixPath(name).name not in CARDS]
    account.left_out.update(dict.fromkeys(others, "no split of it by its card"))
    return account


def _delimiter(where: object, config: Any) -> str:
    given = getattr(config, "sep", None) or ","
    if len(given) > 1:
        raise BonepickError(f"{where}: its card has fields between {shortened(given)}, wanted one character (sep)")
    return "" if given == "," else str(given)  # a comma that nobody gave is there too


def _refuse_outside(where: object, file: File) -> None:
    """Refuse a link out of the folder: whoever wrote the card may want to see what lies there."""
    if isinstance(file, Path) and file.is_symlink():
        folder = Path(str(where)).resolve()
        top = folder.parents[1] if folder.parent.name == "snapshots" else folder  # in a hub's cache all are links
        if not file.resolve().is_relative_to(top):
            raise BonepickError(f"{where}: its card names {file}, which links to outside the folder: copy it there")


def _paths(where: object, name: str, file: File) -> set[str]:
    """Return what `datasets` may call a file: of its folder, it follows links or not."""
    if isinstance(file, RemoteFile):
        return {file.url}
    return {file.absolute().as_posix(), (Path(str(where)).resolve() / name).as_posix()}


def class_labels(builder: Any) -> ClassLabels:
    """Return the names of classes in a builder's columns."""
    return ClassLabels.of(builder.info.features.to_dict() if builder.info.features else {})


def builder_of(where: object, name: str, subset: str, revision: str) -> Any:
    """Return the builder that `datasets` makes for a folder or a repository; no file with rows is read.

    Raises:
        BonepickError: no such subset, or nothing that `datasets` can read.
    """
    from datasets import load_dataset_builder

    try:
        return load_dataset_builder(name, subset or None, revision=revision or None)
    except Exception as error:  # its errors have no common base
        raise cannot_load(where, error) from None


def cannot_load(where: object, error: Exception) -> BonepickError:
    """Return the fault that an error of `datasets` on a folder or a repository is."""
    if isinstance(where, Path):
        return unresolved(where, error)
    return BonepickError(f"{where} cannot be loaded ({reason(error)}): check its files, the subset and the network")
