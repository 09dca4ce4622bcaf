"""Operations on datasets: each reads one or more, and writes a dataset or returns what it counted."""
