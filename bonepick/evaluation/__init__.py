"""Evaluation: a model run on rows, what is said of it saved and loaded, and the choice among evaluated models."""
