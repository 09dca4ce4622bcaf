"""A dataset's folder, opened once: its shards or lines, and what it says of itself."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.dataset_info import DatasetInfo
from bonepick.data.embedded_files import features_file, rows_file
from bonepick.data.fasttext_files import holds_fasttext_files
from bonepick.data.files import File
from bonepick.data.folders import refuse_other_folder
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.origins import origins_file
from bonepick.data.shards import SPLITS, Shard, find_shards
from bonepick.data.split_names import flat_splits, no_splits, refuse_rows_beside_lines, say_beside_splits
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
        is_embedded: whether it holds features in place of texts.
        text_field: the field that is read as the text; None where rows pass as they are.
    """

    path: Path
    name: str
    info: DatasetInfo | None
    shards: list[Shard]
    is_lines: bool
    text_field: str | None = None
    is_embedded: bool = False

    @classmethod
    def open(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """List what lies in a folder and read its `dataset.json`.

        Raises:
            BonepickError: there is no such folder, nothing in it that is a dataset, both rows and lines, or a
                `dataset.json` that cannot be read.
        """
        is_lines = holds_fasttext_files(path)
        refuse_other_folder(path, "dataset")
        info = DatasetInfo.load(path)
        if info and info.embedding:
            return cls(path, path.resolve().name, info, [], is_lines=False, is_embedded=True)
        if is_lines:
            refuse_rows_beside_lines(path)
        shards = [] if is_lines else find_shards(path)
        say_beside_splits(path, shards)
        return cls(path, path.resolve().name, info, shards, is_lines, text_field)

    @classmethod
    def open_rows(cls, path: Path, text_field: str | None = None, mixed: bool = False) -> "Dataset":
        """Open a dataset of rows: in splits, or a plain tree of shards; `mixed` where rows do not stay in their files.

        Raises:
            BonepickError: it holds fastText lines, or files of a plain tree are named like splits and will be mixed;
                or see `open`.
        """
        dataset = cls.open(path, text_field)._of_rows()
        if flat := flat_splits(path, dataset.shards):
            if mixed:
                raise BonepickError(flat)
            note(flat)
        return dataset

    @classmethod
    def open_splits(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """Open a dataset of rows in `train/`, `valid/` or `test/`.

        Raises:
            BonepickError: it has no such folders; or see `open_rows`.
        """
        return cls.open_splits_or_lines(path, text_field)._of_rows()

    @classmethod
    def open_splits_or_lines(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """Open what a model is evaluated on.

        Raises:
            BonepickError: it is a plain tree of shards; or see `open`.
        """
        dataset = cls.open_training_rows(path, text_field)
        return dataset._with_texts()

    @classmethod
    def open_training_rows(cls, path: Path, text_field: str | None = None) -> "Dataset":
        """Open what a model is trained on: embedded rows too.

        Raises:
            BonepickError: it is a plain tree of shards; or see `open`.
        """
        dataset = cls.open(path, text_field)
        if not dataset.has_splits:
            raise BonepickError(flat_splits(path, dataset.shards) or no_splits(path))
        return dataset

    def _of_rows(self) -> "Dataset":
        if self.is_lines:
            raise BonepickError(f"{self.path} holds fastText lines: wanted rows, as they are before conversion")
        return self._with_texts()

    def _with_texts(self) -> "Dataset":
        if self.is_embedded:
            raise BonepickError(f"{self.path} holds features, no texts: wanted rows, as they are before embed-dataset")
        return self

    @property
    def has_splits(self) -> bool:
        """Whether rows lie in splits: not so in a plain tree of shards."""
        return self.is_lines or self.is_embedded or bool(self.shards[0].split)

    @property
    def files(self) -> list[File]:
        """The files that its rows or lines lie in, or could: those that say where lines are from among them."""
        lines = [self.path / f"{split}.txt" for split in SPLITS] if self.is_lines else []
        embedded = [file(self.path, split) for split in self.embedded_splits for file in (features_file, rows_file)]
        return [*(shard.path for shard in self.shards), *lines, *map(origins_file, lines), *embedded]

    @property
    def embedded_splits(self) -> list[str]:
        """The splits of which it holds features."""
        return list(self.info.splits) if self.info and self.is_embedded else []

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
