"""What the event commands have in common: calendar options and the shape of what they print."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any, Protocol

from lib.analysis.verdict import Verdict
from lib.engine.calendar import Calendar
from lib.engine.evidence.evidence import Evidence


class Result(Protocol):
    """A result whose first evidence is its table."""

    @property
    def verdict(self) -> Verdict:
        """The answer."""
        ...

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Its tables, the main one first."""
        ...


def names(text: str) -> list[str]:
    r"""Names separated by commas; a comma inside a name is written `\\,`.

    >>> names("a, b,c")
    ['a', 'b', 'c']
    """
    return [part.replace("\0", ",").strip() for part in text.replace("\\,", "\0").split(",") if part.strip()]


def add_calendar(parser: argparse.ArgumentParser) -> None:
    """--calendar-zone and --week-start: how times become days and weeks."""
    parser.add_argument(
        "--calendar-zone", default="UTC", help="zone whose days, weeks and months count (UTC)"
    )
    parser.add_argument("--week-start", default="monday", choices=("monday", "sunday"))


def calendar(args: argparse.Namespace) -> Calendar:
    """The calendar that the options describe."""
    return Calendar(args.calendar_zone, args.week_start)


def answer(result: Result) -> dict[str, Any]:
    """Rows, verdict and evidence as one object."""
    table = result.evidence[0]
    evidence = dataclasses.asdict(table)
    evidence["id"] = table.id
    evidence["params"] = dict(table.params)
    evidence["rows_read"] = table.rows_read
    for name in ("rows", "columns"):
        del evidence[name]
    return {"rows": table.records(), "verdict": result.verdict.as_json(), "evidence": evidence}
