"""Predictions made by hand, and at random."""

from tests.made_up_predictions import make, make_random

__all__ = ["make", "make_random"]
