"""The evidence as CSV, and the cadence as a calendar; what every table file shares."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
import zoneinfo
from decimal import Decimal
from typing import Any

from icalendar import Alarm, Calendar, Event

from lib.engine.calendar import iso_day
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report import clean
from lib.report.deck.notes import day
from lib.report.story.chart_table import number
from lib.report.story.summary_model import Line, Message, Session, Summary, parts_within

CELL_LIMIT = 32_000
_SPACE = uuid.UUID("6f1f3f52-9d0c-4b53-9d6e-2b0f0a0c7a11")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def plain(value: Any) -> Any:
    """A cell as number, text or nothing."""
    if value is None or isinstance(value, bool):
        return value if value is None else str(value).lower()
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(clean.line(item) for item in value)
    return clean.text(value, CELL_LIMIT)


def rows_with_values(evidence: Evidence) -> list[tuple[Any, ...]]:
    """Rows without those whose every cell was withheld."""
    return [row for row in evidence.rows if any(cell is not None for cell in row)]


def facts(summary: Summary) -> list[tuple[str, str, Fact]]:
    """Every fact of the summary: slide id, name, fact; once per cell and format."""
    return [(message.id, name, fact) for message in summary.messages for name, fact in _facts(message)]


def _facts(message: Message) -> list[tuple[str, Fact]]:
    """The facts of a slide, each by the name that a sentence gives it, else by its column."""
    items = list(
        parts_within((message.headline, message.body, message.takeaways, message.caption, message.notes))
    )
    given = (pair for item in items if isinstance(item, Line) for pair in item.facts.items())
    named = {id(value): name for name, value in given}
    found: dict[tuple[str, int, str, str], tuple[str, Fact]] = {}
    for fact in (item for item in items if isinstance(item, Fact)):
        key = (fact.evidence.id, fact.row, fact.column, fact.format)
        found.setdefault(key, (named.get(id(fact), fact.column), fact))
    return list(found.values())


def evidence_csv(evidence: Evidence) -> bytes:
    """One evidence as CSV: UTF-8 with mark, no cell that a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([clean.csv_cell(name) for name in evidence.columns])
    for row in rows_with_values(evidence):
        writer.writerow(["" if plain(value) is None else clean.csv_cell(plain(value)) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def facts_csv(summary: Summary) -> bytes:
    """All facts of the summary as one CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            "slide",
            "name",
            "as_written",
            "value",
            "evidence",
            "evidence_id",
            "row",
            "column",
            "format",
            "queried",
        ]
    )
    for slide, name, fact in facts(summary):
        values = [
            slide,
            name,
            fact.text,
            plain(fact.value),
            summary.number(fact.evidence),
            fact.evidence.id,
            fact.row + 1,
            fact.column,
            fact.format,
            day(fact.evidence.at, summary.as_of),
        ]
        writer.writerow(["" if value is None else clean.csv_cell(value) for value in values])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _first_day(session: Session) -> dt.date:
    """The first day of the session's weekday on or after its start."""
    start = iso_day(session.starts_on) or dt.date(2026, 1, 5)
    return start + dt.timedelta(days=(session.weekday - start.weekday()) % 7)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; UTC when there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def ics(summary: Summary) -> bytes:
    """The cadence as a calendar file; importing it again updates the same entries."""
    calendar = Calendar()
    calendar.add("prodid", "-//Process-Outcome Workbook//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    zone = _zone(summary.time_zone)
    for session in summary.sessions:
        calendar.add_component(_event(summary, session, zone))
    days = [_first_day(session) for session in summary.sessions]
    if days:
        calendar.add_missing_timezones(min(days), max(days) + dt.timedelta(days=200))
    return calendar.to_ical()


def _event(summary: Summary, session: Session, zone: zoneinfo.ZoneInfo) -> Event:
    """One recurring session: stable id, weekly rule, agenda, reminder; nobody is invited."""
    first = _first_day(session)
    hour, _, minute = session.time.partition(":")
    clock = min(int(hour or 10), 23), min(int(minute or 0), 59)
    event = Event()
    event.add("uid", f"{uuid.uuid5(_SPACE, summary.company + '/' + session.id)}@process-outcome-workbook")
    event.add("sequence", summary.revision)
    event.add("dtstamp", dt.datetime.fromisoformat(summary.as_of).replace(tzinfo=dt.UTC))
    event.add("summary", clean.line(session.name, 200))
    event.add("dtstart", dt.datetime(first.year, first.month, first.day, *clock, tzinfo=zone))
    event.add("duration", dt.timedelta(minutes=session.minutes))
    event.add(
        "rrule",
        {
            "freq": "weekly",
            "interval": session.every_weeks,
            "byday": DAYS[session.weekday % 7],
            "count": max(26 // session.every_weeks, 2),
        },
    )
    agenda = "\n".join(f"- {clean.line(item, 300)}" for item in session.agenda)
    news = "\n".join(clean.line(item, 300) for item in session.news)
    owner = f"Owner: {clean.line(session.owner, 120)}" if session.owner else ""
    parts = (clean.text(session.purpose, 1_000), owner, agenda, news and f"\n{news}")
    event.add("description", "\n".join(part for part in parts if part))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clean.line(session.name, 200))
    alarm.add("trigger", dt.timedelta(minutes=-15))
    event.add_component(alarm)
    return event
