"""Rows from a dataset on the hub."""

from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.data.files import find_remote_files, reason
from bonepick.preparation.importing.account import Account
from bonepick.preparation.importing.card import account_by_card, builder_of, class_labels
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.splits import SplitChoice

HUB_SECONDS = 5  # to wait for the hub's first answer
HUB_FAULTS = {
    "RepositoryNotFoundError": ("no such dataset, or a private one", "check the name, or log in (hf auth login)"),
    "GatedRepoError": ("it is gated", "ask for access on its page, and log in (hf auth login)"),
    "RevisionNotFoundError": ("no such revision", "check --revision"),
    "HFValidationError": ("no name that a dataset can have", "check the name"),
    "OfflineModeIsEnabled": ("HF_HUB_OFFLINE is set", "unset it, or name a local folder"),
}


def hub_account(name: str, subset: str, revision: str, choice: SplitChoice) -> tuple[Account | None, ClassLabels]:
    """Return the account of a dataset on the hub, whose files are read where they lie; None for what `datasets` reads.

    Raises:
        BonepickError: no such subset, a split whose name is not known, or nothing that can be read.
    """
    builder = builder_of(name, name, subset, revision)
    files = find_remote_files(f"hf://datasets/{name}@{revision}")
    return account_by_card(name, builder, files, choice), class_labels(builder)


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
