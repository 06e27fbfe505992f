"""Names of columns: each once, none empty, none too long."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INVISIBLE = re.compile(
    "[\x00\ufeff\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # zero width, and marks of direction
_CUT = 180  # characters of a header; longer ones are told apart by a number


def unique(raw: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Names of columns, each once and none empty, and notes on what was mended."""
    notes: list[str] = []
    seen: dict[str, int] = {}
    headers: list[str] = []
    empty = repeated = 0
    taken = {cell.strip()[:_CUT].strip().lower() for cell in raw}
    for index, cell in enumerate(raw, 1):
        name = re.sub(r"\s+", " ", _INVISIBLE.sub("", cell)).strip()[:_CUT].strip()
        if not name:
            empty += 1
            name = f"column_{index}"
        if name.lower() in seen:
            repeated += 1
            count = seen[name.lower()] + 1
            while f"{name}_{count}".lower() in seen or f"{name}_{count}".lower() in taken:
                count += 1
            seen[name.lower()] = count
            name = f"{name}_{count}"
        seen[name.lower()] = 1
        headers.append(name)
    if empty:
        notes.append(
            f"{empty} columns have no name and are called column_N here."
            if empty > 1
            else "One column has no name and is called column_N here."
        )
    if repeated:
        notes.append(
            f"{repeated} column name{'s occur' if repeated > 1 else ' occurs'} more than once; a number was added."
        )
    return tuple(headers), notes
