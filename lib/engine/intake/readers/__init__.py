"""From bytes to an all-text table, a module per kind of file."""
