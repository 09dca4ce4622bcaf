"""Read the rows to evaluate on: from datasets of shards or of fastText lines, in the form that a model takes."""

import hashlib
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bonepick.classifiers.base.manifest import Manifest
from bonepick.classifiers.base.normalizing import normalizer_of
from bonepick.core.errors import BonepickError
from bonepick.core.params import OnError
from bonepick.data.dataset import Dataset
from bonepick.data.fasttext_files import LabelledText, line_blocks
from bonepick.data.label_forms import ONE_LABEL, LabelForm
from bonepick.data.origins import origin_of
from bonepick.data.row_loop import BlockResult, Rejections, RowLoop, each_block
from bonepick.data.rows import Row, RowParams
from bonepick.data.several_datasets import common_label_form, refuse_repeated
from bonepick.text.normalizer import Normalizer

T = TypeVar("T")

EVALUATED = ("test", "valid")
EXCERPT = 600
"""Characters of a text that are shown to people."""


@dataclass
class Texts:
    """Texts as the model takes them, and the columns of the predictions file for them, but for what is predicted.

    Attributes:
        label_form: how gold labels were read.
        texts: normalized.
        excerpts: the beginnings of the texts before normalization, for people.
        columns: see `Predictions`.
    """

    label_form: LabelForm = ONE_LABEL
    texts: list[str] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: []
            for name in ("dataset", "split", "row", "digest", "length", "words", "source", "group", "topic", "gold")
        }
    )

    def add(self, text: str, excerpt: str, **values: Any) -> None:
        """Append one row."""
        self.texts.append(text)
        self.excerpts.append(excerpt)
        for name, column in self.columns.items():
            column.append(values.get(name))


@dataclass(frozen=True)
class _EvaluationRow:
    """One row as the text that the model takes and what is kept of the row before normalization."""

    rows: RowParams
    normalizer: Normalizer | None
    as_it_was: bool
    label_form: LabelForm

    def __call__(self, row: Row, raw: bytes) -> tuple[str, str, dict[str, Any]]:
        text = self.rows.text(row)
        gold = " ".join(self.label_form.labels(self.rows.label_value(row)))
        kept: dict[str, Any] = origin_of(row)._asdict()
        if self.as_it_was:
            kept |= {"digest": text_digest(text), "length": len(text), "words": len(text.split())}
        return self.normalizer(text) if self.normalizer else text, excerpt_of(text), {**kept, "gold": gold}


def excerpt_of(text: str) -> str:
    """Return the beginning of a text on one line.

    >>> excerpt_of("Two   lines"), len(excerpt_of("long " * 1000))
    ('Two lines', 600)
    """
    line = " ".join(text[: 2 * EXCERPT].split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def text_digest(text: str) -> str:
    """Return the sha256 of a text, which says that two rows hold the same one."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_texts(
    dataset_dirs: Sequence[Path], manifest: Manifest, rows: RowParams, tokenizer: str, workers: int
) -> Texts:
    """Read the `test/` and `valid/` rows of some datasets.

    A dataset that is not normalized goes through the model's normalizer; one that says it is must have gone through
    that very one.

    Raises:
        UsageError: a dataset is given twice.
        BonepickError: no test rows, two datasets of one name, another normalizer, or a row that cannot be used.
    """
    datasets = [Dataset.open_splits_or_lines(path, rows.text_field) for path in dataset_dirs]
    refuse_repeated(datasets)
    texts = Texts(gold_form(datasets, manifest))
    names = [dataset.name for dataset in datasets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BonepickError(f"two datasets are called {twice[0]!r}: metrics go by the folder's name, rename one")
    for dataset in datasets:
        left = dataset.normalizer_left(manifest.normalizer)
        dataset.say_unknown_normalizer(manifest.normalizer)
        if dataset.is_lines:
            _read_lines(texts, dataset, rows.on_error)
        else:
            normalizer = normalizer_of(manifest, tokenizer) if left else None
            step = _EvaluationRow(rows, normalizer, dataset.normalizer is None, texts.label_form)
            _read_rows(texts, dataset, step, workers)
    if "test" not in texts.columns["split"]:
        raise BonepickError(f"no test rows in {', '.join(map(str, dataset_dirs))}")
    return texts


def gold_form(datasets: Sequence[Dataset], manifest: Manifest) -> LabelForm:
    """Return how gold labels are read: as in training, or, where a foreign model does not say it, as in conversion.

    Raises:
        BonepickError: a converted dataset's were read differently.
    """
    converted = [dataset for dataset in datasets if dataset.is_lines]
    if manifest.label_form is None:
        return common_label_form(converted) if converted else ONE_LABEL
    for dataset in converted:
        if dataset.info and dataset.label_form != manifest.label_form:
            raise BonepickError(
                f"labels of {dataset.path} were read differently from those that the model was trained on (bins with "
                "other edges, or several labels a row in one of them): evaluate on its rows before conversion"
            )
    return manifest.label_form


def _read_rows(texts: Texts, dataset: Dataset, step: _EvaluationRow, workers: int) -> None:
    for split, number, (text, excerpt, kept) in numbered_rows(dataset, step, step.rows, workers):
        texts.add(text, excerpt, dataset=dataset.name, split=split, row=number, **kept)


def numbered_rows(
    dataset: Dataset, step: Callable[[Row, bytes], T], rows: RowParams, workers: int
) -> Iterator[tuple[str, int, T]]:
    """Yield split, number from 0 on, and what a step makes of each row of `test/` and `valid/`; say what is rejected.

    Rejected rows count, so that a row has one number whatever a step refuses.
    """

    def blocks(split: str) -> Iterator[BlockResult[T]]:
        shards = dataset.split(split)
        return each_block(shards, RowLoop(step, rows.on_error), workers, f"read {dataset.path}", rows.limits)

    return _numbered(dataset, blocks)


def _numbered(dataset: Dataset, blocks: Callable[[str], Iterator[BlockResult[T]]]) -> Iterator[tuple[str, int, T]]:
    rejections = Rejections()
    for split in EVALUATED:
        number = 0
        for block in blocks(split):
            rejections.add(block)
            rejected = [row.line for row in block.rejected]
            for index, (line, item) in enumerate(zip(block.lines, block.items, strict=True)):
                yield split, number + index + bisect(rejected, line), item
            number += len(block.items) + len(rejected)
    rejections.say(dataset.path)


def _read_lines(texts: Texts, dataset: Dataset, on_error: OnError) -> None:
    def blocks(split: str) -> Iterator[BlockResult[LabelledText]]:
        return line_blocks(dataset.path, split, texts.label_form.multi_label, on_error)

    for split, number, (labels, text, origin) in _numbered(dataset, blocks):
        kept = {**origin._asdict(), "gold": " ".join(sorted(labels))}
        texts.add(text, excerpt_of(text), dataset=dataset.name, split=split, row=number, **kept)
