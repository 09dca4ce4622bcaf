"""Labels of training rows: how many rows have each, and the classes that a model learns of them."""

from collections import Counter
from collections.abc import Collection, Sequence

from bonepick.classifiers.base.sources import Item
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.labels import canonical_label, order_labels


class LabelCounts:
    """Counts the rows and labels of `train` and `valid` while they are streamed.

    Attributes:
        rows: in each split.
        named: labels that rows name, though they need not have them.
        classes: the labels of training rows, worst to best; empty until they are settled.
    """

    def __init__(self) -> None:
        self.rows = Counter[str]()
        self.named = set[str]()
        self.classes: list[str] = []
        self._rows_of_label = {"train": Counter[str](), "valid": Counter[str]()}

    def add(self, split: str, items: Sequence[Item]) -> None:
        """Count some rows of a split."""
        self.rows[split] += len(items)
        self._rows_of_label[split].update(label for item in items for label in item.labels)
        self.named.update(name for item in items for name in item.names)

    def shares(self) -> dict[str, float]:
        """Return the share of training rows that have each label, six decimals."""
        counts = self._rows_of_label["train"]
        return {label: round(count / self.rows["train"], 6) for label, count in sorted(counts.items())}

    def refuse_empty(self, splits: Collection[str], where: str) -> None:
        """Refuse splits without rows, and training rows that all lack a label.

        Raises:
            BonepickError: there are such.
        """
        for split in splits:
            if not self.rows[split]:
                wanted = "train/ rows, and some for validation" if "valid" in splits else "some"
                raise BonepickError(f"no {split} rows in {where}: training needs {wanted}")
        if "train" in splits and not self._rows_of_label["train"]:
            raise BonepickError(f"no training row has a label in {where}")

    def settle(self, order: Sequence[object], several: bool, where: str) -> None:
        """Settle what the classes are, and say which other labels are named.

        Args:
            order: from worst to best, see `order_labels`.
            several: rows can have several labels: then their order is the alphabet, and one is enough.
            where: the datasets, for messages.

        Raises:
            BonepickError: there are fewer than two, or validation rows have one that is not among them.
        """
        trained = self._rows_of_label["train"]
        classes = sorted(trained) if several else order_labels(trained, order)
        if len(classes) < 2 and not several:
            raise BonepickError(
                f"only label {classes[0]!r} occurs in train/ of {where}: a classifier needs two at least"
            )
        if unknown := sorted(set(self._rows_of_label["valid"]) - set(classes)):
            raise BonepickError(f"label {unknown[0]!r} occurs in valid/ but not in train/ of {where}")
        ordered = set() if several else {canonical_label(label) for label in order}
        _say_unvalidated(self._rows_of_label["valid"], classes)
        _say_unlearned(self.named | (ordered if ordered & set(classes) else set()), classes)
        self.classes = classes


def _say_unvalidated(valid: Collection[str], classes: Sequence[str]) -> None:
    if valid and (missing := [label for label in classes if label not in valid]):
        named = ", ".join(map(repr, missing))
        note(f"no row for validation has the label {named}: when training stops does not depend on it")


def _say_unlearned(named: Collection[str], classes: Sequence[str]) -> None:
    if missing := sorted(set(named) - set(classes)):
        one = len(missing) == 1
        which = f"{'label' if one else 'labels'} {', '.join(map(repr, missing))}"
        note(f"{which} {'has' if one else 'have'} no row in train/: the model will not know {'it' if one else 'them'}")
