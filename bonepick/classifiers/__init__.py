"""Classifiers: the protocol, the manifest, the base model, training data, and one module per kind."""
