"""Labels of training rows: how many rows have each, and the classes that a model learns of them."""

from collections import Counter
from collections.abc import Collection, Sequence

from bonepick.classifiers.base.items import Item
from bonepick.classifiers.base.params import TrainParams
from bonepick.core.errors import BonepickError
from bonepick.core.progress import note
from bonepick.data.label_forms import LabelForm
from bonepick.data.labels import canonical_label, listed, order_labels
from bonepick.data.odd_labels import check_classes, refuse_scores
from bonepick.data.scales import known_order


class LabelCounts:
    """Counts the rows and labels of `train` and `valid` while they are streamed.

    Args:
        params: of the kind that is trained.
        form: how labels are read: where rows can have several, their order is the alphabet, and one is enough; bins are
            numbers, whatever order is given.
        where: the datasets, for messages.

    Attributes:
        rows: in each split.
        named: labels that rows name, though they need not have them.
        classes: the labels of training rows, worst to best; empty until they are settled.
    """

    def __init__(self, params: TrainParams, form: LabelForm, where: str) -> None:
        self.rows = Counter[str]()
        self.named = set[str]()
        self.classes: list[str] = []
        self._rows_of_label = {"train": Counter[str](), "valid": Counter[str]()}
        self._order = () if form.bin_edges or form.multi_label else params.labels
        self._needs_order = params.needs_order and not params.labels
        self._several = form.multi_label
        self._where = where

    def add(self, split: str, items: Sequence[Item]) -> None:
        """Count some rows of a split.

        Raises:
            BonepickError: what labels there are so far is nothing to train on, whatever comes: see `settle`.
        """
        self.rows[split] += len(items)
        rows_of_label = self._rows_of_label[split]
        n_labels = len(rows_of_label)
        rows_of_label.update(label for item in items for label in item.labels)
        if len(rows_of_label) > n_labels and not self._several:
            refuse_scores(rows_of_label, self._where)
            self._refuse_unordered(rows_of_label)
        self.named.update(name for item in items for name in item.names)

    def shares(self) -> dict[str, float]:
        """Return the share of training rows that have each label, six decimals."""
        counts = self._rows_of_label["train"]
        return {label: round(count / self.rows["train"], 6) for label, count in sorted(counts.items())}

    def refuse_empty(self, splits: Collection[str]) -> None:
        """Refuse splits without rows, and training rows that all lack a label.

        Raises:
            BonepickError: there are such.
        """
        for split in splits:
            if not self.rows[split]:
                wanted = "train/ rows, and some for validation" if "valid" in splits else "some"
                raise BonepickError(f"no {split} rows in {self._where}: training needs {wanted}")
        if "train" in splits and not self._rows_of_label["train"]:
            raise BonepickError(f"no training row has a label in {self._where}")

    def settle(self) -> None:
        """Settle what the classes are, and say which other labels are named.

        Raises:
            UsageError: the order that is given is not of these labels.
            BonepickError: there are fewer than two, validation rows have one that is not among them, they are nothing
                to train on (see `check_classes`), or their order is not known to a kind that ranks.
        """
        trained = self._rows_of_label["train"]
        if not self._several:
            check_classes(trained, f"train/ of {self._where}")
        classes = sorted(trained) if self._several else order_labels(trained, self._order)
        if len(classes) < 2 and not self._several:
            raise BonepickError(
                f"only label {classes[0]!r} occurs in train/ of {self._where}: a classifier needs two at least"
            )
        if unknown := sorted(set(self._rows_of_label["valid"]) - set(classes)):
            raise BonepickError(f"label {unknown[0]!r} occurs in valid/ but not in train/ of {self._where}")
        ordered = {canonical_label(label) for label in self._order}
        _say_unvalidated(self._rows_of_label["valid"], classes)
        _say_unlearned(self.named | ordered, classes)
        self.classes = classes

    def _refuse_unordered(self, labels: Collection[str]) -> None:
        if self._needs_order and known_order(labels) is None:
            raise BonepickError(
                f"{self._where}: which of the labels {listed(sorted(labels))} is better is not known, and this kind "
                "learns to rank: name them from worst to best (--labels or `labels:`)"
            )


def _say_unvalidated(valid: Collection[str], classes: Sequence[str]) -> None:
    if valid and (missing := [label for label in classes if label not in valid]):
        named = listed(map(repr, missing))
        note(f"no row for validation has the label {named}: what is judged on such rows does not depend on it")


def _say_unlearned(named: Collection[str], classes: Sequence[str]) -> None:
    if missing := sorted(set(named) - set(classes)):
        one = len(missing) == 1
        which = f"{'label' if one else 'labels'} {listed(map(repr, missing))}"
        note(f"{which} {'has' if one else 'have'} no row in train/: the model will not know {'it' if one else 'them'}")
