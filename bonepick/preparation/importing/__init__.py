"""Import: rows from where they lie to a dataset; one module for each kind of source."""
