"""Names of an evaluation's files that others than its store need."""

METRICS_JSON = "metrics.json"
"""The metrics that have intervals, numbers only, for `dvc exp`."""
VALID_PREFIX = "valid_"
"""Before the names of metrics on validation rows there, which alone may steer a choice."""
METRICS_CSV = "metrics.csv"
"""The full table: every metric of every slice, with intervals."""
THRESHOLDS_FILE = "thresholds.json"
REMEDY = "evaluate again (eval-... -o)"
"""What to do where one of them cannot be read."""
Metrics = dict[str, dict[str, float | dict[str, float]]]
"""Of `metrics.json`: kind -> metric -> value, or dataset -> metric -> value."""
