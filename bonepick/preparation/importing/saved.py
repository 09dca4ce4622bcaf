"""What `save_to_disk` of `datasets` wrote: Arrow files that a `state.json` lists."""

from pathlib import Path
from typing import TypeVar

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.data.files import walk_files
from bonepick.preparation.importing.account import Account
from bonepick.preparation.importing.splits import SplitChoice

STATE, SPLITS, INFO = "state.json", "dataset_dict.json", "dataset_info.json"
T = TypeVar("T", bound=msgspec.Struct)


class _State(msgspec.Struct):
    files: list[dict[str, str]] = msgspec.field(name="_data_files")


class _Splits(msgspec.Struct):
    splits: list[str]


def is_saved(folder: Path) -> bool:
    """Tell whether a folder is what `save_to_disk` wrote, with splits or without."""
    return (folder / STATE).is_file() or (folder / SPLITS).is_file()


def account_of_saved(folder: Path, choice: SplitChoice) -> Account:
    """Return the account of such a folder; without splits, all is train.

    Raises:
        BonepickError: what lists its files is damaged or names what is not there, or a split's name is not known.
    """
    account = Account()
    names = _read(folder / SPLITS, _Splits).splits if (folder / SPLITS).is_file() else [""]
    rest = walk_files(folder)
    for name in names:
        split = choice.known(folder, name) if name else "train"
        for entry in _read(folder / name / STATE, _State).files:
            path = f"{name}/{entry.get('filename')}".lstrip("/")
            if path not in rest:
                raise BonepickError(f"{folder / name / STATE} lists {path}, which does not lie there: save it again")
            account.add(split, path, rest.pop(path), "Arrow")
    others = [path for path in rest if Path(path).name not in (STATE, SPLITS, INFO)]
    account.left_out.update(dict.fromkeys(others, "not listed by what save_to_disk wrote"))
    return account


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BonepickError(f"{file} cannot be read ({error}): save the dataset again") from None
