"""The card of a local folder: whether it names files, and faults in it that `datasets` would tell in its own words."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError, shortened
from bonepick.data.files import reason

_SPLIT = re.compile(r"\w+(\.\w+)*")


def has_card(folder: Path) -> bool:
    """Tell whether a folder's card names files or subsets."""
    return bool(_head(folder).get("configs"))


def _head(folder: Path) -> Mapping[str, Any]:
    from huggingface_hub import metadata_load

    card = folder / "README.md"
    if not card.is_file():
        return {}
    try:
        return metadata_load(card) or {}
    except Exception as error:  # of YAML, of encodings, of its own
        raise BonepickError(f"{card}: its head cannot be read ({reason(error)}): mend it, or remove the card") from None


def check_card(folder: Path, subset: str) -> None:
    """Look at what a folder's card names before `datasets` does.

    Raises:
        BonepickError: its subsets or their files are not named as they should be, there is no such subset, or there
            are several and none is asked for.
    """
    configs = _head(folder).get("configs") or []
    if not configs:
        if subset not in ("", "default"):
            raise BonepickError(f"{folder} has no card that names subsets, {subset!r} came: leave out --subset (-s)")
        return
    card = folder / "README.md"
    if not isinstance(configs, list) or not all(map(_has_name, configs)):
        raise _to_mend(card, "configs", configs, "a list of subsets, each with config_name, a text, and data_files")
    for config in configs:
        if not _names_files(config.get("data_files", "")):
            wanted = "a pattern, a list of patterns, or a list of split (letters, digits and _) and path"
            raise _to_mend(card, f"data_files of {config['config_name']!r}", config["data_files"], wanted)
    names = [config["config_name"] for config in configs]
    has_default = len(names) == 1 or "default" in names or any(config.get("default") for config in configs)
    if subset not in names if subset else not has_default:
        came = f"no subset {subset!r} is" if subset else "several subsets are"
        raise BonepickError(f"{card}: {came} named there, wanted one of {', '.join(names)}: --subset (-s) takes it")


def _to_mend(card: Path, what: str, came: object, wanted: str) -> BonepickError:
    return BonepickError(f"{card}: {what} is {shortened(came)}, wanted {wanted}: mend it, or remove the card")


def _has_name(config: object) -> bool:
    return isinstance(config, dict) and isinstance(config.get("config_name"), str)


def _names_files(named: object) -> bool:
    return isinstance(named, str) or (isinstance(named, list) and all(map(_is_pattern, named)))


def _is_pattern(entry: object) -> bool:
    if not isinstance(entry, dict):
        return isinstance(entry, str)
    split = entry.get("split")
    named = isinstance(split, str) and _SPLIT.fullmatch(split) and isinstance(entry.get("path"), (str, list))
    return bool(named) and len(entry) == 2


def unresolved(folder: Path, error: Exception) -> BonepickError:
    """Return the fault that an error of `datasets` on a folder is."""
    if isinstance(error, FileNotFoundError):
        return BonepickError(
            f"{folder}: none of its files is of a kind that can be read, or its card names some that are not there "
            "(data_files in README.md)"
        )
    return BonepickError(f"{folder} cannot be loaded ({reason(error)}): check its files, and README.md if there is one")
