"""Train a fastText classifier on converted datasets, or on rows that --normalization converts."""
