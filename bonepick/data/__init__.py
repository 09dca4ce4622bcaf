"""Data: files, shards, rows and labels, and datasets as they lie in folders, opened and written."""
