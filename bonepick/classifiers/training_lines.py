"""Training lines: what fastText is trained on, from converted datasets or from rows that are converted here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bonepick.classifiers.training_data import (
    content_digests,
    label_shares,
    provenance,
    say_unlearned,
    training_classes,
)
from bonepick.core.errors import BonepickError, UsageError
from bonepick.core.progress import note
from bonepick.data.converting import ConvertParams, convert_into, learned_form
from bonepick.data.dataset import DatasetInfo, common_label_form, is_normalized
from bonepick.data.fasttext_files import holds_fasttext_files, read_fasttext_file
from bonepick.data.label_forms import LabelForm
from bonepick.data.rows import RowParams
from bonepick.text.fasttext_lines import fasttext_line


@dataclass(frozen=True, kw_only=True)
class OnTheFlyParams(ConvertParams):
    """How datasets of rows are converted where training reads them itself; converted ones are taken as they are."""

    name: str = ""


@dataclass(frozen=True)
class TrainingLines:
    """What fastText is trained on.

    Attributes:
        path: the file of lines.
        rows: lines in it.
        classes: canonical labels, worst to best; alphabetical where rows have several.
        label_form: how labels were read.
        normalizer: identity of the normalizer that the texts went through; None where that is not known.
        datasets: content digests of the converted datasets; empty text for one that has none.
        label_shares: share of the rows that have each label.
    """

    path: Path
    rows: int
    classes: list[str]
    label_form: LabelForm
    normalizer: dict[str, Any] | None
    datasets: list[str]
    label_shares: dict[str, float]


def read_training_lines(
    dataset_dirs: Sequence[Path],
    scratch: Path,
    on_the_fly: OnTheFlyParams,
    rows: RowParams,
    tokenizer: str,
    labels: Sequence[object],
    workers: int,
) -> TrainingLines:
    """Write the training lines of some datasets into one file, with canonical labels.

    Args:
        dataset_dirs: converted datasets, or datasets of rows.
        scratch: an empty folder for that file and what else is made here.
        on_the_fly: how datasets of rows are converted.
        rows: how their rows are read.
        tokenizer: of their normalizer.
        labels: order from worst to best, see `order_labels`.
        workers: processes that convert.

    Raises:
        BonepickError: a dataset is not converted and no normalizer is named, a row or line cannot be used, there are
            no training lines or fewer than two labels, or datasets differ in their normalizer or in how labels are
            read.
    """
    of_rows = [directory for directory in dataset_dirs if not holds_fasttext_files(directory)]
    if of_rows and not on_the_fly.name:
        raise BonepickError(
            f"{of_rows[0]} has no train.txt: make it with convert-to-fasttext, or name a normalizer (--normalization) "
            "that its rows go through here"
        )
    wanted = learned_form(of_rows, on_the_fly, rows, workers) if of_rows else LabelForm(on_the_fly.multi_label)
    converted = [
        _as_lines(directory, scratch / str(number), on_the_fly, wanted, rows, tokenizer, workers)
        for number, directory in enumerate(dataset_dirs)
    ]
    label_form, path = common_label_form(converted, dataset_dirs), scratch / "train.txt"
    counts, total = _gather(converted, path, label_form.multi_label)
    where = ", ".join(map(str, dataset_dirs))
    if not counts:
        raise BonepickError(f"no training {'row has a label' if total else 'lines'} in {where}")
    named = _named_labels(converted)
    classes = sorted(counts)
    if label_form.multi_label:
        say_unlearned(named, classes)
    else:
        classes = training_classes(classes, labels, where, named)
    normalizer, _ = provenance(converted)
    digests = content_digests(dataset_dirs)
    return TrainingLines(path, total, classes, label_form, normalizer, digests, label_shares(counts, total))


def _named_labels(directories: Sequence[Path]) -> set[str]:
    """Return the labels that rows of any split name, as far as datasets say it of themselves."""
    infos = [info for directory in directories if (info := DatasetInfo.load(directory))]
    return {label for info in infos for split in info.splits.values() for label in split.labels}


def _as_lines(
    directory: Path,
    scratch: Path,
    params: OnTheFlyParams,
    label_form: LabelForm,
    rows: RowParams,
    tokenizer: str,
    workers: int,
) -> Path:
    """Return the directory of a dataset's lines: its own, or `scratch` after they were written there."""
    if holds_fasttext_files(directory):
        if normalizer := params.if_named(tokenizer):
            is_normalized(directory, normalizer.identity, lines=True)
        info = DatasetInfo.load(directory)
        if (params.auto and not (info and info.label_form.bin_edges)) or (
            params.multi_label and not (info and info.label_form.multi_label)
        ):
            raise UsageError(f"{directory} is converted already: --auto and --multi-label are for datasets of rows")
        return directory
    scratch.mkdir()
    tally, _ = convert_into(scratch, directory, params, label_form, rows, tokenizer, workers, ("train",))
    left_out = f", {tally.set_aside:,} cannot be used and were left out" if tally.set_aside else ""
    note(f"{directory}: {tally.rows:,} training rows converted with {params.name}{left_out}")
    return scratch


def _gather(converted: Sequence[Path], target: Path, multi_label: bool) -> tuple[Counter[str], int]:
    """Write the training lines of all datasets into one file, and count labels and lines."""
    counts, total, unlabelled = Counter[str](), 0, 0
    with target.open("wb") as out:
        for directory in converted:
            for labels, text in read_fasttext_file(directory / "train.txt", multi_label):
                counts.update(labels)
                total += 1
                unlabelled += not labels
                out.write(fasttext_line(labels, text).encode() + b"\n")
    if unlabelled:
        note(f"{unlabelled:,} of {total:,} training rows have no label: fastText does not learn from them")
    return counts, total
