"""Names and literals written into our own SQL."""

from __future__ import annotations


def quote(name: str) -> str:
    '''An identifier, quoted for SQL.

    >>> quote('a "b"')
    '"a ""b"""'
    '''
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text literal for SQL, where a parameter cannot stand (a file name in a view).

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
