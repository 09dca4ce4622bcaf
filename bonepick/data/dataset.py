"""`dataset.json`: what made a dataset, rows and labels per split, the normalizer's identity, a content digest."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.params import Params
from bonepick.core.progress import note
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.shards import DATASET_FILE, SPLITS

MAX_LABELS_KEPT = 100  # raw scores can be all different: then only their number is kept


@dataclass
class SplitInfo:
    """Counts of one split.

    `labels` is empty where the rows carry too many different ones, or none; a label that rows name and none has is 0.
    """

    rows: int = 0
    set_aside: int = 0
    labels: dict[str, int] = field(default_factory=dict)


@dataclass
class DatasetInfo:
    """The content of `dataset.json`."""

    made_by: dict[str, Any]
    splits: dict[str, SplitInfo]
    normalizer: dict[str, Any] | None
    digest: str
    label_form: LabelForm = ONE_LABEL
    format: int = 1

    def save(self, directory: Path) -> None:
        """Write `dataset.json`, with sorted keys."""
        raw = msgspec.json.encode(asdict(self), order="sorted")
        (directory / DATASET_FILE).write_bytes(msgspec.json.format(raw, indent=2) + b"\n")

    @classmethod
    def load(cls, directory: Path) -> "DatasetInfo | None":
        """Read it; None where the directory has none (datasets made elsewhere).

        Raises:
            BonepickError: the file is there and cannot be read.
        """
        path = directory / DATASET_FILE
        if not path.is_file():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except msgspec.MsgspecError as error:
            raise BonepickError(f"{path}: not a description that this version reads ({error}): remove it") from None


class DatasetTally:
    """Counts and digests the lines of a dataset while they are written, split by split and in order."""

    def __init__(self) -> None:
        self._splits: dict[str, SplitInfo] = {}
        self._labels: dict[str, Counter[str]] = {}
        self._digests: dict[str, Any] = {}

    def add(self, split: str, lines: list[bytes], labels: list[str], set_aside: int = 0) -> None:
        """Count lines (without line breaks) and the labels of those that have one."""
        info = self._splits.setdefault(split, SplitInfo())
        info.rows += len(lines)
        info.set_aside += set_aside
        self._labels.setdefault(split, Counter()).update(labels)
        self._digests.setdefault(split, hashlib.sha256()).update(b"".join(line + b"\n" for line in lines))

    def name(self, split: str, labels: Iterable[str]) -> None:
        """Count labels that rows of a split name as 0 where none of them has one."""
        self._labels[split].update(dict.fromkeys(labels, 0))

    @property
    def rows(self) -> int:
        """Lines counted so far."""
        return sum(info.rows for info in self._splits.values())

    @property
    def rows_of_splits(self) -> dict[str, int]:
        """Lines counted so far, in each split that has some."""
        return {split: info.rows for split in ("", *SPLITS) if (info := self._splits.get(split)) and info.rows}

    @property
    def set_aside(self) -> int:
        """Rows set aside so far."""
        return sum(info.set_aside for info in self._splits.values())

    def info(
        self,
        operation: str,
        params: Params,
        normalizer: dict[str, Any] | None = None,
        label_form: LabelForm = ONE_LABEL,
    ) -> DatasetInfo:
        """Make the description."""
        for split, info in self._splits.items():
            labels = self._labels[split]
            info.labels = dict(sorted(labels.items())) if len(labels) <= MAX_LABELS_KEPT else {}
        whole = hashlib.sha256()
        for split in sorted(self._digests):
            whole.update(f"{split}:{self._digests[split].hexdigest()}\n".encode())
        made_by = {"operation": operation, "params": asdict(params)}  # type: ignore[call-overload]
        splits = dict(sorted(self._splits.items()))
        return DatasetInfo(made_by, splits, normalizer, whole.hexdigest(), label_form)


def common_normalizer(directories: Sequence[Path]) -> dict[str, Any] | None:
    """Return the identity of the normalizer that some datasets went through; None where one says nothing.

    Raises:
        BonepickError: they went through different ones, or only some went through one.
    """
    infos = [(directory, DatasetInfo.load(directory)) for directory in directories]
    found = [(directory, info) for directory, info in infos if info]
    if silent := [directory for directory, info in infos if not info]:
        if any(info.normalizer for _, info in found):
            note(f"{silent[0]} does not say whether it is normalized, other inputs do: taken as not known")
        return None
    for directory, info in found[1:]:
        if info.normalizer != found[0][1].normalizer:
            first, other = describe_normalizer(found[0][1].normalizer), describe_normalizer(info.normalizer)
            raise BonepickError(
                f"normalizers differ: {found[0][0]} has {first}, {directory} has {other}: normalize them alike"
            )
    return found[0][1].normalizer if found else None


def common_label_form(directories: Sequence[Path], names: Sequence[Path] | None = None) -> LabelForm:
    """Return how the labels of some datasets were read.

    Args:
        directories: the datasets.
        names: what messages call them, where not by their directories.

    Raises:
        BonepickError: not alike.
    """
    infos = [DatasetInfo.load(directory) for directory in directories]
    forms = [(name, i.label_form if i else ONE_LABEL) for name, i in zip(names or directories, infos, strict=True)]
    for directory, form in forms[1:]:
        if form != forms[0][1]:
            raise BonepickError(
                f"labels of {forms[0][0]} and {directory} were read differently (bins with other edges, or several "
                "labels a row in one of them): convert them alike"
            )
    return forms[0][1]


def describe_normalizer(identity: dict[str, Any] | None) -> str:
    """Return a normalizer's identity as words, for messages.

    >>> describe_normalizer({"name": "ultrafine", "version": 1, "tokenizer": "41f3bf64213da8c0"})
    'ultrafine (version 1, tokenizer 41f3bf64)'
    """
    if identity is None:
        return "none"
    tokenizer = f", tokenizer {identity['tokenizer'][:8]}" if identity.get("tokenizer") else ""
    cut = f", {identity['max_length']:,} {identity['max_length_unit']} at most" if "max_length" in identity else ""
    return f"{identity['name']} (version {identity['version']}{tokenizer}{cut})"


def is_normalized(directory: Path, wanted: dict[str, Any] | None, lines: bool = False) -> bool:
    """Tell whether a dataset went through the wanted normalizer already; say so where one side is unknown.

    Args:
        directory: the dataset.
        wanted: the normalizer's identity; None where it is not known, or none is wanted.
        lines: whether it holds fastText lines: these are taken as they are.

    Raises:
        BonepickError: it went through another one.
    """
    info = DatasetInfo.load(directory)
    if info is None or info.normalizer is None:
        if wanted is None:
            note(
                f"texts of {directory} are taken as they are: the model does not say which normalizer they go through "
                "(--normalization names it)"
            )
        elif info is None:
            what = "its lines are taken as they are" if lines else f"{wanted['name']} is applied to it"
            note(f"{directory} does not say whether it is normalized: {what}")
        return False
    if wanted is None:
        note(f"{directory} is normalized with {info.normalizer['name']}; whether the model wants that is not known")
    elif info.normalizer != wanted:
        raise BonepickError(
            f"{directory} is normalized with {describe_normalizer(info.normalizer)}, "
            f"wanted is {describe_normalizer(wanted)}: take the rows before normalization, or normalize them alike"
        )
    return True
