"""Which sheets of a workbook hold the table: not its cover, and all of them where each is named by a period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.engine.intake.readers import blocks, header
from lib.engine.intake.readers.layout import month_of
from lib.engine.intake.readers.sheet_rows import SheetRows
from lib.engine.intake.readers.text_lines import FileRecord

JOINED = "(sheets joined)"  # what several sheets are called where one is chosen
_LOOK = 60  # records of a sheet that show its header
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)|(?<=[^\d\W]['’ ])(\d\d)$")
_SMALL = 3  # rows below which a sheet may be a summary of another


@dataclass
class Picked:
    """A sheet, or several joined to one.

    Attributes:
        name: Its name; of several, the first.
        rows: Its rows.
        joined: Names of the sheets that were joined, where they were.
        others: Names of further sheets that hold a table, and their rows.
        empty: Names of sheets that hold no table.
        period: Title of the column that was made from the sheets' names; "" for none.
        lacks_year: Whether no year is known for the months that the sheets are named by.
    """

    name: str
    rows: SheetRows
    joined: tuple[str, ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    empty: tuple[str, ...] = ()
    period: str = ""
    lacks_year: bool = False


@dataclass(frozen=True)
class _SheetTable:
    sheet: Picked
    names: tuple[str, ...]
    at: int  # index of the header's row
    count: int  # rows below it
    has_date: bool = False
    above: tuple[str, ...] = field(default=())


def pick(read: Sequence[Picked]) -> Picked:
    """The sheet with the table, or the sheets of several periods as one.

    Args:
        read: The sheets in question, in the workbook's order.
    """
    some = [sheet for sheet in read if any(cells for _, cells in sheet.rows.rows)] or [read[-1]]
    tables = [] if len(some) == 1 else _with_tables(some)
    return _picked(some, tables) if tables else some[0]


def _with_tables(some: Sequence[Picked]) -> list[_SheetTable]:
    return [table for sheet in some if (table := _table(sheet))]


def _picked(some: Sequence[Picked], tables: Sequence[_SheetTable]) -> Picked:
    """The sheet or sheets to read, with the names of those that are not."""
    periods = _periods(tables)
    found = _joined(periods) if periods else _best(tables).sheet
    used = {id(t.sheet) for t in periods} or {id(found)}
    with_table = {id(t.sheet) for t in tables}
    found.others = tuple((t.sheet.name, t.count) for t in tables if id(t.sheet) not in used)
    found.empty = tuple(sheet.name for sheet in some if id(sheet) not in with_table)
    return found


def _best(tables: Sequence[_SheetTable]) -> _SheetTable:
    """The first table, unless it is hardly one beside the largest."""
    first, largest = tables[0], max(tables, key=lambda t: t.count)
    return largest if first.count < _SMALL or first.count * 10 < largest.count else first


def told(picked: Picked) -> list[str]:
    """Which sheets were read and which were not, in words."""
    if picked.joined:
        names = ", ".join(picked.joined[:12]) + (", ..." if len(picked.joined) > 12 else "")
        notes = [f"{len(picked.joined)} sheets were joined: {names}."]
        if picked.period:
            notes.append(f"The column “{picked.period}” holds the name of the sheet of each row.")
        if picked.lacks_year:
            notes.append(
                "The sheets are named by months without a year: add the year to their names, such as “Jan 2026”."
            )
    else:
        notes = [f"The sheet “{picked.name}” was read."]
    if picked.others:
        listed = ", ".join(f"{name} ({count:,} rows)" for name, count in picked.others[:6])
        notes.append(f"Not read: {listed}. Choose another sheet if you mean it.")
    if picked.empty:
        many = "hold" if len(picked.empty) > 1 else "holds"
        notes.append(f"{', '.join(f'“{name}”' for name in picked.empty[:6])} {many} no table.")
    return notes


def _table(sheet: Picked) -> _SheetTable | None:
    """The table of a sheet: a header of two cells and more, and rows below it."""
    rows = [(n, cells) for n, cells in sheet.rows.rows if cells]
    records, width = _records(rows[:_LOOK])
    if width < 2:
        return None
    choice = blocks.choose(records, width)
    first = records[choice.start :]
    head = header.find(first, width)
    body = [r.cells for r in first[head.start :]]
    if not head.rows or not header.is_heading(first[head.start - 1].cells, body):
        return None
    at = [n for n, _ in sheet.rows.rows].index(first[head.start - 1].line)
    return _SheetTable(
        sheet=sheet,
        names=tuple(cell.strip() for cell in first[head.start - 1].cells),
        at=at,
        count=len(rows) - choice.start - head.start,
        has_date=any(map(_are_dates, zip(*body, strict=True))),
        above=(sheet.name, *(" ".join(cells) for _, cells in sheet.rows.rows[:at])),
    )


def _records(rows: Sequence[tuple[int, list[str]]]) -> tuple[list[FileRecord], int]:
    """Rows as records of one width, and that width."""
    width = max((len(cells) for _, cells in rows), default=0)
    return [FileRecord(n, [*c, *[""] * (width - len(c))], " | ".join(c)) for n, c in rows], width


def _are_dates(cells: Sequence[str]) -> bool:
    """Whether most cells that hold something are days."""
    kinds = [header.kind(cell) for cell in cells if cell.strip()]
    return kinds.count("date") * 2 > len(kinds)


def _periods(tables: Sequence[_SheetTable]) -> list[_SheetTable]:
    """Sheets of one header that are named by periods of one length; [] where there are no two."""
    found: dict[tuple[tuple[str, ...], str], list[_SheetTable]] = {}
    for table in tables:
        length = _length(table.sheet.name)
        if length:
            found.setdefault((tuple(sorted(name.lower() for name in table.names)), length), []).append(table)
    best = max(found.values(), key=len, default=[])
    return best if len(best) > 1 else []


def _length(name: str) -> str:
    """How long the period is that a sheet is named by: month, quarter, year or week; "" for none."""
    text = name.strip().lower()
    if any(month_of(word) for word in re.findall(r"[^\W\d_]+", text)) and len(re.findall(r"\w+", text)) < 4:
        return "month"
    if re.fullmatch(r"(19|20)\d\d[-_. ]?(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])[-_. ](19|20)\d\d", text):
        return "month"
    if re.fullmatch(r"((19|20)\d\d[-_ ]?)?q[1-4]([-_ ]?(19|20)\d\d)?", text):
        return "quarter"
    if re.fullmatch(r"((19|20)\d\d[-_ ]?)?(w|kw|cw|week )[-_ ]?\d{1,2}([-_ ]?(19|20)\d\d)?", text):
        return "week"
    return "year" if re.fullmatch(r"(fy ?)?(19|20)\d\d", text) else ""


def _joined(tables: Sequence[_SheetTable]) -> Picked:
    """The rows of several sheets one below the other, with the sheet's name as their period where they have no day."""
    first, period = tables[0], _title(tables)
    whole, offset = SheetRows(), 0
    for table in tables:
        rows = table.sheet.rows
        whole.hidden_rows += rows.hidden_rows
        whole.filled |= rows.filled
        further = _aligned(table, first, period)
        whole.rows += [(number + offset, cells) for number, cells in further]
        offset = whole.rows[-1][0] if whole.rows else offset
    lacks_year = bool(period) and not all(_YEAR.search(_label(table)) for table in tables)
    names = tuple(table.sheet.name for table in tables)
    return Picked(first.sheet.name, whole, names, period=period, lacks_year=lacks_year)


def _title(tables: Sequence[_SheetTable]) -> str:
    """What the column of periods is called; "" where each sheet has days of its own."""
    if all(table.has_date for table in tables):
        return ""
    title = "Month" if _length(tables[0].sheet.name) == "month" else "Period"
    return "Sheet" if title.lower() in {name.lower() for name in tables[0].names} else title


def _aligned(table: _SheetTable, first: _SheetTable, period: str) -> list[tuple[int, list[str]]]:
    """The rows of a sheet in the order of the first one's columns, its period behind them."""
    lower = [name.lower() for name in table.names]
    order = [lower.index(name.lower()) for name in first.names]
    label, found = _label(table), []
    extra = {table.at: period}
    for index, (number, cells) in enumerate(table.sheet.rows.rows):
        if not header.filled(cells) or (index < table.at and table is first):
            found.append((number, cells))
        elif index < table.at:
            found.append((number, []))  # its title
        else:
            padded = [*cells, *[""] * (len(lower) - len(cells))]
            behind = [extra.get(index, label)] * bool(period)
            found.append((number, [padded[i] for i in order] + behind))
    return found


def _label(table: _SheetTable) -> str:
    """The period of a sheet as a cell: 2026-01, 2026-Q1, 2026; the sheet's name where its year is not known."""
    name = table.sheet.name.strip()
    year = next((y for text in table.above if (y := _year(text))), "")
    length = _length(name)
    if length == "year":
        return f"{_year(name)}-01"
    digits = re.sub(r"(19|20)\d\d", "", name)
    part = re.search(r"\d{1,2}", digits)
    if not year:
        return name
    if length == "month":
        month = next((m for w in re.findall(r"[^\W\d_]+", name) if (m := month_of(w))), 0) or (
            int(part[0]) if part else 0
        )
        return f"{year}-{month:02}"
    number = int(part[0]) if part else 0
    return f"{year}-Q{number}" if length == "quarter" else f"{year}-W{number:02}"


def _year(text: str) -> str:
    found = _YEAR.search(text)
    return "" if not found else found[1] or f"20{found[2]}"
