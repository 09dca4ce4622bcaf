"""A dataset's folder, opened once: its shards or lines, and what it says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.data.dataset_info import DatasetInfo
from bonepick.data.fasttext_files import holds_fasttext_files
from bonepick.data.files import File
from bonepick.data.folders import refuse_other_folder
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.shards import SPLITS, Shard, find_shards
from bonepick.text.identity import NormalizerIdentity


@dataclass(frozen=True)
class Dataset:
    """A dataset that lies in a folder.

    Attributes:
        path: the folder, as the user named it (for messages).
        name: the folder's own name.
        info: what its `dataset.json` says; None where there is none.
        shards: files of rows, in order; empty where it holds fastText lines.
        is_lines: whether it was converted: it holds `train.txt`, `valid.txt` or `test.txt`.
        text_field: the field that is read as the text; None where rows pass as they are.
    """

    path: Path
    name: str
    info: DatasetInfo | None
    shards: list[Shard]
    is_lines: bool
    text_field: str | None = None

    @classmethod
    def open(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """List what lies in a folder and read its `dataset.json`.

        Raises:
            BonepickError: there is no such folder, nothing in it that is a dataset, or a `dataset.json` that cannot
                be read.
        """
        is_lines = holds_fasttext_files(path)
        refuse_other_folder(path, "dataset")
        shards = [] if is_lines else find_shards(path)
        return cls(path, path.resolve().name, DatasetInfo.load(path), shards, is_lines, text_field)

    @classmethod
    def open_rows(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """Open a dataset of rows: in splits, or a plain tree of shards.

        Raises:
            BonepickError: it holds fastText lines; or see `open`.
        """
        dataset = cls.open(path, text_field)
        if dataset.is_lines:
            raise BonepickError(f"{path} holds fastText lines: wanted rows, as they are before conversion")
        return dataset

    @classmethod
    def open_splits(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """Open a dataset of rows in `train/`, `valid/` or `test/`.

        Raises:
            BonepickError: it has no such folders; or see `open_rows`.
        """
        dataset = cls.open_rows(path, text_field)
        if not dataset.has_splits:
            raise BonepickError(f"{path} has no train/, valid/ or test/ folder: wanted a dataset with splits")
        return dataset

    @property
    def has_splits(self) -> bool:
        """Whether rows lie in splits: not so in a plain tree of shards."""
        return self.is_lines or bool(self.shards[0].split)

    @property
    def files(self) -> list[File]:
        """The files that its rows or lines lie in."""
        lines = [self.path / f"{split}.txt" for split in SPLITS] if self.is_lines else []
        return [*(shard.path for shard in self.shards), *lines]

    @property
    def normalizer(self) -> NormalizerIdentity | None:
        """Identity of the normalizer that the texts went through; None where none did, or where it is not known.

        What `dataset.json` says of one field says nothing of another one that is read.
        """
        other = None not in (self.normalized_field, self.text_field) and self.text_field not in (
            self.normalized_field,
            f".{self.normalized_field}",
        )
        return None if other or self.info is None else self.info.normalizer

    @property
    def normalized_field(self) -> str | None:
        """The field that is normalized; None where that is not known, or it is lines that are."""
        return self.info.text_field if self.info else None

    @property
    def label_form(self) -> LabelForm:
        """How labels were read."""
        return self.info.label_form if self.info else ONE_LABEL

    @property
    def digest(self) -> str:
        """Digest of the content; empty where it is not known."""
        return self.info.digest if self.info else ""

    def split(self, *names: str) -> list[Shard]:
        """Return the shards of some splits, in order."""
        return [shard for shard in self.shards if shard.split in names]

    def normalizer_left(self, wanted: NormalizerIdentity | None) -> NormalizerIdentity | None:
        """Return what the texts have still to go through, so that they went through `wanted`; None for nothing.

        Lines are taken as they are.

        Raises:
            BonepickError: they went through another one.
        """
        if self.normalizer is None:
            return None if self.is_lines else wanted
        if wanted not in (None, self.normalizer):
            raise BonepickError(
                f"{self.path} is normalized with {self.normalizer}, "
                f"wanted is {wanted}: take the rows before normalization, or normalize them alike"
            )
        return None

    def say_unknown_normalizer(self, wanted: NormalizerIdentity | None) -> None:
        """Say it where this dataset, or the model that wants a normalizer, does not tell which one that is."""
        if self.normalizer and wanted is None:
            note(f"{self.path} is normalized with {self.normalizer.name}; whether the model wants that is not known")
        elif wanted is None:
            note(
                f"texts of {self.path} are taken as they are: the model does not say which normalizer they go through "
                "(--normalization names it)"
            )
        elif self.info is None:
            what = "its lines are taken as they are" if self.is_lines else f"{wanted.name} is applied to it"
            note(f"{self.path} does not say whether it is normalized: {what}")


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
