"""Normalizers (text -> text) and the tokenizer that some of them need."""
