"""The normalizers: one module each, named as the normalizer, with its `VERSION` and a `normalize` function."""
