"""Readers of what only the library `datasets` reads: plain text, archives of single files, and many more."""

from bonepick.data.rows import Row
from bonepick.preparation.importing.card import cannot_load
from bonepick.preparation.importing.split_readers import SplitReaders, readers_of
from bonepick.preparation.importing.splits import SplitChoice


def streamed_readers(where: object, name: str, subset: str, revision: str, choice: SplitChoice) -> SplitReaders[Row]:
    """Return the readers of a dataset on the hub or in a folder, as a stream: nothing is copied.

    Args:
        where: the dataset, for people.
        name: what `datasets` calls it.
        subset: its configuration.
        revision: its commit.
        choice: of splits under other names.

    Raises:
        BonepickError: no such subset, files that `datasets` cannot read, or splits of unknown names.
    """
    from datasets import load_dataset

    try:
        loaded = load_dataset(name, subset or None, revision=revision or None, streaming=True)
    except Exception as error:  # its errors have no common base
        raise cannot_load(where, error) from None
    return readers_of(str(where), dict(loaded), choice)
