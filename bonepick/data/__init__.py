"""Datasets, shards and rows, and the operations that turn one dataset into the next."""
