"""Train a linear ranker on static embeddings, on pairs of texts inside semantic clusters."""
