"""What classifiers on frozen static embeddings share: the base model, heads, clusters."""
