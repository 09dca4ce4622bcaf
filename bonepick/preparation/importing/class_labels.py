"""Class labels: columns of numbers that stand for the names of classes, as `datasets` stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bonepick.data.rows import Row

MEDIA = ("Image", "Audio", "Video", "Pdf", "Nifti", "Mesh")
Metadata = Mapping[bytes, bytes] | None


@dataclass(frozen=True)
class ClassLabels:
    """The names of classes in the columns of a source.

    Attributes:
        names: column -> names of its classes, in the order of their numbers.

    >>> ClassLabels({"label": ("high", "low")}).named({"text": "x", "label": 1})
    {'text': 'x', 'label': 'low'}
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, features: Any) -> "ClassLabels":
        """Read them from a dataset's features, as they are written down."""
        columns = features.items() if isinstance(features, dict) else ()
        known = {column: _class_names(feature) for column, feature in columns}
        return cls({column: names for column, names in known.items() if names})

    @classmethod
    def in_schema(cls, metadata: Metadata) -> "ClassLabels":
        """Read them from the metadata of an Arrow schema; none where those are not there, or damaged."""
        return cls.of(_features(metadata))

    def named(self, row: Row) -> Row:
        """Put names in place of numbers; -1, which stands for no label, becomes null. Other values stay."""
        for column, names in self.names.items():
            value = row.get(column)
            if type(value) is int and -1 <= value < len(names):
                row[column] = names[value] if value >= 0 else None
        return row


def _class_names(feature: Any) -> tuple[str, ...]:
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel":
        return ()
    names = feature.get("names")
    if isinstance(names, dict):  # in cards: {"0": "high", "1": "low"}
        names = [names[number] for number in sorted(names, key=int)] if all(map(str.isdecimal, names)) else None
    return tuple(map(str, names)) if isinstance(names, list) else ()


def media_columns(metadata: Metadata) -> dict[str, str]:
    """Return column -> kind of data, of columns that hold pictures, sound and the like by a schema's metadata."""
    kinds = {column: feature.get("_type") for column, feature in _features(metadata).items() if _is_object(feature)}
    return {column: kind for column, kind in kinds.items() if kind in MEDIA}


def _features(metadata: Metadata) -> dict[str, Any]:
    try:
        features = msgspec.json.decode((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _is_object(feature: Any) -> bool:
    return isinstance(feature, dict)
