"""Kind `contrastive`: a linear ranker, trained on pairs of texts with different labels inside semantic clusters.

Inside a cluster texts are about the same things, so what tells a pair's better text from its worse one is quality and
not topic (Bradley and Terry 1952 for the logistic loss; Herbrich et al. 2000 for the hinge on pairs).
"""

from typing import TYPE_CHECKING, ClassVar

from bonepick.classifiers.contrastive.params import ContrastiveParams
from bonepick.classifiers.static.classifier import StaticClassifier
from bonepick.classifiers.static.layers import Head

if TYPE_CHECKING:
    from bonepick.classifiers.static.features import Features


class Contrastive(StaticClassifier):
    """Predicts with one score, turned into class probabilities."""

    kind: ClassVar[str] = "contrastive"

    @classmethod
    def fit_head(cls, features: "Features", params: ContrastiveParams) -> Head:
        """See `bonepick.classifiers.contrastive.head.fit_head`."""
        from bonepick.classifiers.contrastive.head import fit_head  # torch takes a second, which prediction spares

        return fit_head(features, params)


CLASSIFIER = Contrastive
