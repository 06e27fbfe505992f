"""The questions a file can leave open, in words."""

from __future__ import annotations

import re

from lib.engine.intake.model import IntakeQuestion, RawColumn
from lib.engine.intake.values import time_zones


def about_dates(column: RawColumn) -> IntakeQuestion:
    """Which comes first, the day or the month."""
    written = (e for e in column.examples if re.match(r"\d{1,2}[/.-]\d{1,2}[/.-]", e))
    example = next(written, column.examples[0] if column.examples else "05/02/2026")
    return IntakeQuestion(
        f"dates:{column.header}",
        column.header,
        f"Is “{example}” in “{column.header}” day first or month first?",
        (("dmy", "Day first (31/12/2026)"), ("mdy", "Month first (12/31/2026)")),
    )


def about_decimals(column: RawColumn) -> IntakeQuestion:
    """What separates the decimals."""
    marked = (e for e in column.examples if "," in e or "." in e)
    example = next(marked, column.examples[0] if column.examples else "1,234")
    return IntakeQuestion(
        f"decimal:{column.header}",
        column.header,
        f"What does the separator in “{example}” of “{column.header}” mean?",
        (
            ("point", "1,234.5: comma for thousands, point for decimals"),
            ("comma", "1.234,5: point for thousands, comma for decimals"),
        ),
    )


def about_swapped(column: RawColumn) -> IntakeQuestion:
    """Whether a spreadsheet took days for months wherever it could."""
    real = next((e[:10] for e in column.examples if re.match(r"\d{4}[-/.]\d", e)), "2026-05-01")
    text = next((e for e in column.examples if not re.match(r"\d{4}[-/.]\d", e)), "13/01/2026")
    year, month, day = re.split(r"[-/.]", real)
    return IntakeQuestion(
        f"swapped:{column.header}",
        column.header,
        f"Some cells of “{column.header}” are dates ({real}), some are text ({text}). A spreadsheet may have swapped day and "
        f"month of the dates. Which day is “{real}”?",
        (
            ("swapped", f"{year}-{day}-{month}: day and month were swapped"),
            ("right", f"{real}: the dates are right as they stand"),
        ),
    )


def about_unit(column: RawColumn) -> IntakeQuestion:
    """Whether whole numbers beside a currency are cents."""
    example = next((e for e in column.examples if len(e) > 2), "4900")
    cents = f"{int(example) / 100:,.2f}"
    return IntakeQuestion(
        f"unit:{column.header}",
        column.header,
        f"“{column.header}” holds whole numbers beside a currency, as payment systems write cents. What is {example}?",
        (
            ("hundredths", f"{cents}: the amounts are cents"),
            ("whole", f"{int(example):,}: the amounts are whole"),
        ),
    )


def about(ask: str, column: RawColumn) -> IntakeQuestion:
    """The question that a `Guess` leaves open.

    Args:
        ask: dates | decimal | swapped.
        column: The column it is about.
    """
    return {"dates": about_dates, "decimal": about_decimals, "swapped": about_swapped}[ask](column)


def about_zone(column: RawColumn, letters: str) -> IntakeQuestion:
    """Which zone letters stand for that several zones have."""
    options = time_zones.SEVERAL[letters]
    return IntakeQuestion(
        f"{letters}:{column.header}",
        column.header,
        f"Which time zone is “{letters}” in “{column.header}”?",
        tuple((zone, f"{place} ({zone.replace('-', '−')})") for zone, place in options.items()),
    )
