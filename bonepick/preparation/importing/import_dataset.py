"""Import: rows from the hub, from local files or from the sample, split by hash and written as shards."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bonepick.core.children import Limits
from bonepick.core.errors import BonepickError
from bonepick.core.parallel import ordered_map
from bonepick.core.progress import note
from bonepick.core.replacing import local_paths
from bonepick.core.run import Run
from bonepick.core.url_secrets import without_secrets
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.expressions import compiled, one_value_of_line
from bonepick.data.numbered_shards import NumberedShards
from bonepick.data.row_loop import BlockResult, then
from bonepick.data.rows import Row, RowParams, encode, field_of
from bonepick.data.splitting import make_splitter
from bonepick.data.writer import Line, new_dataset
from bonepick.preparation.importing.account import Account
from bonepick.preparation.importing.carve import amounts_to_carve, groups_of, lines_by_split
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.hub import hub_account, hub_commit
from bonepick.preparation.importing.library_readers import streamed_readers
from bonepick.preparation.importing.local import local_account, local_name, path_for_library
from bonepick.preparation.importing.missing_fields import MissingFields
from bonepick.preparation.importing.params import ImportParams
from bonepick.preparation.importing.readers import account_readers
from bonepick.preparation.importing.reading import Reading
from bonepick.preparation.importing.sample import sample_readers
from bonepick.preparation.importing.split_readers import SplitReaders
from bonepick.preparation.importing.url import local_part, url_account, url_name

GroupedLine = tuple[str, Line]


def import_dataset(params: ImportParams, output_dir: Path, rows: RowParams, run: Run = Run()) -> DatasetInfo:
    """Write a dataset of `.jsonl.zst` shards in `train/`, `valid/` and `test/`.

    A row's split derives from the seed and its group (or text) alone, so equal texts never straddle splits, and with
    a share, adding rows moves none. Labels are not looked at yet: transform makes them.

    Raises:
        BonepickError: the source cannot be read, no rows are left for train, a row is rejected (by `group_by` too) and
            `on_error` is `fail`, or the output is occupied.
    """
    if params.group_by:
        compiled(params.group_by)
    with new_dataset(output_dir, _local_inputs(params), run) as writer:
        params = _pinned(params)
        readers = _grouped(_readers(params, rows, run.workers), params, rows, run.workers)
        split_of = _splitter(params, readers)
        shards = NumberedShards(writer, lambda split, position: position // params.batch_size)
        for blocks in readers.values():
            for block in blocks():
                for split, lines in lines_by_split(block, split_of).items():
                    shards.write(split, lines)
                writer.reject(block)
        info = writer.finish(Provenance("import", _portable(params)))
        _check_splits(params, info)
    return info


def _check_splits(params: ImportParams, info: DatasetInfo) -> None:
    """Refuse a dataset whose rows all went to other splits than train; say it where one that was asked for is empty."""
    filled = info.rows_by_split
    if not filled and not info.rejected:
        note(f"{without_secrets(params.name)}: there is no row in it")
    if (params.test_split or params.valid_split) and filled and "train" not in filled:
        raise BonepickError(
            f"{without_secrets(params.name)}: no rows are left for train/, all {info.rows:,} are in "
            f"{', '.join(filled)}: rows of one group stay together (is --group-by the same for all?)"
        )
    for split, wanted in (("test", params.test_split), ("valid", params.valid_split)):
        if wanted and filled and split not in filled:
            note(f"{split}/ is empty: no group of rows fell into it (--{split}-split {wanted:g})")


def _local_inputs(params: ImportParams) -> list[Path]:
    """Return what is read here: also of a name for the hub, which `datasets` takes for a folder where there is one."""
    if params.origin == "sample":
        return []
    folder = local_part(params.name)
    return [folder] if folder else local_paths(params.name)


def _pinned(params: ImportParams) -> ImportParams:
    """Put the commit in place of a tag or branch, so that what is loaded is what is written down."""
    if params.origin == "hub":
        return replace(params, revision=hub_commit(params.name, params.revision))
    unused = {"revision": params.revision, "subset": params.subset if params.origin != "local" else ""}
    for field, value in unused.items():
        if value:
            note(f"{without_secrets(params.name)} is no dataset on the hub: {field} {value!r} is ignored")
    return params


def _readers(params: ImportParams, rows: RowParams, workers: int) -> SplitReaders[Row]:
    if params.origin == "sample":
        return sample_readers(params.name)
    account, labels = _account(params)
    if account is None:
        folder = Path(params.name)
        where, name = (folder, path_for_library(folder)) if folder.is_dir() else (params.name, params.name)
        return streamed_readers(where, name, params.subset, params.revision, params.splits)
    account.say(without_secrets(params.name))
    dialects = replace(params, delimiter=params.delimiter or account.delimiter).dialects
    return account_readers(account, Reading(rows.on_error, workers, rows.text_field, dialects, labels))


def _account(params: ImportParams) -> tuple[Account | None, ClassLabels]:
    """Return which files are read, None where the library does that, and the names of classes that the source tells."""
    if params.origin == "url":
        return url_account(params.name, params.splits), ClassLabels()
    if params.origin == "local" or Path(params.name).is_dir():  # a folder stands in for what the hub has under its name
        return local_account(Path(params.name), params.subset, params.splits)
    return hub_account(params.name, params.subset, params.revision, params.splits)


def _portable(params: ImportParams) -> ImportParams:
    """Return what is written down of the params: the same wherever the source lies, and without secrets."""
    match params.origin:
        case "url":
            return replace(params, name=url_name(params.name))
        case "local":
            return replace(params, name=local_name(params.name))
        case _:
            return params


@dataclass(frozen=True)
class _GroupStep:
    """One row as its group and its line."""

    group_by: str
    rows: RowParams

    def __call__(self, row: Row) -> GroupedLine:
        line = encode(row)
        if self.group_by:  # rounded integers may put more rows together, never fewer
            group = one_value_of_line(self.group_by, line, exact=False)
        else:
            group = field_of(row, self.rows.text_field)
        if not isinstance(group, str):
            group = encode({"group": group}).decode() if self.group_by else line.decode()
        # what such a number becomes is quicker to look for than the number
        remark = "with NaN or infinite numbers (null in JSON)" if b"null" in line and _holds_no_number(row) else ""
        return group, Line(line, remark=remark)


def _holds_no_number(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_holds_no_number, inner))


def _grouped(
    readers: SplitReaders[Row], params: ImportParams, rows: RowParams, workers: int
) -> SplitReaders[GroupedLine]:
    """Make each row its group and its line; where an expression says the group, in worker processes."""
    step = partial(then, step=_GroupStep(params.group_by, rows), on_error=rows.on_error)
    count, limits = (workers, Limits()) if params.group_by or rows.limits else (1, None)

    looked_at = MissingFields(without_secrets(params.name), rows, bool(params.group_by))

    def read(blocks: Callable[[], Iterator[BlockResult[Row]]]) -> Iterator[BlockResult[GroupedLine]]:
        return ordered_map(step, looked_at(blocks()), count, limits)

    return {split: partial(read, blocks) for split, blocks in readers.items()}


def _splitter(params: ImportParams, readers: SplitReaders[GroupedLine]) -> Callable[[str], str]:
    where = without_secrets(params.name)
    test, valid = amounts_to_carve(where, readers.keys(), params.test_split, params.valid_split)
    return make_splitter(params.seed, test, valid, lambda: groups_of(readers.get("train", tuple)()))
