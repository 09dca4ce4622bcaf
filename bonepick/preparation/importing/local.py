"""Rows from a local folder or file."""

import os
from collections.abc import Mapping
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.regular_files import refuse_irregular
from bonepick.data.fasttext_lines import FASTTEXT_PREFIX
from bonepick.data.file_kinds import HEAD_BYTES, encoding_of
from bonepick.data.files import File, walk_files
from bonepick.data.shards import SPLITS
from bonepick.preparation.importing.account import Account, account_of, no_rows
from bonepick.preparation.importing.archives import ZIP, files_in_archives
from bonepick.preparation.importing.card import account_by_card, builder_of, class_labels
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.local_card import check_card, has_card
from bonepick.preparation.importing.saved import account_of_saved, is_saved
from bonepick.preparation.importing.splits import SplitChoice


def local_account(path: Path, subset: str, choice: SplitChoice) -> tuple[Account | None, ClassLabels]:
    """Return the account of a local folder: shards, tables, what `save_to_disk` wrote; of one file will do as well.

    None for what `datasets` alone can read.

    Raises:
        BonepickError: there is no such folder, nothing in it that can be read, or see `account_of`.
    """
    if path.is_file():
        files = files_in_archives({path.name: path}) if path.suffix == ZIP else {path.name: path}
        account = account_of(path if path.suffix == ZIP else path.parent, files, choice)
    elif not path.is_dir():
        if os.path.lexists(path):
            refuse_irregular(path)
        raise BonepickError(
            f"{path} is not there: wanted a folder of JSONL, Parquet, Arrow or CSV files, or one of them"
        )
    elif is_saved(path):
        account = account_of_saved(path, choice)
    elif subset or has_card(path):  # says what it calls by that name
        return _by_card(path, subset, choice)
    else:
        files = walk_files(path)
        account = account_of(path, files, choice)
        if not account.splits and _holds_labelled_lines(path):
            raise BonepickError(f"{path} holds lines for fastText: train-fasttext takes them as they are (-d {path})")
        if not account.splits and (archives := {name: file for name, file in files.items() if name.endswith(ZIP)}):
            others = {name: why for name, why in account.left_out.items() if name not in archives}
            account = account_of(path, files_in_archives(archives), choice)
            account.left_out.update(others)
        if not account.splits and account.left_out:
            _refuse_other_encoding(files)
            return _by_card(path, subset, choice)
    if not account.splits:
        raise no_rows(path, account)
    return account, ClassLabels()


def _holds_labelled_lines(folder: Path) -> bool:
    """Tell whether a converted dataset lies there: as plain text, its labels would be part of the texts."""
    for file in [folder / f"{split}.txt" for split in SPLITS if (folder / f"{split}.txt").is_file()]:
        with file.open("rb") as stream:
            if stream.read(len(FASTTEXT_PREFIX)) == FASTTEXT_PREFIX.encode():
                return True
    return False


def _refuse_other_encoding(files: Mapping[str, File]) -> None:
    """Refuse plain text that is no UTF-8: the library makes rows even of that, where it can."""
    for file in [file for name, file in files.items() if name.endswith(".txt")]:
        with file.open("rb") as stream:
            if kind := encoding_of(stream.read(HEAD_BYTES)):
                raise BonepickError(f"{file} is {kind.name}, wanted UTF-8: {kind.advice}")


def _by_card(folder: Path, subset: str, choice: SplitChoice) -> tuple[Account | None, ClassLabels]:
    name = path_for_library(folder)
    check_card(folder, subset)
    builder = builder_of(folder, name, subset, "")
    return account_by_card(folder, builder, walk_files(folder), choice), class_labels(builder)


def path_for_library(folder: Path) -> str:
    """Return a folder's path such that `datasets` takes it for one.

    Raises:
        BonepickError: it would take it for a pattern.
    """
    path = str(folder.absolute())  # of a folder named `json`, the name alone would be that of a file format
    if strange := sorted(set("*?[") & set(path)):
        raise BonepickError(f"{folder}: `datasets` takes {strange[0]} for a pattern: rename the folder, or link to it")
    return path


def local_name(path: str) -> str:
    """Return what is written down of a local path: its last name, since the others say nothing on another machine."""
    return Path(path).resolve().name
