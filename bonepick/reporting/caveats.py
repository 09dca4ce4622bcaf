"""Caveats of a report: what its rows cannot tell."""

from collections.abc import Sequence

from bonepick.metrics.evaluation import Evaluation
from bonepick.metrics.slices import ALL
from bonepick.metrics.table import AUC


def caveats(models: Sequence[Evaluation]) -> list[str]:
    """Return sentences: what no metric of these rows can tell, which a reader of the headline must know."""
    said = []
    if len(models) > 1:
        said.append(
            '"Real" speaks of other test rows of the same kind; another seed in training may move a metric further '
            "(a sweep over seeds shows how far)."
        )
    labels = _labels_of_sources(models[0])
    if len(labels) > 1 and all(len(source_labels) == 1 for source_labels in labels.values()):
        said.append("Each source has one label here: these rows cannot tell quality from telling sources apart.")
    for model in models:
        alone = model.value(ALL, "topic_auc")
        over_all = model.value(ALL, AUC)
        if alone is not None and over_all is not None and alone >= over_all:
            said.append(
                f"Knowing the topic alone (and the labels of its other test texts) gives AUC {alone:.3f}, no "
                f"less than {model.name} has over all rows: read its AUC within topics."
            )
    return said


def _labels_of_sources(model: Evaluation) -> dict[str, set[str]]:
    columns = model.predictions.test.columns
    labels = dict[str, set[str]]()
    for source, gold in zip(columns["source"], columns["gold"], strict=True):
        if source is not None:
            labels.setdefault(source, set()).add(gold)
    return labels
