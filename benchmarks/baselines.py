"""What the benchmarks are measured against, written as a competent user of each library would."""

from typing import Any


def bootstrap_of_auc(good: Any, scores: Any, n_resamples: int) -> Any:
    """The percentile interval of the AUC, with scikit-learn's function in scipy's bootstrap."""
    from scipy.stats import bootstrap
    from sklearn.metrics import roc_auc_score

    data, options = (good, scores), {"paired": True, "vectorized": False, "method": "percentile", "rng": 1}
    return bootstrap(data, roc_auc_score, n_resamples=n_resamples, **options).confidence_interval
