"""Which split a file is of: by its folder, else by its name, else train; names that are no split's are asked about."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.shards import SPLITS
from bonepick.data.split_names import SPLIT_NAMES, bare_name, split_in_name

SKIPPED = ""


@dataclass(frozen=True)
class SplitChoice:
    """What the splits of a source are here.

    Attributes:
        renamed: name there -> split here, or `SKIPPED`.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, mapped: Sequence[str], skipped: Sequence[str]) -> "SplitChoice":
        """Read what `--map-split` (`validation=valid`) and `--skip-split` give.

        Raises:
            UsageError: a split is none of ours, or a name is given twice.
        """
        renamed = dict.fromkeys(skipped, SKIPPED)
        for pair in mapped:
            name, _, split = pair.partition("=")
            if split not in SPLITS or not name:
                raise UsageError(f"map_split {pair!r}: wanted NAME=SPLIT, the split one of {', '.join(SPLITS)}")
            if name in renamed:
                raise UsageError(f"split {name!r} is mapped or skipped twice")
            renamed[name] = split
        return cls(renamed)

    def split(self, name: str) -> str | None:
        """Return the split that a name stands for here, `SKIPPED` for none; None where the name is not known."""
        return self.renamed.get(name, SPLIT_NAMES.get(name))

    def known(self, where: object, name: str) -> str:
        """Like `split`, for what is said to be a split.

        Raises:
            BonepickError: the name is not known.
        """
        if (split := self.split(name)) is None:
            known = ", ".join([*SPLITS, *(name for name in SPLIT_NAMES if name not in SPLITS)])
            raise BonepickError(
                f"{where}: split {name!r} is none of {known}: --map-split {name}=train takes its rows, "
                f"--skip-split {name} leaves them out (map_split, skip_split in params.yaml)"
            )
        return split

    def refuse_two(self, where: object, names: Iterable[str]) -> None:
        """Refuse two names that stand for one split, unless it is said that they do.

        Raises:
            BonepickError: there are two.
        """
        by_split: dict[str, str] = {}
        for name in sorted(set(names) - set(self.renamed)):
            if (split := SPLIT_NAMES.get(name)) and (other := by_split.setdefault(split, name)) != name:
                raise BonepickError(
                    f"{where}: {other} and {name} are both {split}: --skip-split {name} leaves one out, "
                    f"--map-split {name}={split} takes both"
                )

    def refuse_unknown(self, where: object, names: Collection[str]) -> None:
        """Refuse to map or skip a split that is not there: it is misspelt, most likely.

        Raises:
            BonepickError: one is not there.
        """
        for name in self.renamed:
            if name not in names:
                raise BonepickError(
                    f"{where} has no split {name!r} to be mapped or skipped, wanted one of {', '.join(sorted(names))}"
                )

    def by_place(self, where: object, names: Mapping[str, object]) -> dict[str, str]:
        """Return the split of each file, given by its path below the source, without its ending, with what people see.

        Folders count where one of the first ones is a split's, then all must be; else names like `test-00000` do, where
        some are of train and some of others. Files that tell no splits apart are all train.

        Raises:
            BonepickError: a folder or a file belongs to no split, and others do.
        """
        folders = {name.partition("/")[0] for name in names if "/" in name}
        self.refuse_unknown(where, folders | {bare_name(part) for name in names for part in name.split("/")})
        if any(self.split(folder) is not None for folder in folders):
            self.refuse_two(where, folders)
            return {name: self.known(where, name.partition("/")[0]) for name in names if "/" in name}
        by_name = {name: split_in_name(name, self.split) for name in names}
        named = {split for split in by_name.values() if split}
        asked = any(bare_name(part) in self.renamed for name in names for part in name.split("/"))
        if not asked and ("train" not in named or len({*by_name.values()}) < 2):
            return dict.fromkeys(names, "train")
        for name, split in by_name.items():
            if split is None and len(named) > 1:
                last = bare_name(name.split("/")[-1])
                raise BonepickError(
                    f"{names[name]} belongs to no split, and other files do by their names: "
                    f"--map-split {last}=train takes its rows, --skip-split {last} leaves them out, or move it away"
                )
        return {name: "train" if split is None else split for name, split in by_name.items()}


AS_NAMED = SplitChoice()
