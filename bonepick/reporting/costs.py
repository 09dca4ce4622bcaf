"""What models cost: bytes on disk, and what one core scores with their kind a second."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from bonepick.core.reading import damaged, read_text
from bonepick.core.tables import parsed_csv
from bonepick.metrics.evaluation import Evaluation
from bonepick.reporting.naming import listed

REMEDY = "measure again (python benchmarks/rates.py), or take the committed one (git checkout)"
TITLES = ("on disk", "documents/s", "MB/s")


class Rate(NamedTuple):
    """A line of `benchmarks/rates.csv`: what one core scores with a kind of model, measured once and committed.

    Nothing of it is measured in a stage: the same inputs give the same report.
    """

    kind: str
    documents_per_second: int
    megabytes_per_second: float
    mean_document_bytes: int
    processor: str


@dataclass(frozen=True)
class Cost:
    """What a model costs, as far as it is known; a MB is a million bytes."""

    size: int | None
    rate: Rate | None = None

    def cells(self, nothing: str = "-") -> list[str]:
        """Return what stands under `TITLES`.

        >>> Cost(17_249_000).cells(), Cost(8_400, Rate("fasttext", 6_130, 16.6, 2_706, "a processor")).cells()
        (['17.2 MB', '-', '-'], ['8.4 kB', '6,130', '16.6'])
        """
        size = nothing if self.size is None else _in_bytes(self.size)
        if self.rate is None:
            return [size, nothing, nothing]
        return [size, f"{self.rate.documents_per_second:,}", f"{self.rate.megabytes_per_second:,.1f}"]


def costs_of(models: Iterable[Evaluation], models_dir: Path, rates_file: Path) -> dict[str, Cost]:
    """Return model -> cost.

    Args:
        models: each has a directory of its name in `models_dir`.
        models_dir: of the models themselves.
        rates_file: `benchmarks/rates.csv`.

    Raises:
        BonepickError: the rates are missing or damaged.
    """
    try:
        rates = {rate.kind: rate for rate in parsed_csv(read_text(rates_file, REMEDY), Rate)}
    except ValueError as error:
        raise damaged(rates_file, error, REMEDY) from None
    return {model.name: Cost(_size(models_dir / model.name), rates.get(model.predictions.kind)) for model in models}


def said_of(costs: Iterable[Cost]) -> str:
    """Return a sentence on where the rates are from; empty where there are none.

    >>> said_of([Cost(1, Rate("fasttext", 6_130, 16.6, 2_706, "EPYC"))])
    'documents/s and MB/s: on one core of EPYC, normalization included, texts of 2,706 bytes on average.'
    """
    rates = sorted({cost.rate for cost in costs if cost.rate}, key=lambda rate: (_measured_on(rate), rate))
    groups = [(sizes, [rate.kind for rate in same]) for sizes, same in groupby(rates, _measured_on)]
    parts = [f"{f'{listed(kinds)} ' if len(groups) > 1 else ''}{_place(*on)}" for on, kinds in groups]
    return f"documents/s and MB/s: {'; '.join(parts)} on average." if parts else ""


def _measured_on(rate: Rate) -> tuple[str, int]:
    return rate.processor, rate.mean_document_bytes


def _place(processor: str, size: int) -> str:
    return f"on one core of {processor}, normalization included, texts of {size:,} bytes"


def _size(directory: Path) -> int | None:
    """Return the bytes of a model's files, of which there are some; a hidden one only says who made them."""
    return sum(path.stat().st_size for path in directory.glob("[!.]*") if path.is_file()) or None


def _in_bytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
