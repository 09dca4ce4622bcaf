"""`manifest.json`: all that is needed to use a model correctly; written last, so that where it is, all is."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from bonepick.core.errors import BonepickError
from bonepick.core.replacing import MARKER
from bonepick.data.label_forms import ONE_LABEL, LabelForm

MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a model directory says of itself.

    Attributes:
        kind: name of the module in `bonepick.classifiers` that reads it.
        classes: canonical labels, worst to best (alphabetical where rows have several); probabilities come in this
            order.
        params: as it was trained.
        normalizer: identity of the normalizer that its texts went through, with the length and its unit where that
            cuts texts; None where it is not known.
        label_form: how labels are read from rows; None where that is not known.
        end_of_line: token that the library appends to each text, if it does.
        threads: threads that trained it.
        datasets: content digests of the training datasets, in the order they were given.
        label_shares: share of each label among the training rows.
        versions: of the libraries that shape the result.
    """

    kind: str
    classes: list[str]
    params: dict[str, Any]
    normalizer: dict[str, Any] | None
    seed: int | None
    datasets: list[str]
    label_shares: dict[str, float]
    versions: dict[str, str]
    label_form: LabelForm | None = ONE_LABEL
    end_of_line: str | None = None
    threads: int = 1
    format: int = 1

    def save(self, directory: Path) -> None:
        """Write it, with sorted keys, and with the size of every file that lies beside it."""
        beside = [path for path in directory.iterdir() if path.is_file() and path.name not in (MANIFEST_FILE, MARKER)]
        sizes = {path.name: path.stat().st_size for path in beside}
        raw = msgspec.json.encode({**asdict(self), "files": sizes}, order="sorted")
        (directory / MANIFEST_FILE).write_bytes(msgspec.json.format(raw, indent=2) + b"\n")

    @classmethod
    def load(cls, directory: Path) -> "Manifest":
        """Read it.

        Raises:
            BonepickError: there is none, this version cannot read it, or a file beside it is missing or cut.
        """
        path = directory / MANIFEST_FILE
        if not path.is_file():
            raise BonepickError(f"{directory} is no model: it has no {MANIFEST_FILE}")
        try:
            found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            sizes = msgspec.convert(found.pop("files", {}), dict[str, int])
            # a later version may say there what must be done to texts: going on without it would be silently wrong
            if found.get("format") != cls.format or found.keys() - {own.name for own in fields(cls)}:
                raise msgspec.ValidationError(f"format {found.get('format')}, or keys of a later one")
            manifest = msgspec.convert(found, cls)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BonepickError(f"{path}: not a manifest that this version reads ({error})") from None
        for name, size in sizes.items():
            here = (directory / name).stat().st_size if (directory / name).is_file() else None
            if here != size:
                came = "is missing" if here is None else f"has {here:,} bytes"
                raise BonepickError(f"{directory / name} {came}, wanted {size:,}: copy or train the model again")
        return manifest


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the installed version of each distribution, without the tag of its build (`+cpu`)."""
    return {name: version(name).split("+")[0] for name in sorted(names)}
