"""Kind `model2vec`: a linear or MLP head, trained on the label of each text alone."""

from typing import TYPE_CHECKING, ClassVar

from bonepick.classifiers.model2vec.params import Model2VecParams
from bonepick.classifiers.static.classifier import StaticClassifier
from bonepick.classifiers.static.layers import Head

if TYPE_CHECKING:
    from bonepick.classifiers.static.features import Features


class Model2Vec(StaticClassifier):
    """Predicts with a head that was trained by cross-entropy."""

    kind: ClassVar[str] = "model2vec"

    @classmethod
    def fit_head(cls, features: "Features", params: Model2VecParams) -> Head:
        """See `bonepick.classifiers.model2vec.head.fit_head`."""
        from bonepick.classifiers.model2vec.head import fit_head  # torch takes a second, which prediction spares

        return fit_head(features, params)


CLASSIFIER = Model2Vec
