"""Files of JSON as an all-text table: every record is accepted, or rejected with its line and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.readers import files
from lib.engine.intake.readers.json_files import documents, flatten
from lib.engine.intake.readers.json_files.documents import Arrangement, JsonRecord
from lib.engine.intake.readers.named_table import NamedTable
from lib.engine.intake.readers.raw_table import RawTable
from lib.errors import FileError, NoRowsError

_TICK = 5_000
_SHOWN = 5  # names in a note
_MOST_LISTS = 200


@dataclass
class _JsonCounts:
    total: int = 0
    blank: int = 0
    mended: int = 0
    lists: set[str] = field(default_factory=set)


def read(
    path: Path, folder: Path, chosen: str, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read a file of JSON.

    Args:
        path: Lines of objects, a list of objects, or an object that holds such lists.
        folder: Where the all-text table goes.
        chosen: Dotted name of the list to read; "" for the likeliest.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: It holds no record that can be read.
        LimitError: It is larger than the limits allow.
    """
    encoding, note = files.encoding(path)
    form = documents.arrangement(path, encoding)
    if chosen and form.lists and chosen not in form.lists:
        raise FileError(
            f"The file has no list called “{chosen}”.", f"Choose one of: {', '.join(form.lists)}."
        )
    chosen = chosen if chosen in form.lists else next(iter(form.lists), "")
    table, counts = NamedTable(folder, limits), _JsonCounts()
    size = max(1, path.stat().st_size)
    for record in documents.records(path, encoding, form, chosen):
        counts.total += 1
        _take(record, table, counts)
        if counts.total % _TICK == 0:
            say(min(0.8, 0.8 * record.offset / size), f"Reading record {counts.total:,}")
    say(0.8, "Putting the columns together")
    table.finish()
    if not table.rows:
        raise _nothing(table)
    found, renamed = table.found(counts.total, counts.blank)
    said = _arranged(form, chosen, has_rejects=table.rejects.count > 0)
    about = {
        "format": "json",
        "encoding": "utf-8" if encoding == files.BROKEN_UTF8 else encoding,
        "delimiter": "",
        "notes": [*filter(None, [note]), *said, *_about_cells(counts), *renamed],
        "sheets": tuple(map(Sheet, form.lists[:_MOST_LISTS])) if len(form.lists) > 1 else (),
        "sheet": chosen if len(form.lists) > 1 else "",
    }
    return about, found


def _take(record: JsonRecord, table: NamedTable, counts: _JsonCounts) -> None:
    """Put one record where it belongs."""
    problem, value = record.problem, record.value
    if not problem and not isinstance(value, dict):
        problem = f"is {_kind(value)}, not an object"
    cells, lists, mended = dict[str, str | None](), set[str](), 0
    if not problem:
        try:
            cells, lists = flatten.cells(value)
            if not cells:
                counts.blank += 1
                return
            cells, mended = flatten.mended(cells)
            problem = table.add(record.line, cells)
        except flatten.UnusableError as error:
            problem = str(error)
    if problem:
        table.rejects.add(record.line, problem, _plain(record.text))
        return
    counts.mended += mended
    counts.lists |= lists


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "a number" if isinstance(value, flatten.Number) else "a single value"


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _nothing(table: NamedTable) -> FileError:
    if table.rejects.shown:
        first = table.rejects.shown[0]
        return FileError(
            f"No record of the JSON file can be read: line {first.line} {first.reason}.",
            "Export it again as JSON Lines or CSV, one record a line.",
        )
    return NoRowsError("The JSON file holds no records.", "Check the period or filter of the export.")


def _arranged(form: Arrangement, chosen: str, *, has_rejects: bool) -> list[str]:
    notes = []
    if len(form.lists) > 1:
        others = ", ".join([f"“{name}”" for name in form.lists if name != chosen][:_SHOWN])
        notes.append(f"The list “{chosen}” was read. The file also holds {others}: choose it as the sheet.")
    if form.is_one_line and has_rejects:
        notes.append("All records are on one line, so they are numbered as records, not as lines.")
    return notes


def _about_cells(counts: _JsonCounts) -> list[str]:
    notes = []
    if counts.lists:
        names = sorted(counts.lists)
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        listed = ", ".join(f"“{name}”" for name in names[:_SHOWN])
        notes.append(f"{listed}{more} hold{'s' if len(names) == 1 else ''} lists, which are kept as text.")
    if counts.mended:
        several = counts.mended > 1
        notes.append(
            f"{counts.mended:,} value{'s' if several else ''} held NUL characters or half a character, "
            "which were removed or replaced."
        )
    return notes
