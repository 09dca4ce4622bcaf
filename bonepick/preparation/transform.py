"""Transform: reshape rows with jq, for example a score into the label that a classifier shall learn."""

from dataclasses import dataclass
from pathlib import Path

from bonepick.core.children import Limits
from bonepick.core.errors import BonepickError, shortened
from bonepick.core.params import OnError, Params
from bonepick.core.run import Run
from bonepick.data.dataset import Dataset
from bonepick.data.dataset_info import DatasetInfo, Provenance
from bonepick.data.expressions import Expression, one_value_of_line, shown
from bonepick.data.label_forms import labels_of, names_in
from bonepick.data.labels import listed
from bonepick.data.rows import Row, RowParams, encode
from bonepick.data.writer import NO_LONGER_NORMALIZED, Line, new_dataset
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


DEFAULT = RowParams()
"""Fields that the next command reads, unless it is told others."""


@dataclass(frozen=True)
class TransformStep:
    """One row through the three expressions. `normalized_field` is one whose texts went through a normalizer."""

    params: TransformParams
    normalized_field: str | None = None

    def __call__(self, row: Row, raw: bytes) -> Line:
        """Return the merged row; its labels are counted where the label expression yields exactly one field.

        Raises:
            BonepickError: an expression fails (see `one_value_of_line`), yields no object or no text, or a `text` or
                `score` that cannot be used.
        """
        merged = Row()
        for expression in (self.params.keep, self.params.text, self.params.label):
            value = one_value_of_line(expression, raw)
            if not isinstance(value, dict):
                raise BonepickError(f"jq expression {shown(expression)} yields {shortened(value)}, wanted an object")
            if expression == self.params.text and not any(isinstance(v, str) and v.strip() for v in value.values()):
                raise BonepickError(
                    f"jq expression {shown(expression)} yields {shortened(value)}: there is no text in it; the row has "
                    f"{listed(row)}: name the one with the text (--text-transform '{{text: .NAME}}', -t)"
                )
            merged |= value
        if DEFAULT.text_field in merged:
            DEFAULT.text(merged)
        remark = NO_LONGER_NORMALIZED if self._is_changed(row, merged) else ""
        if len(value) != 1:
            if DEFAULT.label_field in value:
                self._labels_of(value[DEFAULT.label_field], row)
            return Line(encode(merged), remark=remark)
        (label,) = value.values()
        return Line(encode(merged), self._labels_of(label, row), remark, names_in(label))

    def _labels_of(self, label: object, row: Row) -> tuple[str, ...]:
        try:
            return labels_of(label)
        except BonepickError as error:
            raise BonepickError(
                f"jq expression {shown(self.params.label)} yields no label: {error}; the row has {listed(row)} "
                "(--label-transform, -l)"
            ) from None

    def _is_changed(self, row: Row, merged: Row) -> bool:
        """Tell whether a text that was normalized is not as it was."""
        field = self.normalized_field
        return field is not None and merged.get(field) != row.get(field)


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
    # earlier versions did not say which field they had normalized
    field = (dataset.normalized_field or DEFAULT.text_field) if dataset.normalizer else None
    provenance = Provenance("transform", params, dataset.normalizer, text_field=field)
    operation = Rewrite(provenance, TransformStep(params, field), on_error, Limits())
    with new_dataset(output_dir, [input_dir], run) as writer:
        return rewrite(writer, dataset.shards, operation, run.workers)
