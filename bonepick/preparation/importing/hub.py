"""Rows from a dataset on the hub."""

from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.data.files import reason
from bonepick.data.rows import Row
from bonepick.preparation.importing.library_readers import streamed_readers
from bonepick.preparation.importing.split_readers import SplitReaders

HUB_SECONDS = 5  # to wait for the hub's first answer
HUB_FAULTS = {
    "RepositoryNotFoundError": ("no such dataset, or a private one", "check the name, or log in (hf auth login)"),
    "GatedRepoError": ("it is gated", "ask for access on its page, and log in (hf auth login)"),
    "RevisionNotFoundError": ("no such revision", "check --revision"),
    "HFValidationError": ("no name that a dataset can have", "check the name"),
    "OfflineModeIsEnabled": ("HF_HUB_OFFLINE is set", "unset it, or name a local folder"),
}


def hub_readers(name: str, subset: str, revision: str) -> SplitReaders[Row]:
    """Return the readers of a dataset that `datasets.load_dataset` reads, as a stream: nothing is copied.

    Raises:
        BonepickError: no such subset, or files that `datasets` cannot read.
    """
    return streamed_readers(name, name, subset, revision)


def hub_commit(name: str, revision: str) -> str:
    """Return the commit that a hub dataset's revision stands for now (as given, for a local folder).

    Asked before anything is loaded: `datasets` itself would try for long without a network.

    Raises:
        BonepickError: no network, or no such dataset or revision.
    """
    from huggingface_hub import HfApi

    if Path(name).is_dir():
        return revision
    try:
        return str(HfApi().dataset_info(name, revision=revision or None, expand=["sha"], timeout=HUB_SECONDS).sha)
    except Exception as error:  # its own errors and those of the network have no common base
        what, hint = HUB_FAULTS.get(type(error).__name__, (reason(error), "check the name and the network"))
        raise BonepickError(f"{name!r} is no folder here and cannot be had from the hub ({what}): {hint}") from None
