"""What every room uses: errors, params, the terminal, whole-or-nothing outputs, ordered parallel map."""
