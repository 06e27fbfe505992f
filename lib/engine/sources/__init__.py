"""Where an analysis gets its small tables from."""
