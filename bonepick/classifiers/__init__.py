"""Classifiers: a package for each kind, which is all that a kind is; what they share lies in `base` and `static`.

A kind `NAME` is a package with two modules, found by looking: `params.py`, which names its params in `PARAMS` and
imports nothing heavy, and `classifier.py`, which names its class in `CLASSIFIER`; its docstring's first line is the
help of its command.
"""
