"""The Process-Outcome Workbook: domain code under one roof; `lib/README.md` is the floor plan."""
