"""`manifest.json`: all that is needed to use a model correctly; written last, so that where it is, all is."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from bonepick.classifiers.base.knobs import Tried
from bonepick.core.errors import BonepickError
from bonepick.core.inside import file_inside
from bonepick.core.json_format import json_bytes
from bonepick.core.reading import damaged, is_there, read_json
from bonepick.core.replacing import MARKER
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.labels import canonical_label
from bonepick.data.scales import is_ordered
from bonepick.text.identity import NormalizerIdentity

MANIFEST_FILE = "manifest.json"
REMEDY = "copy or train the model again, or use the version of bonepick that it was trained with"


@dataclass(frozen=True)
class _Beside:
    """What a file beside it must be, so that no weights are used that are not the model's."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "_Beside":
        with path.open("rb") as stream:
            return cls(path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


@dataclass(frozen=True)
class Manifest:
    """What a model directory says of itself.

    Attributes:
        kind: name of the package in `bonepick.classifiers` that reads it.
        classes: canonical labels, worst to best (alphabetical where rows have several, or where that is not known:
            see `ordered`); probabilities come in this order.
        params: it was trained with, less what says nothing on another machine.
        normalizer: identity of the normalizer that its texts went through, with the length and its unit where that
            cuts texts; None where it is not known.
        label_form: how labels are read from rows; None where that is not known.
        statistics: of what it was trained on, by name, where its kind counts something: pairs of `contrastive`.
        end_of_line: token that the library appends to each text, if it does.
        threads: threads that trained it.
        datasets: content digests of the training datasets, in the order they were given.
        label_shares: share of each label among the training rows.
        versions: of the libraries that shape the result.
        tried: values of knobs that were tried, and how good they are; `params` has those that won.
        reproducible: whether the same inputs and params give the same model.
    """

    kind: str
    classes: list[str]
    params: dict[str, Any]
    normalizer: NormalizerIdentity | None
    seed: int | None
    datasets: list[str]
    label_shares: dict[str, float]
    versions: dict[str, str]
    label_form: LabelForm | None = ONE_LABEL
    statistics: dict[str, int] = field(default_factory=dict)
    end_of_line: str | None = None
    threads: int = 1
    tried: list[Tried] = field(default_factory=list)
    reproducible: bool = True
    format: int = 1

    @property
    def ordered(self) -> bool:
        """Whether `classes` are from worst to best; else they are in alphabetical order, and nothing ranks by them."""
        given = self.params.get("labels")
        try:
            named = [canonical_label(label) for label in given] if isinstance(given, (list, tuple)) else []
        except BonepickError:  # what somebody else wrote there
            named = []
        return is_ordered(self.classes, named)

    @property
    def multi_label(self) -> bool:
        """Whether a row has any number of the labels."""
        return self.label_form is not None and self.label_form.multi_label

    def save(self, directory: Path) -> None:
        """Write it, with sorted keys, and with size and digest of every file that lies beside it."""
        beside = [path for path in directory.iterdir() if path.is_file() and path.name not in (MANIFEST_FILE, MARKER)]
        files = {path.name: asdict(_Beside.of(path)) for path in beside}
        (directory / MANIFEST_FILE).write_bytes(json_bytes({**asdict(self), "files": files}))

    @classmethod
    def load(cls, directory: Path) -> "Manifest":
        """Read it; of the files beside it, sizes are looked at here, and digests by `model_digest`.

        Raises:
            BonepickError: there is none, this version cannot read it, or a file beside it is missing, cut, or a link
                that leads elsewhere.
        """
        if not is_there(directory / MANIFEST_FILE):
            raise BonepickError(f"{directory} is no model: it has no {MANIFEST_FILE}")
        path = file_inside(directory, MANIFEST_FILE)
        content = read_json(path, dict[str, Any], REMEDY)
        try:
            files = msgspec.convert(content.pop("files", {}), dict[str, _Beside | int])
            _refuse_later(content)
            manifest = msgspec.convert(content, cls)
            _refuse_meaningless(manifest)
        except msgspec.ValidationError as error:
            raise damaged(path, error, REMEDY) from None
        for name, said in files.items():  # earlier versions wrote sizes alone
            _refuse_cut(file_inside(directory, name), said if isinstance(said, int) else said.size)
        return manifest


def _refuse_later(content: dict[str, Any]) -> None:
    """Refuse a later version's: it may say there what must be done to texts, and going on would be silently wrong."""
    if content.get("format") != Manifest.format:
        raise msgspec.ValidationError(f"format {content.get('format')}")
    known: dict[str, Any] = {"": Manifest, "normalizer": NormalizerIdentity, "label_form": LabelForm}
    for key, kind in known.items():
        part = content.get(key) if key else content
        if isinstance(part, dict) and (later := part.keys() - {attribute.name for attribute in fields(kind)}):
            raise msgspec.ValidationError(f"unknown key {min(later)!r}")


def _refuse_meaningless(manifest: Manifest) -> None:
    """Refuse what no training writes and what would be used without a word."""
    if not manifest.classes or len(set(manifest.classes)) < len(manifest.classes):
        raise msgspec.ValidationError("classes are none, or one is there twice")


def _refuse_cut(file: Path, wanted: int) -> None:
    size = file.stat().st_size if file.is_file() else None
    if size != wanted:
        came = "is missing" if size is None else f"has {size:,} bytes"
        raise BonepickError(f"{file} {came}, wanted {wanted:,}: copy or train the model again")


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the installed version of each distribution, without the tag of its build (`+cpu`)."""
    return {name: version(name).split("+")[0] for name in sorted(names)}
