"""What is imported, and how it is split."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from bonepick.core.errors import UsageError
from bonepick.core.params import Checked, Fault, Params, Seed
from bonepick.data.expressions import OptionalExpression
from bonepick.data.rows import FieldName
from bonepick.data.splitting import Amount, amount_faults
from bonepick.preparation.importing.dialect import Dialect, character
from bonepick.preparation.importing.formats import Format
from bonepick.preparation.importing.sample import part_fault
from bonepick.preparation.importing.splits import SplitChoice


@dataclass(frozen=True, kw_only=True)
class ImportParams(Params):
    """Where rows come from and how they are split."""

    name: Annotated[str, Meta(min_length=1)]
    """Name on the hub, local folder or file, URL (s3://bucket/prefix), or part of the sample (seen, unseen)."""
    source: Literal["auto", "hf", "local", "sample"] = "auto"
    """Where the name is looked up; auto takes a URL or a local folder of that name, else the hub."""
    subset: str = ""
    """Subset (configuration) of a hub dataset."""
    revision: str = ""
    """Commit, tag or branch of a hub dataset; empty takes the newest."""
    test_split: Amount = 0.0
    """Test rows: below 1 a share, from 1 on a count. A dataset's own test split is kept instead."""
    valid_split: Amount = 0.0
    """Validation rows, given like the test rows."""
    group_by: OptionalExpression = ""
    """jq expression; rows of one group fall into one split. Empty: only equal texts do."""
    seed: Seed = 42
    """Seed of the split."""
    batch_size: Annotated[int, Meta(ge=1, lt=2**31)] = 100_000
    """Rows per shard."""
    map_split: tuple[str, ...] = ()
    """Splits under other names: NAME=SPLIT, the split one of train, valid, test (validation=valid is known)."""
    skip_split: tuple[str, ...] = ()
    """Splits of the source that are left out."""
    delimiter: Annotated[str, Checked(character)] = ""
    """Character between the fields of CSV files, for a tab \\t; empty takes the comma, and for TSV the tab."""
    quote: Literal["auto", "double", "single", "none"] = "auto"
    """Quotes around the fields of CSV files; none takes them for text; auto: double, and for TSV none."""
    escape: Annotated[str, Checked(character)] = ""
    """Character that takes its meaning from the next one in CSV files; empty: quotes inside quotes are doubled."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield amounts that no split can have, and a part that the sample does not have."""
        yield from amount_faults(self.test_split, self.valid_split)
        if self.source == "sample" and (fault := part_fault(self.name)):
            yield Fault("name", fault)
        try:
            SplitChoice.of(self.map_split, self.skip_split)
        except UsageError as error:
            yield Fault("map_split", str(error))

    @property
    def splits(self) -> SplitChoice:
        """What the splits of the source are here."""
        return SplitChoice.of(self.map_split, self.skip_split)

    @property
    def dialects(self) -> dict[Format, Dialect]:
        """How the fields of CSV and of TSV files are told apart."""
        quote = {"double": '"', "single": "'", "none": ""}
        delimiter = character(self.delimiter)
        return {
            "CSV": Dialect(delimiter or ",", quote.get(self.quote, '"'), character(self.escape)),
            "TSV": Dialect(delimiter or "\t", quote.get(self.quote, ""), character(self.escape)),
        }

    @property
    def origin(self) -> Literal["sample", "url", "local", "hub"]:
        """Where the name is looked up, once it is decided."""
        if self.source == "sample":
            return "sample"
        if self.source == "hf":
            return "hub"
        if "://" in self.name:
            return "url"
        return "local" if self.source == "local" or Path(self.name).exists() else "hub"


@dataclass(frozen=True, kw_only=True)
class ImportStageParams(ImportParams):
    """The stage's params: each dataset has its text where it has it, and its label only once it is transformed."""

    text_field: FieldName = "text"
    """The field that holds the text, by which equal texts fall into one split: a name, or a jq expression."""
