"""What text in a cell is, and the SQL that reads it."""
