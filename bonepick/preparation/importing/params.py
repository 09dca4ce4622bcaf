"""What is imported, and how it is split."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from bonepick.core.params import Fault, Params, Seed
from bonepick.data.expressions import OptionalExpression
from bonepick.data.splitting import Amount, amount_faults
from bonepick.preparation.importing.sample import part_fault


@dataclass(frozen=True, kw_only=True)
class ImportParams(Params):
    """Where rows come from and how they are split."""

    name: Annotated[str, Meta(min_length=1)]
    """Name on the hub, local folder, URL of JSONL files (s3://bucket/prefix), or part of the sample (seen, unseen)."""
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

    def faults_together(self) -> Iterator[Fault]:
        """Yield amounts that no split can have, and a part that the sample does not have."""
        yield from amount_faults(self.test_split, self.valid_split)
        if self.source == "sample" and (fault := part_fault(self.name)):
            yield Fault("name", fault)

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
