"""Scoring: a model applied to a corpus, what that came to in counts, and where to cut."""
