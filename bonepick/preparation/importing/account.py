"""The account of a source: each of its files is read, as part of a split, or named as left out with the reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.file_kinds import BOM
from bonepick.data.files import File
from bonepick.data.shards import Shard
from bonepick.data.split_names import bare_name
from bonepick.preparation.importing.archives import how_to_read
from bonepick.preparation.importing.formats import CARDS, ENDINGS, NO_ROWS, Format, ending_of, format_of, without_ending
from bonepick.preparation.importing.splits import SKIPPED, SplitChoice

PEEK = 1 << 16
SHOWN = 3


@dataclass(frozen=True)
class DataFile:
    """A file with rows, as a shard of its split."""

    shard: Shard
    format: Format


@dataclass
class Account:
    """What becomes of each file of a source.

    Attributes:
        splits: split -> its files, in the order in which they are read.
        left_out: name of a file -> why it is not read.
        delimiter: between the fields of its CSV files, where a card says it; else empty.
    """

    splits: dict[str, list[DataFile]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""

    def add(self, split: str, name: str, file: File, form: Format) -> None:
        """Add a file to a split, or leave it out where the split is skipped."""
        if split == SKIPPED:
            self.left_out[name] = "its split is skipped"
        else:
            shard = Shard(file, split, without_ending(name), may_be_array=form == "JSONL")
            self.splits.setdefault(split, []).append(DataFile(shard, form))

    def say(self, where: object) -> None:
        """Say which files are left out, and of which formats the others are where there are several."""
        for why, names in groupby(sorted(self.left_out, key=self.left_out.__getitem__), self.left_out.__getitem__):
            note(f"{where}: left out, {why}: {_shown(sorted(names))}")
        formats = sorted({file.format for files in self.splits.values() for file in files})
        if len(formats) > 1:
            counts = [f"{split} {_counted(files)}" for split, files in self.splits.items()]
            note(f"{where}: files of several formats are read: {'; '.join(counts)}")


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _counted(files: Sequence[DataFile]) -> str:
    formats = [file.format for file in files]
    return ", ".join(f"{formats.count(form):,} {form}" for form in sorted(set(formats)))


def account_of(where: object, files: Mapping[str, File], choice: SplitChoice) -> Account:
    """Decide on the files below a folder or URL: which are read, and for which split.

    Args:
        where: what they lie below, for people.
        files: path below that -> file.
        choice: of splits under other names.

    Raises:
        BonepickError: a file belongs to no split and others do, or two are the same shard.
    """
    account = Account()
    formats = {name: form for name, file in files.items() if (form := _format(account, name, file, files))}
    stems = {name: without_ending(name) for name in formats}
    splits = choice.by_place(where, {stems[name]: files[name] for name in sorted(stems)})
    if held_out := [name for name, stem in stems.items() if splits.get(stem) == "train" and _is_held_out(stem, choice)]:
        note(f"{where}: there is nothing else, so all is train, also what its name says otherwise: {_shown(held_out)}")
    refuse_same_shard(files, stems)
    for name in sorted(formats, key=stems.__getitem__):
        if (split := splits.get(stems[name])) is None:
            account.left_out[name] = "it lies beside the folders of splits"
        else:
            account.add(split, _inside(name, split, choice), files[name], formats[name])
    return account


def _is_held_out(stem: str, choice: SplitChoice) -> bool:
    return choice.split(bare_name(PurePosixPath(stem).name)) in ("valid", "test")


def _inside(name: str, split: str, choice: SplitChoice) -> str:
    """Return the path of a file inside the folder of its split, where there is such a folder."""
    folder, _, rest = name.partition("/")
    return rest if rest and folder not in choice.renamed and choice.split(folder) == split else name


def refuse_same_shard(files: Mapping[str, File], stems: Mapping[str, str]) -> None:
    """Refuse files that differ in their endings alone: they are the same rows, most likely.

    Raises:
        BonepickError: two do.
    """
    by_stem: dict[str, str] = {}
    for name, stem in stems.items():
        if (other := by_stem.setdefault(stem, name)) != name:
            raise BonepickError(f"{files[other]} and {files[name]} are both shard {stem!r}: remove one")


def _format(account: Account, name: str, file: File, others: Iterable[str]) -> Format | None:
    """Return what a file holds; None where it holds no rows, which goes into the account."""
    last = PurePosixPath(name).name
    if last in CARDS:
        return None
    form, why = format_of(name), NO_ROWS.get(last)
    if why or form is None:
        account.left_out[name] = f"no rows by its name ({why or 'wanted an ending such as ' + ', '.join(_FEW)})"
        return None
    beside_rows = any(format_of(other) for other in others if other != name)
    if ending_of(name) == ".json" and beside_rows and re.match(rb"\s*\{\s*\n", _head(file).removeprefix(BOM)):
        account.left_out[name] = "one JSON document over several lines, beside files of rows"
        return None
    return form


def no_rows(where: object, account: Account) -> BonepickError:
    """Return the fault that a source without files of rows is."""
    came = f"; there are {_shown(sorted(account.left_out))}" if account.left_out else ""
    came += how_to_read(account.left_out)
    return BonepickError(
        f"{where} holds no files of rows, wanted JSONL, Parquet, Arrow, CSV or TSV files by their endings "
        f"({', '.join(_FEW)} ...){came}"
    )


_FEW = (".jsonl", ".parquet", ".csv")
assert set(_FEW) < set(ENDINGS)


def _head(file: File) -> bytes:
    with file.open("rb") as stream:
        return bytes(stream.read(PEEK))
