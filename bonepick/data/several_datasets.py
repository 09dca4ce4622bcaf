"""Several datasets taken together: each row counts once, and texts and labels went through the same."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.data.dataset import Dataset
from bonepick.data.label_forms import LabelForm
from bonepick.data.shards import Shard
from bonepick.text.identity import NormalizerIdentity


def refuse_repeated(datasets: Sequence[Dataset]) -> None:
    """Refuse inputs that share rows, by whatever paths, links or folders inside each other: each row counts once.

    Raises:
        UsageError: two do.
    """
    owners: dict[Path, Dataset] = {}
    for dataset in datasets:
        for file in [file.resolve() for file in dataset.files if isinstance(file, Path) and file.exists()]:
            first = owners.setdefault(file, dataset)
            if first is not dataset:
                same = f"{dataset.path} is given twice" if first.path.resolve() == dataset.path.resolve() else ""
                raise UsageError(f"{same or f'{first.path} and {dataset.path} both hold {file}'}: name each input once")


def joined_shards(datasets: Sequence[Dataset]) -> list[Shard]:
    """Return the shards of some datasets; of several, each one's are named as if they lay in a folder of its number."""
    if len(datasets) == 1:
        return datasets[0].shards
    return [
        replace(shard, name=f"{number}/{shard.name}")
        for number, dataset in enumerate(datasets)
        for shard in dataset.shards
    ]


def common_normalizer(datasets: Sequence[Dataset]) -> NormalizerIdentity | None:
    """Return the identity of the normalizer that some datasets went through; None where one says nothing.

    Raises:
        BonepickError: they went through different ones, or only some went through one.
    """
    if silent := [dataset for dataset in datasets if dataset.info is None]:
        if any(dataset.normalizer for dataset in datasets):
            note(f"{silent[0].path} does not say whether it is normalized, other inputs do: taken as not known")
        return None
    first, *others = datasets
    for other in others:
        if other.normalizer != first.normalizer:
            raise BonepickError(
                f"normalizers differ: {first.path} has {first.normalizer or 'none'}, {other.path} has "
                f"{other.normalizer or 'none'}: normalize them alike"
            )
    if first.normalizer:
        common_normalized_field(datasets)
    return first.normalizer


def common_normalized_field(datasets: Sequence[Dataset]) -> str | None:
    """Return the field of some datasets that is normalized; None where that is not known.

    Raises:
        BonepickError: they are different ones.
    """
    known = [dataset for dataset in datasets if dataset.normalized_field]
    for other in known[1:]:
        if other.normalized_field != known[0].normalized_field:
            raise BonepickError(
                f"{known[0].path} has its field {known[0].normalized_field!r} normalized, {other.path} its field "
                f"{other.normalized_field!r}: normalize them alike"
            )
    return known[0].normalized_field if known else None


def common_label_form(datasets: Sequence[Dataset]) -> LabelForm:
    """Return how the labels of some datasets were read.

    Raises:
        BonepickError: not alike.
    """
    return same_label_form([(dataset.path, dataset.label_form) for dataset in datasets])


def same_label_form(forms: Sequence[tuple[Path, LabelForm]]) -> LabelForm:
    """Return the one form that the labels of some datasets have, given by their folders.

    Raises:
        BonepickError: there are several.
    """
    first, wanted = forms[0]
    for path, form in forms[1:]:
        if form != wanted:
            raise BonepickError(
                f"labels of {first} and {path} were read differently (bins with other edges, or several labels a row "
                "in one of them): convert them alike"
            )
    return wanted
