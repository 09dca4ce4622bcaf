"""How the files of a source are read, whatever their format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bonepick.core.params import OnError
from bonepick.core.progress import note
from bonepick.preparation.importing.class_labels import ClassLabels
from bonepick.preparation.importing.dialect import Dialect
from bonepick.preparation.importing.formats import Format


@dataclass(frozen=True)
class Reading:
    """How files are read.

    Attributes:
        on_error: policy on rows that cannot be used.
        workers: processes that decode JSON lines.
        text_field: column of a CSV file that is text whatever it looks like.
        dialects: of CSV and of TSV files.
        labels: names of classes, where the source says them beside its files.
    """

    on_error: OnError
    workers: int
    text_field: str
    dialects: Mapping[Format, Dialect]
    labels: ClassLabels
    _said: set[str] = field(default_factory=set)

    def say_once(self, message: str) -> None:
        """Say what holds for several files, though each is read by itself, and some twice."""
        if message not in self._said:
            self._said.add(message)
            note(message)

    def say_class_names(self, column: str, names: Sequence[str]) -> None:
        """Say what became of a column of class numbers."""
        self.say_once(
            f"column {column!r}: its numbers stand for {', '.join(names)}, which are written (null for -1); which is "
            "better their order does not say (--labels, worst to best, does)"
        )
