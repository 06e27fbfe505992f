"""Steps from one schema of the store to the next, in Alembic's form: revision n makes schema n.

A step works on SQLite and PostgreSQL, touches a table only where it is there (rooms and members make theirs at first use),
and has no way back: `lib/workbook/backups.py` keeps a copy of what stood before.
"""
