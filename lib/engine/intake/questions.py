"""The questions a file can leave open, in words."""

from __future__ import annotations

from lib.engine.intake.model import IntakeQuestion, RawColumn
from lib.engine.intake.values import time_zones


def about_dates(column: RawColumn) -> IntakeQuestion:
    """Which comes first, the day or the month."""
    example = column.examples[0] if column.examples else "05/02/2026"
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


def about_zone(column: RawColumn, letters: str) -> IntakeQuestion:
    """Which zone letters stand for that several zones have."""
    options = time_zones.SEVERAL[letters]
    return IntakeQuestion(
        f"{letters}:{column.header}",
        column.header,
        f"Which time zone is “{letters}” in “{column.header}”?",
        tuple((zone, f"{place} ({zone.replace('-', '−')})") for zone, place in options.items()),
    )
