"""Params of scoring and filtering."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bonepick.core.errors import UsageError
from bonepick.core.params import Checked, Fault, OnError, Params, Shared
from bonepick.data.expressions import compiled
from bonepick.data.labels import listed
from bonepick.data.rows import FieldName
from bonepick.scoring.tally import UNITS, Unit

Share = Annotated[float, Meta(ge=0, lt=1)]


@dataclass(frozen=True, kw_only=True)
class CorpusParams(Params):
    """How the rows of a corpus are read."""

    text_field: FieldName = "text"
    """The field that holds the text: a name, or a jq expression that begins with a dot."""
    source_field: Annotated[str, Checked(lambda name: compiled(name) if name.startswith(".") else None)] = ""
    """The field that the summary is told by as well: a name, or a jq expression that begins with a dot; empty: none."""
    on_error: Annotated[OnError, Shared("on_error")] = "fail"
    """What a row that cannot be used does: stop the run, or be rejected with its reason."""


@dataclass(frozen=True, kw_only=True)
class ScoreParams(CorpusParams):
    """What scoring writes."""

    name: str = ""
    """Scores go to .metadata.NAME of a row (Parquet: NAME_score, NAME_probabilities); empty: the model's kind."""
    into: str = ""
    """Field of a row that scores go to in place of .metadata.NAME; a dot leads into an object."""
    only_scores: bool = False
    """Write id, score and probabilities alone."""
    id_field: FieldName = "id"
    """The field that holds the id of a row, where scores alone are written: a name, or a jq expression."""
    format: Literal["", "jsonl", "parquet"] = ""
    """Of scores alone; empty: that of the shard."""
    keep: str = ""
    """Write rows alone that reach a threshold: one of the model's thresholds.json by its name, or LABEL=0.5."""
    min_score: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Write rows alone with this score or a higher one."""

    def faults_together(self) -> Iterator[Fault]:
        """Yield values that contradict each other."""
        if self.keep and self.min_score is not None:
            yield Fault("keep", f"keep is {self.keep!r} and min_score is {self.min_score:g}: give one of them")
        if self.name and self.into:
            yield Fault("into", f"into is {self.into!r} and name is {self.name!r}: give one of them")
        if self.format and not self.only_scores:
            yield Fault("format", f"format {self.format!r} is for scores alone (--only-scores)")
        if not all(part for part in self.into.split(".")) and self.into:
            yield Fault("into", "wanted names of fields, with a dot between two", self.into)

    @cached_property
    def source_expression(self) -> str:
        """The source field as a jq expression; empty where there is none."""
        name = self.source_field
        return name if not name or name.startswith(".") else f".[{msgspec.json.encode(name).decode()}]"

    @property
    def selects(self) -> bool:
        """Whether rows are left out by their score."""
        return bool(self.keep) or self.min_score is not None


@dataclass(frozen=True, kw_only=True)
class CorpusStageParams(ScoreParams):
    """A corpus that the pipeline scores, and what is written of it."""

    input: str
    """The corpus: a folder or file of shards, here or behind a URL that DVC tracks, such as s3://bucket/prefix."""


@dataclass(frozen=True, kw_only=True)
class FilterParams(Params):
    """What filtering keeps: a share of the corpus, in one of three units."""

    keep_rows: Share = 0.0
    """Share of the rows of the corpus to keep, those of the highest score."""
    keep_words: Share = 0.0
    """Share of its words."""
    keep_bytes: Share = 0.0
    """Share of the bytes of its texts, in UTF-8."""

    @property
    def unit(self) -> Unit:
        """What the share is of.

        Raises:
            UsageError: not exactly one share is given.
        """
        given = [unit for unit in UNITS if getattr(self, f"keep_{unit}")]
        if len(given) != 1:
            came = f"shares of {listed(given)} are" if given else "no share is"
            raise UsageError(f"{came} given: wanted one of --keep-rows, --keep-words and --keep-bytes, such as 0.1")
        return given[0]

    @property
    def share(self) -> float:
        """What is kept of it, 0 to 1."""
        return float(getattr(self, f"keep_{self.unit}"))
