"""Metrics: functions of predictions, without input or output; `measure` gives all that is said of a model."""
