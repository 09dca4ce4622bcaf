"""Transform: reshape rows with jq, for example a score into the label that a classifier shall learn."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.errors import BonepickError, shortened
from bonepick.core.parallel import Limits
from bonepick.core.params import OnError, Params
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.expressions import Expression, one_value_of_line
from bonepick.data.label_forms import labels_of, names_in
from bonepick.data.rows import Row, encode
from bonepick.data.writer import Line, new_dataset
from bonepick.preparation.rewrite import Rewrite, rewrite


@dataclass(frozen=True, kw_only=True)
class TransformParams(Params):
    """What a row becomes: the objects that the three expressions yield, merged in the order keep, text, label."""

    text: Expression = "{text: .text}"
    """jq expression that yields an object with the text."""
    label: Expression = "{score: .score}"
    """jq expression that yields an object with the label."""
    keep: Expression = "{}"
    """jq expression that yields an object with other fields to keep."""


@dataclass(frozen=True)
class TransformStep:
    """One row through the three expressions."""

    params: TransformParams

    def __call__(self, row: Row, raw: bytes) -> Line:
        """Return the merged row; its labels are counted where the label expression yields exactly one field.

        Raises:
            BonepickError: an expression fails, does not yield exactly one value, yields no object, no text, or an
                integer that jq may have changed.
        """
        merged = Row()
        for expression in (self.params.keep, self.params.text, self.params.label):
            value = one_value_of_line(expression, raw)
            if not isinstance(value, dict):
                raise BonepickError(f"jq expression {expression!r} yields {shortened(value)}, wanted an object")
            if (number := inexact_integer(value)) is not None:
                raise BonepickError(
                    f"jq expression {expression!r} yields {shortened(number)}, and jq does not hold integers from 2^53 "
                    "on exactly: keep it as a string, such as (.id | tostring), or leave it away"
                )
            if expression == self.params.text and not any(isinstance(v, str) and v.strip() for v in value.values()):
                raise BonepickError(f"jq expression {expression!r} yields {shortened(value)}: there is no text in it")
            merged |= value
        if len(value) != 1:
            return Line(encode(merged))
        (label,) = value.values()
        return Line(encode(merged), labels_of(label), names=names_in(label))


def inexact_integer(value: object) -> int | None:
    """Return an integer within a JSON value that a double cannot be trusted to hold, None where there is none.

    >>> inexact_integer({"id": 2**53 - 1, "tags": [1, {"x": 2**53}]})
    9007199254740992
    """
    if isinstance(value, int):
        return value if abs(value) >= 2**53 else None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((number for part in inner if (number := inexact_integer(part)) is not None), None)


def transform_dataset(
    input_dir: Path,
    output_dir: Path,
    params: TransformParams,
    on_error: OnError = "fail",
    run: Run = Run(),
) -> DatasetInfo:
    """Write a dataset, or a plain tree of shards, with reshaped rows; shards keep their names and order.

    Raises:
        BonepickError: a row is rejected and `on_error` is `fail`, the input is no dataset of rows, or the output is
            occupied.
    """
    dataset = Dataset.open_rows(input_dir)
    provenance = Provenance("transform", params, dataset.normalizer)
    operation = Rewrite(provenance, TransformStep(params), on_error, Limits())
    with new_dataset(output_dir, [input_dir], run) as writer:
        return rewrite(writer, dataset.shards, operation, run.workers)
