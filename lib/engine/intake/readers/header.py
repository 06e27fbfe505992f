"""Which of the first rows are titles, which name the columns, and where the data begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lib.engine.intake.readers.text_lines import Record
from lib.engine.intake.values import value_kinds

_COMMENT = re.compile(r"#\s*[\w-]")  # a column may be called "#", a comment says something
_SUM = (
    r"(total|totals|sum|summe|gesamt|gesamtsumme|gesamtergebnis|ergebnis|totaal|suma|somme|totale|総計|合計)"
)
TOTALS = re.compile(rf"(?i)^\s*(grand\s+)?(sub)?{_SUM}(?!\w)\s*")
# What may follow: "Total: Account", "Grand Totals (2 records)", "Total général"; "Total signups" names a metric.
_AFTER_TOTALS = re.compile(r"(?i)$|[:(\-–—]|(g[eé]n[eé]ra[l]e?|results?|rows?|overall|all)\s*$")
_RULE = re.compile(r":?(-{2,}|={2,}|_{3,}):?")  # a line drawn under a header
_RESPONSE = re.compile(
    r"(?i)(open-ended )?(response|antwort|réponse|respuesta)|offene antwort"
)  # an answer as such
_INVISIBLE = re.compile(
    "[\x00\ufeff\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # zero width, and marks of direction
_CUT = 180  # characters of a header; longer ones are told apart by a number


@dataclass(frozen=True)
class Head:
    """What the first records are.

    Attributes:
        headers: One per column, unique, never empty.
        rows: Records that form the header: 0, 1 or 2.
        start: Index of the first record after preamble and header.
        preamble: Indices of the non-blank records above the header.
        notes: What was mended, full sentences.
    """

    headers: tuple[str, ...]
    rows: int
    start: int
    preamble: tuple[int, ...]
    notes: tuple[str, ...]


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell and cell.strip())


def _kind(cell: str) -> str:
    """What a cell is by itself: number, date, boolean, code (digits that are no number), or text."""
    if re.fullmatch(r"[+-]?0\d+", cell.strip()):
        return "code"
    found = value_kinds.guess([cell]).kind
    if found == "boolean" and len(cell.strip()) < 3:
        return "text"  # n, y, t: short names rather than answers
    return {"integer": "number", "timestamp": "date"}.get(found, found)


def _is_value(cell: str) -> bool:
    """Whether a cell looks like data rather than a name: a number, a date, a truth value."""
    return _kind(cell) != "text"


def _is_data_like(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds what the rows below hold: then it names nothing."""
    for index, cell in enumerate(row):
        own = _kind(cell) if cell and cell.strip() else "text"
        if own == "text":
            continue
        column = [cells[index] for cells in body if index < len(cells)]
        values = value_kinds.present(column)
        alike = sum(_kind(value) == own for value in values)
        if not values or alike * 2 <= len(values):
            continue
        # 2024, 2025, 2026 above numbers of another size are years that name columns.
        if own == "number" and re.fullmatch(r"20\d\d", cell.strip()) and not _has_years(column):
            continue
        return True
    return False


def _has_years(column: Sequence[str]) -> bool:
    values = value_kinds.present(column)
    return bool(values) and sum(bool(re.fullmatch(r"20\d\d", v)) for v in values) > len(values) / 2


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


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """A group row over a header row: each group's name is carried to the right."""
    names, group = [], ""
    for over, under in zip(upper, lower, strict=True):
        group = over.strip() or group
        names.append(f"{group} / {under.strip()}" if group and under.strip() else under.strip() or group)
    return names


def find(first: Sequence[Record], width: int) -> Head:
    """Find the header among the first records.

    Args:
        first: The first records of the file, blank ones included.
        width: Cells of an ordinary record.
    """
    notes = _pad_lead(first, width)
    wide = _ordinary(first, width)
    if not wide:
        return Head(_numbered(width), 0, 0, (), ())
    at = wide[0]
    row = first[at].cells
    body = [first[i].cells for i in wide[1:]][:200]
    above = [i for i in range(at) if not first[i].is_blank]
    if _is_data_like(row, body or [row]):
        notes.append("The file does not name its columns; say what each one holds.")
        return Head(_numbered(width), 0, at, tuple(above), tuple(notes))
    rows, names = 1, list(row)
    if body and all(first[i].is_blank for i in range(at + 1, wide[1])) and _is_group_row(row, body):
        names, rows = _joined(row, first[wide[1]].cells), 2
        at = wide[1]
    elif above and _can_group(first[above[-1]], width, [row, *body]):
        names, rows = _joined(first[above[-1]].cells, row), 2
        above = above[:-1]
    options = _options(names, first[at + 1 :], width) if rows == 1 else []
    if options:
        names, rows, at = options, 2, at + 1
    if rows == 2:
        example = next((name for name in names if " / " in name), names[0])
        notes.append(f"The header has two rows; they were joined, as in “{example[:80]}”.")
    headers, mended = unique(names)
    return Head(headers, rows, at + 1, tuple(above), (*notes, *mended))


def _pad_lead(first: Sequence[Record], width: int) -> list[str]:
    """Give a header that is one cell short its last cell: every data row ends with a delimiter, the header does not.

    Returns:
        A note where the rows have values in that cell after all.
    """
    lead = next((r for r in first if not r.is_blank), None)
    if lead is None or len(lead.cells) != width - 1 or width <= 2 or any(map(_is_value, lead.cells)):
        return []
    lead.cells.append("")
    if not any(r.cells[-1].strip() for r in first if r is not lead and len(r.cells) == width):
        return []
    note = (
        f"The header names {width - 1} columns, the rows have {width}: check that no value was split, "
        "such as 1,5 in a file separated by commas."
    )
    return [note]


def _ordinary(first: Sequence[Record], width: int) -> list[int]:
    """Indices of the records as wide as most; comments and half-empty ones only where there is nothing else."""
    wide = [
        i for i, r in enumerate(first) if len(r.cells) == width and _filled(r.cells) >= max(1, min(2, width))
    ]
    wide = [i for i in wide if not _COMMENT.match(first[i].text)] or wide
    return [i for i in wide if _filled(first[i].cells) * 2 >= width] or wide


def _numbered(width: int) -> tuple[str, ...]:
    """Names for columns that have none."""
    return tuple(f"column_{i}" for i in range(1, width + 1))


def _names_group(cell: str) -> bool:
    """Whether a cell can stand over several columns: words, a year, a period."""
    return not _is_value(cell) or _kind(cell) == "date" or bool(re.fullmatch(r"\s*20\d\d\s*", cell))


def _options(names: Sequence[str], below: Sequence[Record], width: int) -> list[str]:
    """Names joined with a second row that says what each answer of a question is; [] where there is none such.

    Survey tools write it: nothing under the columns about the respondent, then a word under every question.
    """
    row = below[0].cells if below else []
    filled = [bool(cell.strip()) for cell in row]
    if len(row) != width or not any(filled) or any(_is_value(cell) for cell in row if cell.strip()):
        return []
    at = filled.index(True)
    if at < 2 or not all(filled[at:]) or not any(_RESPONSE.fullmatch(cell.strip()) for cell in row[at:]):
        return []
    joined, question = list(names[:at]), ""
    for name, option in zip(names[at:], row[at:], strict=True):
        question = name.strip() or question
        joined.append(
            question
            if name.strip() and _RESPONSE.fullmatch(option.strip())
            else f"{question} / {option.strip()}"
        )
    return joined


def _can_group(record: Record, width: int, below: Sequence[Sequence[str]]) -> bool:
    return len(record.cells) == width and _is_group_row(record.cells, below)


def _is_group_row(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """A row with gaps and at least two names, above a row of names that stands above values."""
    gaps = len(row) - _filled(row)
    if gaps == 0 or _filled(row) < 2 or len(below) < 2 or not all(_names_group(c) for c in row if c.strip()):
        return False
    names, body = below[0], below[1:]
    inner_gap = any(not row[i].strip() and row[i - 1].strip() for i in range(1, len(row)))
    if not inner_gap or _filled(names) < len(names) * 0.8 or any(_is_value(c) for c in names if c.strip()):
        return False
    return any(_is_value(cell) for cells in body[:20] for cell in cells if cell and cell.strip())


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row at the end of a table adds up the others: its first words say so and a number follows."""
    filled = [cell for cell in cells if cell and cell.strip()]
    if not filled or not says_total(filled[0]):
        return False
    return any(_is_value(cell) for cell in filled[1:])


def says_total(cell: str) -> bool:
    """Whether a cell's words are those of a sum over the others, rather than the name of something.

    >>> says_total("Grand Total:"), says_total("Total: Account"), says_total("Total signups")
    (True, True, False)
    """
    found = TOTALS.match(cell)
    return bool(found and _AFTER_TOTALS.match(cell[found.end() :]))


def is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is a line drawn between rows, as under the header of a table for reading."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    return any(len(cell) > 2 for cell in filled) and all(_RULE.fullmatch(cell) for cell in filled)
