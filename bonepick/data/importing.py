"""Import: rows from the hub, from local files or from the sample, split by hash and written as shards."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from msgspec import Meta

from bonepick.core.errors import BonepickError
from bonepick.core.outputs import atomic_directory
from bonepick.core.parallel import Limits, ordered_map
from bonepick.core.params import Params, Seed
from bonepick.core.progress import note
from bonepick.core.urls import without_secrets
from bonepick.data.dataset import DatasetTally
from bonepick.data.expressions import compiled, one_value
from bonepick.data.rewriting import mirrored, quarantine, summarize
from bonepick.data.rows import BlockDone, Row, RowParams, encode, field_of, further
from bonepick.data.shards import LineWriter
from bonepick.data.sources import Source, hub_commit, hub_source, local_source, sample_source, url_source
from bonepick.data.splitting import make_splitter

GroupAndLine = tuple[str, bytes, str | None]
Amount = Annotated[float, Meta(ge=0, lt=2**63)]


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
    group_by: str = ""
    """jq expression; rows of one group fall into one split. Empty: only equal texts do."""
    seed: Seed = 42
    """Seed of the split."""
    batch_size: Annotated[int, Meta(ge=1)] = 100_000
    """Rows per shard."""


def import_dataset(
    params: ImportParams, output_dir: Path, rows: RowParams, workers: int = 1, overwrite: bool = False
) -> None:
    """Write a dataset of `.jsonl.zst` shards in `train/`, `valid/` and `test/`.

    A row's split derives from the seed and its group (or text) alone, so equal texts never straddle splits, and with
    a share, adding rows moves none. Labels are not looked at yet: transform makes them.

    Raises:
        BonepickError: the source cannot be read, `group_by` fails on a row, a row cannot be used and `on_error` is
            `fail`, or the output is occupied.
    """
    if params.group_by:
        compiled(params.group_by)
    here = _folder(params)
    with atomic_directory(output_dir, "dataset", overwrite, [here] if here else []) as folder, ExitStack() as stack:
        params = _pinned(params)
        source = _grouped(_source(params, rows, workers), params, rows, workers)
        split_of = _splitter(params, source)
        tally, writers, remarks = DatasetTally(), dict[str, ShardWriter](), Counter[str]()
        for split, blocks in source.items():
            for done in blocks():
                lines: dict[str, list[bytes]] = {}
                for group, line, remark in done.items:
                    lines.setdefault(split_of(group) if split == "train" else split, []).append(line)
                    remarks.update([remark] if remark else [])
                for target, batch in lines.items():
                    if target not in writers:
                        writers[target] = stack.enter_context(ShardWriter(folder / target, params.batch_size))
                    writers[target].write(batch)
                    tally.add(target, batch, [])
                tally.add(split, [], [], len(done.set_aside))
                quarantine(folder, mirrored(replace(done.shard, split=split)), done)
        stack.close()
        _refuse_no_train(params, tally)
        tally.info("import", _portable(params)).save(folder)
    summarize("import", output_dir, tally, remarks)


def _refuse_no_train(params: ImportParams, tally: DatasetTally) -> None:
    found = tally.rows_of_splits
    if (params.test_split or params.valid_split) and found and "train" not in found:
        raise BonepickError(
            f"{without_secrets(params.name)}: no rows are left for train/, all {tally.rows:,} are in "
            f"{', '.join(found)}: rows of one group stay together (is --group-by the same for all?)"
        )
    for split, wanted in (("test", params.test_split), ("valid", params.valid_split)):
        if wanted and found and split not in found:
            note(f"{split}/ is empty: no group of rows fell into it (--{split}-split {wanted:g})")


class ShardWriter:
    """Writes lines to numbered shards of a fixed number of rows; a context manager."""

    def __init__(self, folder: Path, rows_per_shard: int) -> None:
        self._folder, self._room, self._rows_per_shard, self._number = folder, 0, rows_per_shard, 0
        self._writer = ExitStack()
        self._current: LineWriter | None = None

    def write(self, lines: list[bytes]) -> None:
        """Append lines, each without its line break."""
        while lines:
            if self._current is None or not self._room:
                self._writer.close()
                path = self._folder / f"{self._number:05}.jsonl.zst"
                self._current = self._writer.enter_context(LineWriter(path))
                self._room, self._number = self._rows_per_shard, self._number + 1
            batch, lines = lines[: self._room], lines[self._room :]
            self._current.write(batch)
            self._room -= len(batch)

    def __enter__(self) -> "ShardWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()


def _origin(params: ImportParams) -> Literal["sample", "url", "local", "hf"]:
    if params.source in ("sample", "hf"):
        return params.source
    if "://" in params.name:
        return "url"
    return "local" if params.source == "local" or Path(params.name).exists() else "hf"


def _folder(params: ImportParams) -> Path | None:
    if params.name.startswith("file://"):
        return Path(params.name.removeprefix("file://").partition("*")[0])
    return Path(params.name) if _origin(params) == "local" else None


def _pinned(params: ImportParams) -> ImportParams:
    """Put the commit in place of a tag or branch, so that what is loaded is what is written down."""
    if _origin(params) == "hf":
        return replace(params, revision=hub_commit(params.name, params.revision))
    unused = {"revision": params.revision, "subset": params.subset if _origin(params) != "local" else ""}
    for field, value in unused.items():
        if value:
            note(f"{without_secrets(params.name)} is no dataset on the hub: {field} {value!r} is ignored")
    return params


def _source(params: ImportParams, rows: RowParams, workers: int) -> Source[Row]:
    match _origin(params):
        case "sample":
            return sample_source(params.name)
        case "url":
            return url_source(params.name, rows.on_error, workers)
        case "local":
            return local_source(Path(params.name), params.subset, rows.on_error, workers)
        case "hf":
            return hub_source(params.name, params.subset, params.revision)


def _portable(params: ImportParams) -> ImportParams:
    # a path says nothing on another machine, and would make equal outputs differ; a URL can hold a password
    match _origin(params):
        case "url":
            return replace(params, name=PurePosixPath(re.sub(r"/[^/*]*\*.*", "", without_secrets(params.name))).name)
        case "local":
            return replace(params, name=Path(params.name).resolve().name)
        case _:
            return params


@dataclass(frozen=True)
class _GroupAndLine:
    """One row as its group, its line, and a remark to count in the summary."""

    group_by: str
    rows: RowParams

    def __call__(self, row: Row) -> GroupAndLine:
        line = encode(row)
        value = one_value(self.group_by, row) if self.group_by else field_of(row, self.rows.text_field)
        if not isinstance(value, str):
            value = encode({"group": value}).decode() if self.group_by else line.decode()
        return value, line, "with NaN or infinite numbers (null in JSON)" if _holds_no_number(row) else None


def _holds_no_number(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_holds_no_number, inner))


def _grouped(source: Source[Row], params: ImportParams, rows: RowParams, workers: int) -> Source[GroupAndLine]:
    """Make each row its group and its line; where an expression says the group, in worker processes."""
    step = partial(further, step=_GroupAndLine(params.group_by, rows), on_error=rows.on_error)
    count, limits = (workers, Limits()) if params.group_by or rows.limits else (1, None)

    def read(blocks: Callable[[], Iterator[BlockDone[Row]]]) -> Iterator[BlockDone[GroupAndLine]]:
        return ordered_map(step, blocks(), count, limits)

    return {split: partial(read, blocks) for split, blocks in source.items()}


def _splitter(params: ImportParams, source: Source[GroupAndLine]) -> Callable[[str], str]:
    amounts = {"test": params.test_split, "valid": params.valid_split}
    for split in [split for split, amount in amounts.items() if amount and split in source]:
        note(f"{without_secrets(params.name)} has a {split} split of its own: it is kept, and {split}_split is ignored")
        amounts[split] = 0.0

    def groups() -> Iterator[str]:
        return (group for done in source.get("train", tuple)() for group, _, _ in done.items)

    return make_splitter(params.seed, amounts["test"], amounts["valid"], groups)
