"""Which of the first rows are titles, which name the columns, and where the data begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from lib.engine.intake.readers import column_names
from lib.engine.intake.readers.text_lines import FileRecord
from lib.engine.intake.values import value_kinds

COMMENT = re.compile(r"#\s*[\w-]")  # a column may be called "#", a comment says something
_SUM = (
    r"(total|totals|sum|summe|gesamt|gesamtsumme|gesamtergebnis|ergebnis|totaal|suma|somme|totale|総計|合計)"
)
TOTALS = re.compile(rf"(?i)^\s*(grand\s+)?(sub)?{_SUM}(?!\w)\s*")
# What may follow: "Total: Account", "Grand Totals (2 records)", "Total général"; "Total signups" names a metric.
_AFTER_TOTALS = re.compile(r"(?i)$|[:(\-–—]|(g[eé]n[eé]ra[l]e?|results?|rows?|overall|all)\s*$")
_YEAR = re.compile(r"20\d\d")
_RULE = re.compile(r":?(-{2,}|={2,}|_{3,}):?")  # a line drawn under a header
_RESPONSE = re.compile(
    r"(?i)(open-ended )?(response|antwort|réponse|respuesta)|offene antwort"
)  # an answer as such
_UNIT = re.compile(
    r"(?i)[(\[].{1,20}[)\]]|%|#|count|number|text|date|eur|usd|gbp|chf|us\$|[$€£¥]|(in )?(k|tsd\.?|mio\.?|[$€£%]|eur|usd|percent|"
    r"days?|hours?|seconds?|minutes?)|anzahl|stück|nombre|datum|tage|jours|días"
)
_NEAR, _BODY = (
    40,
    50,
)  # records in which the header is looked for, and below it those that tell whether it is one


@dataclass(frozen=True)
class Head:
    """What the first records are.

    Attributes:
        headers: One per column, unique, never empty.
        rows: Records that form the header: 0 to 3.
        start: Index of the first record after preamble and header.
        preamble: Indices of the non-blank records above the header.
        notes: What was mended, full sentences.
    """

    headers: tuple[str, ...]
    rows: int
    start: int
    preamble: tuple[int, ...]
    notes: tuple[str, ...]


def filled(cells: Sequence[str]) -> int:
    """Cells that hold something."""
    return sum(1 for cell in cells if cell and cell.strip())


@lru_cache(maxsize=4096)
def kind(cell: str) -> str:
    """What a cell is by itself: number, date, boolean, code (digits that are no number), or text."""
    if re.fullmatch(r"[+-]?0\d+", cell.strip()):
        return "code"
    found = value_kinds.guess([cell]).kind
    if found == "boolean" and len(cell.strip()) < 3:
        return "text"  # n, y, t: short names rather than answers
    return {"integer": "number", "timestamp": "date"}.get(found, found)


def _is_value(cell: str) -> bool:
    """Whether a cell looks like data rather than a name: a number, a date, a truth value."""
    return kind(cell) != "text"


def _is_data_like(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds what the rows below hold: then it names nothing."""
    return any(
        _is_alike(cell, [cells[index] for cells in body if index < len(cells)])
        for index, cell in enumerate(row)
        if cell and cell.strip()
    )


def _is_alike(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell is a value as most below it are."""
    own = kind(cell)
    if own == "text":
        return False
    values = value_kinds.present(column)
    if sum(kind(value) == own for value in values) * 2 <= len(values):
        return False
    # 2024, 2025, 2026 above numbers of another size are years that name columns.
    is_year = own == "number" and _YEAR.fullmatch(cell.strip())
    return not is_year or sum(bool(_YEAR.fullmatch(value)) for value in values) * 2 > len(values)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """A group row over a header row: each group's name is carried to the right."""
    names, group = [], ""
    for over, under in zip(upper, lower, strict=True):
        group = over.strip() or group
        names.append(f"{group} / {under.strip()}" if group and under.strip() else under.strip() or group)
    return names


def find(first: Sequence[FileRecord], width: int) -> Head:
    """Find the header among the first records.

    Args:
        first: The first records of the file, blank ones included.
        width: Cells of an ordinary record.
    """
    notes = _pad_lead(first, width)
    wide = _ordinary(first, width)
    if not wide:
        return Head(_numbered(width), 0, 0, (), ())
    wide = wide[_preamble(first, wide) :]
    at = wide[0]
    above = [i for i in range(at) if not first[i].is_blank]
    if _has_no_names(first, wide):
        notes.append("The file does not name its columns; say what each one holds.")
        return Head(_numbered(width), 0, at, tuple(above), tuple(notes))
    two = _two_rows(first, width, wide, above)
    names, at, above = two or (first[at].cells, at, above)
    if two:
        notes.append(_joined_note(names))
    headers, mended = column_names.unique(names)
    return Head(headers, 2 if two else 1, at + 1, tuple(above), (*notes, *mended))


def _has_no_names(first: Sequence[FileRecord], wide: Sequence[int]) -> bool:
    """Whether the first wide record is already data."""
    row, body = first[wide[0]].cells, [first[i].cells for i in wide[1:]][:200]
    return not names_periods(row) and _is_data_like(row, body or [row])


def _joined_note(names: Sequence[str]) -> str:
    """What is said of a header of two rows."""
    example = next((name for name in names if " / " in name), names[0])
    return f"The header has two rows; they were joined, as in “{example[:80]}”."


def _preamble(first: Sequence[FileRecord], wide: Sequence[int]) -> int:
    """How many of the wide records stand above the header: names and values of a report, such as "Account, 1001"."""
    rows = [first[i].cells for i in wide[: _NEAR + _BODY]]
    for j, row in enumerate(rows[:_NEAR]):
        below = rows[j + 1 : j + 1 + _BODY]
        if not is_heading(row, below):
            continue
        if j == 0 or all(filled(cells) <= 0.75 * filled(row) for cells in rows[:j]):
            return j
        return j if _are_pairs(rows[:j], row, below) else 0
    return 0


def _are_pairs(above: Sequence[Sequence[str]], row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether rows above a heading are names with a value each, and none of them is a row of the table."""
    typed = _typed(row, below)
    if len(below) < 3 or len(above) < 2 or "date" not in typed.values() or any(filled(r) > 2 for r in above):
        return False
    return not any(
        all(not cells[i].strip() or kind(cells[i]) == k for i, k in typed.items()) for cells in above
    )


def is_heading(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row names columns: words, each once, above columns of which at least one holds values.

    Args:
        row: Its cells.
        below: Cells of the rows under it.
    """
    cells = [cell.strip() for cell in row]
    names = [cell for cell in cells if cell]
    used = len("".join("x" if cell else " " for cell in cells).rstrip())
    if len(names) < 2 or len(names) < 0.7 * used or not below:
        return False
    usual = sorted(map(filled, below))[len(below) // 2]
    if len(names) < 0.7 * usual or (not names_periods(row) and any(map(_is_value, names))):
        return False
    return bool(_typed(row, below))


def names_periods(row: Sequence[str]) -> bool:
    """Whether a row names columns by days or months: at least two, behind at least one name."""
    cells = [cell for cell in row if cell and cell.strip()]
    dates = [cell for cell in cells if kind(cell) == "date"]
    words = [cell for cell in cells[:4] if not _is_value(cell)]
    return 2 <= len(dates) == len(set(dates)) and bool(words) and len(words) + len(dates) >= len(cells)


def _typed(row: Sequence[str], below: Sequence[Sequence[str]]) -> dict[int, str]:
    """The columns that hold values of one kind under a cell of another: index and kind."""
    found = {}
    for index, cell in enumerate(row):
        values = value_kinds.present([cells[index] for cells in below if index < len(cells)])
        kinds = Counter(map(kind, values))
        common, count = kinds.most_common(1)[0] if kinds else ("text", 0)
        if cell.strip() and common not in ("text", kind(cell)) and count >= 0.7 * len(values):
            found[index] = common
    return found


def _two_rows(
    first: Sequence[FileRecord], width: int, wide: Sequence[int], above: list[int]
) -> tuple[list[str], int, list[int]] | None:
    """The names of a header of two rows, the index of its second, and what is left above; None for a header of one."""
    at, body = wide[0], [first[i].cells for i in wide[1:]][:200]
    row = first[at].cells
    if body and all(first[i].is_blank for i in range(at + 1, wide[1])) and _is_group_row(row, body):
        return _joined(row, body[0]), wide[1], above
    over = _over(first, above)
    if len(over) == width and _is_group_row(over, [row, *body]):
        return _joined(over, row), at, above[:-1]
    under = first[at + 1].cells if at + 1 < len(first) else []
    options = _options(row, under) or _described(row, under, body[1:])
    return (options, at + 1, above) if options else None


def _over(first: Sequence[FileRecord], above: Sequence[int]) -> list[str]:
    """Cells of the row over the header; none where it is the last of several names with their values."""
    are_pairs = len(above) > 1 and all(_is_pair(first[i].cells) for i in above[-2:])
    return [] if are_pairs or not above else first[above[-1]].cells


def _is_pair(cells: Sequence[str]) -> bool:
    """Whether a row holds a name and its value, and nothing else."""
    return filled(cells) == filled(cells[:2]) == 2


def _described(row: Sequence[str], under: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Names joined with a row that says their units, or a part of each; [] where it is a row of the table."""
    typed = _typed(under, body) if len(under) == len(row) else {}
    words = [cell.strip() for cell in under if cell.strip()]
    is_said = words == value_kinds.present(words) and not any(map(_is_value, words))
    if not is_said or is_rule(under) or not _typed(row, body).keys() & typed.keys():
        return []
    if sum(map(bool, map(_UNIT.fullmatch, words))) * 2 < len(words):
        return [" / ".join(filter(None, (a.strip(), b.strip()))) for a, b in zip(row, under, strict=True)]
    return [_with_unit(name, unit.strip().strip("()[]")) for name, unit in zip(row, under, strict=True)]


def _with_unit(name: str, unit: str) -> str:
    """A column's name with its unit, unless that says nothing more than the column shows."""
    is_said = (
        not unit or unit.lower() in ("date", "day", "text", "#", "number", "count", "datum") or unit in name
    )
    return name if is_said else f"{name.strip()} ({unit})"


def _pad_lead(first: Sequence[FileRecord], width: int) -> list[str]:
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


def _ordinary(first: Sequence[FileRecord], width: int) -> list[int]:
    """Indices of the records as wide as most; comments and half-empty ones only where there is nothing else."""
    wide = [
        i for i, r in enumerate(first) if len(r.cells) == width and filled(r.cells) >= max(1, min(2, width))
    ]
    wide = [i for i in wide if not COMMENT.match(first[i].text)] or wide
    return [i for i in wide if filled(first[i].cells) * 2 >= width] or wide


def _numbered(width: int) -> tuple[str, ...]:
    """Names for columns that have none."""
    return tuple(f"column_{i}" for i in range(1, width + 1))


def _names_group(cell: str) -> bool:
    """Whether a cell can stand over several columns: words, a year, a period."""
    return not _is_value(cell) or kind(cell) == "date" or bool(_YEAR.fullmatch(cell.strip()))


def _options(names: Sequence[str], row: Sequence[str]) -> list[str]:
    """Names joined with a second row that says what each answer of a question is; [] where there is none such.

    Survey tools write it: nothing under the columns about the respondent, then a word under every question.
    """
    at = next((index for index, cell in enumerate(row) if cell.strip()), 0)
    options = [cell.strip() for cell in row[at:]]
    if len(row) != len(names) or at < 2 or not all(options):
        return []
    if any(map(_is_value, options)) or not any(map(_RESPONSE.fullmatch, options)):
        return []
    return [*names[:at], *_with_options(names[at:], options)]


def _with_options(questions: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """The name of each answer: a question stands over its first only."""
    question = ""
    for name, option in zip(questions, options, strict=True):
        question = name.strip() or question
        is_answer = name.strip() and _RESPONSE.fullmatch(option)
        yield question if is_answer else f"{question} / {option}"


def _is_group_row(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """A row with gaps and at least two names, above a row of names that stands above values."""
    return (
        len(below) > 1
        and _is_gapped(row)
        and _is_names(below[0])
        and any(_is_value(cell) for cells in below[1:21] for cell in cells if cell and cell.strip())
    )


def _is_gapped(row: Sequence[str]) -> bool:
    """Whether at least two cells can each stand over several columns, and one is followed by a gap."""
    groups = [cell for cell in row if cell.strip()]
    has_gap = any(left.strip() and not right.strip() for left, right in pairwise(row))
    return has_gap and len(groups) > 1 and all(map(_names_group, groups))


def _is_names(row: Sequence[str]) -> bool:
    """Whether most cells of a row are filled, and none with a value."""
    names = [cell for cell in row if cell and cell.strip()]
    return len(names) >= len(row) * 0.8 and not any(map(_is_value, names))


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row at the end of a table adds up the others: its first words say so and a number follows."""
    present = [cell for cell in cells if cell and cell.strip()]
    if not present or not says_total(present[0]):
        return False
    return any(_is_value(cell) for cell in present[1:])


def says_total(cell: str) -> bool:
    """Whether a cell's words are those of a sum over the others, rather than the name of something.

    >>> says_total("Grand Total:"), says_total("Total: Account"), says_total("Total signups")
    (True, True, False)
    """
    found = TOTALS.match(cell)
    return bool(found and _AFTER_TOTALS.match(cell[found.end() :]))


def notes_below(rows: Sequence[Sequence[str]]) -> int:
    """How many of the last rows are sentences below the table: one cell of words in a table of three columns and more."""
    count = 0
    for cells in reversed(rows):
        words = [cell.strip() for cell in cells if cell and cell.strip()]
        if len(cells) < 3 or len(words) != 1 or " " not in words[0] or _is_value(words[0]):
            break
        count += 1
    others = [filled(cells) for cells in rows[: len(rows) - count]]
    return count if others and min(others) > 2 else 0


def is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is a line drawn between rows, as under the header of a table for reading."""
    drawn = [cell.strip() for cell in cells if cell and cell.strip()]
    return any(len(cell) > 2 for cell in drawn) and all(_RULE.fullmatch(cell) for cell in drawn)
