"""The predictions file: one row for each evaluated text, what everything that looks at several models reads."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bonepick.core.errors import BonepickError, UsageError
from bonepick.data.labels import canonical_label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Predictions:
    """What one model says of some texts.

    Attributes:
        kind: of the model.
        classes: canonical labels, worst to best.
        columns: `dataset`, `split`, `row` (from 0, within dataset and split), `digest` (sha256 of the text),
            `length` (characters), `words`, `source`, `group`, `topic` (see `topics`) and `gold`, lists of equal
            length n. Digest, length, words, source and group are those of the row before normalization; None where
            they are not known.
        probabilities: shape (n, n_classes).
        multi_label: whether rows have any number of labels; `gold` then holds them sorted, joined by spaces.
    """

    kind: str
    classes: list[str]
    columns: dict[str, list[Any]]
    probabilities: "NDArray[np.float64]"
    multi_label: bool = False

    @property
    def gold_sets(self) -> list[list[str]]:
        """The gold labels of each row: exactly one, but for `multi_label`."""
        return [gold.split() for gold in self.columns["gold"]]

    @property
    def score(self) -> "NDArray[np.float64]":
        """Sum over classes of probability x rank, scaled to 0..1; with two labels, the probability of the better."""
        return scores_of(self.probabilities)

    def where(self, **wanted: str) -> "Predictions":
        """Return the rows whose columns have these values."""
        import numpy as np

        keep = np.ones(len(self.columns["gold"]), dtype=bool)
        for name, value in wanted.items():
            keep &= np.array([found == value for found in self.columns[name]], dtype=bool)
        return self.only(keep)

    def only(self, keep: "NDArray[np.bool_]") -> "Predictions":
        """Return some of the rows; `keep` has shape (n,)."""
        import numpy as np

        numbers = np.flatnonzero(keep).tolist()  # a topic has few of the rows
        columns = {name: [values[i] for i in numbers] for name, values in self.columns.items()}
        return replace(self, columns=columns, probabilities=self.probabilities[keep])

    def save(self, path: Path) -> None:
        """Write a Parquet file; its bytes depend on the predictions alone. Several labels a row have no one score."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = dict.fromkeys(("row", "length", "words", "topic"), pa.int64())
        fields = {name: pa.array(values, types.get(name, pa.string())) for name, values in self.columns.items()}
        chances = {f"p_{c}": pa.array(self.probabilities[:, i]) for i, c in enumerate(self.classes)}
        score = pa.nulls(len(self.probabilities), pa.float64()) if self.multi_label else pa.array(self.score)
        table = pa.table({**fields, **chances, "score": score})
        head = {"kind": self.kind, "classes": self.classes, "multi_label": self.multi_label}
        described = msgspec.json.encode(head)
        pq.write_table(table.replace_schema_metadata({"bonepick": described}), path, compression="zstd")

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Read it.

        Raises:
            BonepickError: there is no such file, or it holds no predictions.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not path.is_file():
            raise BonepickError(f"{path} is missing: evaluate the model first (eval-... -o)")
        try:
            table = pq.read_table(path)
        except pa.ArrowInvalid as error:
            raise BonepickError(f"{path} is damaged ({' '.join(str(error).split())}): evaluate again") from None
        described = msgspec.json.decode((table.schema.metadata or {}).get(b"bonepick", b"{}"))
        if not described:
            raise BonepickError(f"{path} holds no predictions of this project")
        classes = described["classes"]
        chances = np.stack([table.column(f"p_{c}").to_numpy() for c in classes], axis=1)
        columns = {
            n: table.column(n).to_pylist() for n in table.column_names if n != "score" and not n.startswith("p_")
        }
        return cls(described["kind"], classes, columns, chances, described["multi_label"])


def scores_of(probabilities: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return the score of each row, shape (n,), of probabilities of shape (n, n_classes).

    >>> import numpy as np
    >>> scores_of(np.array([[0.25, 0.75]])), scores_of(np.array([[0.0, 0.5, 0.5]]))
    (array([0.75]), array([0.75]))
    """
    import numpy as np

    ranks = np.arange(probabilities.shape[1]) / max(probabilities.shape[1] - 1, 1)  # one class alone has no ranks
    scores: NDArray[np.float64] = probabilities @ ranks
    return scores


def good_rows(predictions: Predictions, good_from: str = "") -> "NDArray[np.bool_]":
    """Return which rows have a gold label that is `good_from` or better, shape (n,).

    Args:
        predictions: with one label a row.
        good_from: a label of the model; empty takes the best one.

    Raises:
        UsageError: the model does not know that label.
    """
    import numpy as np

    first = canonical_label(good_from) if good_from else predictions.classes[-1]
    if first not in predictions.classes:
        raise UsageError(
            f"eval.good_from is {good_from!r}, which the model does not know: "
            f"wanted one of {', '.join(predictions.classes)}"
        )
    good = set(predictions.classes[predictions.classes.index(first) :])
    return np.array([gold in good for gold in predictions.columns["gold"]], dtype=bool)
