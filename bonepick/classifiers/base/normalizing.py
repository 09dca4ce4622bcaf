"""The normalizer that a model's texts go through, as its manifest names it."""

from bonepick.classifiers.base.manifest import Manifest
from bonepick.core.errors import BonepickError, shortened
from bonepick.text.normalizer import NORMALIZERS, Normalizer
from bonepick.text.tokenizer import PACKAGED


def normalizer_of(manifest: Manifest, tokenizer: str = PACKAGED) -> Normalizer | None:
    """Return the normalizer that a model's texts go through; None where the manifest does not know it.

    Raises:
        BonepickError: it, its version or its tokenizer is not known here, or another one than in training.
    """
    if manifest.normalizer is None:
        return None
    if manifest.normalizer.name not in NORMALIZERS:  # no flag is wrong: the model is
        raise BonepickError(
            f"the model was trained with normalizer {shortened(manifest.normalizer.name)}, which this version does not "
            "know: use the version of bonepick that it was trained with"
        )
    normalizer = Normalizer(manifest.normalizer.name, tokenizer, manifest.normalizer.max_length or 0)
    if normalizer.identity != manifest.normalizer:
        raise BonepickError(
            f"the model was trained with normalizer {manifest.normalizer}, "
            f"here it is {normalizer.identity}: "
            "use the tokenizer and the version of bonepick that it was trained with"
        )
    return normalizer
