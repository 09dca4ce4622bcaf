"""Train a linear or MLP head on frozen static embeddings, by the label of each text alone."""
