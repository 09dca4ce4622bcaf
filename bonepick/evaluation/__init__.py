"""Evaluation: predictions, figures, curves, and the comparison of models."""
