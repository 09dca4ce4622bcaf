"""Many experiments: grids of params, DVC's queue, and what came out."""
