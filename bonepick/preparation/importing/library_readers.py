"""Readers of whatever the library `datasets` reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bonepick.core.errors import BonepickError
from bonepick.data.files import reason
from bonepick.data.rows import Row
from bonepick.preparation.importing.split_readers import SplitReaders, readers_of


def streamed_readers(where: str | Path, name: str, subset: str = "", revision: str = "") -> SplitReaders[Row]:
    """Return the readers of a dataset on the hub or in a folder, as a stream: nothing is copied.

    Args:
        where: the dataset, for people.
        name: what `datasets` calls it.
        subset: its configuration.
        revision: its commit.

    Raises:
        BonepickError: no such subset, files that `datasets` cannot read, or splits of unknown names.
    """

    def load() -> Any:
        from datasets import load_dataset

        return load_dataset(name, subset or None, revision=revision or None, streaming=True)

    return _loaded(where, load)


def saved_readers(folder: Path) -> SplitReaders[Row]:
    """Return the readers of what `save_to_disk` wrote.

    Raises:
        BonepickError: it cannot be read, or has splits of unknown names.
    """

    def load() -> Any:
        from datasets import load_from_disk

        return load_from_disk(str(folder))

    return _loaded(folder, load)


def _loaded(where: str | Path, load: Callable[[], Any]) -> SplitReaders[Row]:
    try:
        loaded = load()
    except Exception as error:  # its errors have no common base
        raise BonepickError(
            f"{where} cannot be loaded ({reason(error)}): check its files, the subset and the network"
        ) from None
    return readers_of(str(where), dict(loaded) if isinstance(loaded, dict) else {"train": loaded})
