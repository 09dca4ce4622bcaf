"""What every room uses: errors, params, progress, tables, whole-or-nothing outputs, ordered parallel map."""
