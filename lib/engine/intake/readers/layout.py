"""How the columns of a table are kept.

One of two tables side by side is taken, the name of a group is repeated in every row of the group, and days are put
together that a tool gives as a year and a month, or as a number from a start.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lib.engine.intake.readers import header
from lib.engine.intake.readers.header import Head
from lib.engine.intake.readers.text_lines import FileRecord
from lib.engine.intake.values import value_kinds
from lib.engine.intake.values.patterns import MONTHS_ABROAD

_YEARS = re.compile(
    r"(?i)^(year|yr|jahr|année|annee|año|anno|ano|jaar|calendar year|fiscal year|geschäftsjahr)$"
)
_PARTS = {
    "month": re.compile(r"(?i)^(month|month (name|number|no\.?)|monat|mois|mes|mese|mês|maand)$"),
    "quarter": re.compile(r"(?i)^(quarter|qtr|quartal|trimestre|kwartaal)$"),
    "week": re.compile(
        r"(?i)^((iso )?week|week (number|no\.?)|kw|cw|kalenderwoche|woche|semaine|semana|settimana)$"
    ),
}
_DAYS = re.compile(r"(?i)^(day|day of month|tag|jour|día|dia|giorno|dag)$")
_NTH = re.compile(
    r"(?i)^(nth (day|week|month)|(n-?te[rs]? |x-?te[rs]? )?(tag|woche|monat) \(?nr\.?\)?|n-?te[rs]? (tag|woche|monat)|"
    r"n-?i?[eè]me (jour|semaine|mois)|(día|semana|mes) n)$"
)
_START = re.compile(
    r"(?i)(?:start|begin|from|von|début|inicio|desde)[^\d]{0,30}(\d{4})-?(\d\d)-?(\d\d)|"
    r"(\d{4})-?(\d\d)-?(\d\d) ?[-–—] ?\d{4}-?\d\d-?\d\d"
)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_YEAR = re.compile(r"(19|20)\d\d(\.0)?")
Change = Callable[[list[str]], list[str]]
"""From the cells of a row to those that are kept."""


@dataclass
class Layout:
    """How the rows of a table are kept.

    Attributes:
        headers: Of the columns that are kept.
        changes: What is done to each row, in order.
        notes: What was done, in words.
    """

    headers: tuple[str, ...]
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, cells: list[str]) -> list[str]:
        """The cells of one row as they are kept; rows have to come in order."""
        for change in self.changes:
            cells = change(cells)
        return cells


def of(first: Sequence[FileRecord], head: Head, width: int) -> Layout:
    """How to keep the rows of a table.

    Args:
        first: Its first records, from its preamble on.
        head: Its header.
        width: Cells of its records.
    """
    layout = Layout(head.headers)
    rows = [r.cells for r in first[head.start :] if len(r.cells) == width and not r.is_blank]
    if not rows or not head.rows:
        return layout
    for step in (_beside, _groups):
        rows = step(layout, rows)
    _numbered_days(layout, [first[i].text for i in head.preamble])
    _parts_of_days(layout, rows)
    return layout


def kept(head: Head, layout: Layout, notes: Sequence[str] = ()) -> Head:
    """The header as it is kept, with further notes before those on its columns."""
    return replace(head, headers=layout.headers, notes=(*notes, *head.notes, *layout.notes))


def _beside(layout: Layout, rows: list[list[str]]) -> list[list[str]]:
    """Keep the larger of two tables that an empty column sets apart."""
    names = layout.headers
    parts = _parts(names, rows)
    used = [sum(any(c.strip() for c in row[a:b]) for row in rows) for a, b in parts]
    if len(parts) < 2 or not (_repeats(names, parts) or len(set(used)) > 1):
        return rows
    at = max(range(len(parts)), key=lambda i: (used[i] * (parts[i][1] - parts[i][0]), -i))
    begin, end = parts[at]
    if end - begin < 2:
        return rows
    sizes = [f"“{', '.join(names[a:b][:4])}” ({n:,} rows)" for (a, b), n in zip(parts, used, strict=True)]
    others = [size for i, size in enumerate(sizes) if i != at]
    layout.headers = names[begin:end]
    layout.changes.append(lambda cells: cells[begin:end])
    layout.notes.append(
        f"Tables stand side by side. The larger was read: {sizes[at]}. Not read: {'; '.join(others[:3])}."
    )
    return [row[begin:end] for row in rows]


def _parts(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Columns between empty ones: first index and last plus one."""
    nameless = [i for i, name in enumerate(names) if re.fullmatch(r"column_\d+", name)]
    empty = [i for i in nameless if not any(row[i].strip() for row in rows)]
    return [(a + 1, b) for a, b in pairwise([-1, *empty, len(names)]) if b > a + 1]


def _repeats(names: Sequence[str], parts: Sequence[tuple[int, int]]) -> bool:
    """Whether a part has a column of the same name as the part before it."""
    plain = [re.sub(r"_\d+$", "", name.lower()) for name in names]
    sets = [set(plain[a:b]) for a, b in parts]
    return any(one & other for one, other in pairwise(sets))


def _groups(layout: Layout, rows: list[list[str]]) -> list[list[str]]:
    """Repeat in every row what a report writes in the first row of a group only."""
    columns: list[int] = []
    while len(columns) < len(layout.headers) - 2 and _is_group(rows, len(columns), columns):
        columns.append(len(columns))
    if not columns:
        return rows
    change = _filling(columns, _keys(rows, columns))
    layout.changes.append(change)
    named = " and ".join(f"“{layout.headers[i]}”" for i in columns)
    layout.notes.append(
        f"{named} {'stand' if len(columns) > 1 else 'stands'} in the first row of each group only; every row of the group "
        "was given it."
    )
    again = _filling(columns, _keys(rows, columns))
    return [again(row) for row in rows]


def _keys(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> list[int]:
    """Further columns of words or days: a row without any of them adds up the others and belongs to no group."""
    kinds = [_common([row[i] for row in rows]) for i in range(len(rows[0]))]
    return [i for i, found in enumerate(kinds) if i not in columns and found in ("text", "date")]


def _common(cells: Sequence[str]) -> str:
    """The kind of most cells; "" where there are none."""
    kinds = [header.kind(cell) for cell in value_kinds.present(cells)[:100]]
    return max(set(kinds), key=kinds.count) if kinds else ""


def _is_group(rows: Sequence[Sequence[str]], at: int, before: Sequence[int]) -> bool:
    """Whether a column names groups: filled in the first row of each, and what follows begins anew in each."""
    cells = [row[at].strip() for row in rows]
    names = [cell for cell in cells if cell]
    common = _common(cells)
    if not cells[0] or len(names) < 2 or common not in ("text", "date") or not _has_gaps(rows, at):
        return False
    if not before and len(set(names)) < len(names):
        return False
    return _rises(names) if common == "date" else _begins_anew(rows, cells, at)


def _has_gaps(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column is empty in many of the rows that hold something behind it."""
    body = [row for row in rows if header.filled(row[at + 1 :]) >= 2]
    return len(body) > 3 and sum(not row[at].strip() for row in body) >= 0.4 * len(body)


def _rises(names: Sequence[str]) -> bool:
    """Whether days are in order, up or down, as far as their text tells."""
    days = [name for name in names if header.kind(name) == "date"]
    return days in (sorted(days), sorted(days, reverse=True)) or len({d[:4] for d in days}) < len(days)


def _begins_anew(rows: Sequence[Sequence[str]], cells: Sequence[str], at: int) -> bool:
    """Whether some further column holds each value once in a group, and most of its values in several groups."""
    for other in range(at + 1, len(rows[0])):
        values = [row[other].strip() for row in rows]
        if _common(values) not in ("text", "date"):
            continue
        seen: dict[str, set[int]] = {}
        group, total = 0, 0
        for cell, value in zip(cells, values, strict=True):
            group += bool(cell)
            if value:
                total += 1
                seen.setdefault(value, set()).add(group)
        is_once = sum(map(len, seen.values())) == total
        if is_once and total >= 4 and sum(len(groups) > 1 for groups in seen.values()) * 2 >= len(seen):
            return True
    return False


def _filling(columns: Sequence[int], keys: Sequence[int]) -> Change:
    """What carries the names of groups down."""
    last = dict.fromkeys(columns, "")

    def change(cells: list[str]) -> list[str]:
        if keys and not any(cells[i].strip() for i in (*columns, *keys)):
            return cells  # it adds up the others
        cells = list(cells)
        for place, column in enumerate(columns):
            if cells[column].strip():
                last[column] = cells[column]
                last.update(dict.fromkeys(columns[place + 1 :], ""))
            else:
                cells[column] = last[column]
        return cells

    return change


def _numbered_days(layout: Layout, preamble: Sequence[str]) -> None:
    """Turn the number of a day, week or month into its day, from the start that stands above the table."""
    at = next((i for i, name in enumerate(layout.headers) if _NTH.match(name)), -1)
    start = next((found for text in preamble if (found := _START.search(text))), None)
    if at < 0 or start is None:
        return
    try:
        first = dt.date(*(int(part) for part in start.groups() if part))
    except ValueError:
        return
    words = re.findall(
        r"(?i)day|tag|jour|día|week|woche|semaine|semana|month|monat|mois|mes", layout.headers[at]
    )
    unit = {"w": "week", "s": "week", "m": "month"}.get(words[0][0].lower(), "day") if words else "day"

    def change(cells: list[str]) -> list[str]:
        if not cells[at].strip().isdigit():
            return cells
        return [*cells[:at], _after(first, int(cells[at]), unit), *cells[at + 1 :]]

    layout.changes.append(change)
    layout.notes.append(
        f"“{layout.headers[at]}” counts from {first.isoformat()}, the start that stands above the table; its numbers were "
        "turned into days."
    )


def _after(first: dt.date, number: int, unit: str) -> str:
    """The day that is a number of days, weeks or months after the first."""
    if number > 100_000:
        return str(number)
    if unit == "month":
        months = first.month - 1 + number
        return dt.date(first.year + months // 12, months % 12 + 1, 1).isoformat()
    return (first + dt.timedelta(number * (7 if unit == "week" else 1))).isoformat()


def _parts_of_days(layout: Layout, rows: Sequence[Sequence[str]]) -> None:
    """Add a column of days where a table has a year and a month, quarter or week, and no other day."""
    names = layout.headers
    year, at, unit = _year_and_part(names, rows)
    if not unit or any(_common([row[i] for row in rows]) == "date" for i in range(len(names))):
        return
    day = _named(names, _DAYS) if unit == "month" else -1

    def change(cells: list[str]) -> list[str]:
        return [*cells, _day(cells[year], cells[at], cells[day] if day >= 0 else "", unit)]

    taken = {name.lower() for name in names}
    title = "date" if "date" not in taken else "date (from its parts)"
    layout.headers = (*names, title)
    layout.changes.append(change)
    parts = [names[i] for i in (year, at, day) if i >= 0]
    layout.notes.append(
        f"The column “{title}” was put together from {', '.join(f'“{p}”' for p in parts[:-1])} and “{parts[-1]}”."
    )


def _named(names: Sequence[str], pattern: re.Pattern[str]) -> int:
    """Index of the first column of such a name; -1 for none."""
    return next((i for i, name in enumerate(names) if pattern.match(name.strip())), -1)


def _year_and_part(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, int, str]:
    """Index of the column of years, that of their parts, and what these are: month, quarter or week; "" for none."""
    year = _named(names, _YEARS)
    if year < 0 or not _all([row[year] for row in rows], _YEAR.fullmatch):
        return -1, -1, ""
    for unit, pattern in _PARTS.items():
        at = _named(names, pattern)
        if at >= 0 and _all([row[at] for row in rows], lambda cell, unit=unit: _number(cell, unit)):
            return year, at, unit
    return -1, -1, ""


def _all(cells: Sequence[str], test: Callable[[str], object]) -> bool:
    """Whether nearly every cell that holds something passes."""
    some = value_kinds.present(cells)
    return bool(some) and sum(bool(test(cell)) for cell in some) >= 0.9 * len(some)


def _number(cell: str, unit: str) -> int:
    """The month, quarter or week that a cell names; 0 for none."""
    text = cell.strip().lower().removesuffix(".0")
    digits = re.fullmatch(r"(?:q|t|kw|cw|w|m)?\s?(\d{1,2})(?:\.? ?quartal)?", text)
    if digits:
        number = int(digits[1])
        return number if number <= {"month": 12, "quarter": 4, "week": 53}[unit] else 0
    return month_of(text) if unit == "month" else 0


def month_of(word: str) -> int:
    """The month that a word names, in the languages that are known; 0 for none.

    >>> month_of("März"), month_of("Sept"), month_of("juillet"), month_of("market")
    (3, 9, 7, 0)
    """
    text = word.strip().strip(".").lower()
    if not re.fullmatch(r"[^\W\d_]{3,10}", text):
        return 0
    english = next(
        (n for n, name in enumerate(_MONTHS, 1) if name.startswith(text) or text == "sept" == name[:4]), 0
    )
    return english or next((n for name, n in _ABROAD.items() if name.startswith(text)), 0) or _short(text)


def _short(text: str) -> int:
    return MONTHS_ABROAD.get(text, 0)


_ABROAD = {
    name: number
    for names in (
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "januari februari maart april mei juni juli augustus september oktober november december",
    )
    for number, name in enumerate(names.split(), 1)
} | {"jänner": 1, "feber": 2, "fevrier": 2, "aout": 8, "decembre": 12, "maerz": 3}


def _day(year: str, part: str, day: str, unit: str) -> str:
    """A day or period from its parts; "" where one is missing."""
    number, text = _number(part, unit), year.strip().removesuffix(".0")
    if not number or not _YEAR.fullmatch(text):
        return ""
    if unit == "month":
        in_month = day.strip().removesuffix(".0")
        return f"{text}-{number:02}-{int(in_month):02}" if in_month.isdigit() else f"{text}-{number:02}"
    return f"{text}-W{number:02}" if unit == "week" else f"{text}-Q{number}"
