"""The order of a model's classes, worst to best: as it was told in training, or is told now."""

from collections.abc import Sequence

from bonepick.classifiers.base.manifest import Manifest
from bonepick.core.errors import UsageError
from bonepick.data.labels import listed, order_labels, say_absent


def ordered_classes(manifest: Manifest, labels: Sequence[object]) -> tuple[list[str], bool]:
    """Return a model's classes, worst to best where that is known, and whether it is.

    Args:
        manifest: of the model.
        labels: their order, for a model that was not told it; of a model of several labels it says nothing.

    Raises:
        UsageError: the model was told another one, or they are not its labels.
    """
    if not labels or manifest.multi_label:
        return manifest.classes, manifest.ordered
    if isinstance(labels, str):
        raise UsageError(f"labels is {labels!r}, one text: wanted a list of labels from worst to best")
    classes = order_labels(manifest.classes, labels)
    say_absent(classes, labels)
    if manifest.ordered and classes != manifest.classes:
        raise UsageError(
            f"--labels orders {listed(classes)}, but the model has its labels in the order {listed(manifest.classes)}, "
            "worst to best: leave --labels away, or train with it"
        )
    return classes, True
