"""Applying a model to a corpus: shard by shard, each exactly once."""
