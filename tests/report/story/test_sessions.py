"""The calendar file: each session's text holds what changed since the session before, as of the export."""

from __future__ import annotations

import datetime as dt

from icalendar import Calendar

from lib.report.story import build, run_steps
from lib.report.story.inputs import Options
from lib.report.writers import tables
from lib.workbook.events import Event
from lib.workbook.model import fold

TODAY = dt.date(2026, 11, 23)  # a Monday; the session is on Tuesdays
ANSWERS = {
    "rituals/weekly/name": "Insight session", "rituals/weekly/weekday": 1, "rituals/weekly/starts_on": "2026-11-03",
    "rituals/weekly/agenda": ["Numbers"], "rituals/weekly/every_weeks": 1,
    "insights/old/text": "They fear the migration", "insights/new/text": "They compare us with a spreadsheet",
    "insights/new/quote": "Excel is free", "learnings/a/learned": "Shorter forms bring more trials",
    "actions/call/text": "Call ten people", "actions/call/owner": "Ann Meyer", "actions/call/due": "2026-11-20",
    "actions/done/text": "Long done", "actions/done/done": True,
}  # fmt: skip
EARLY = ("insights/old", "rituals/")


def _text(options: Options | None = None, *, with_log: bool = True) -> str:
    log = tuple(
        Event(n, key, value, None, "Ann", "2026-11-10T09:00:00Z" if key.startswith(EARLY) else "2026-11-20T09:00:00Z",
              str(n))
        for n, (key, value) in enumerate(ANSWERS.items(), 1)
    )  # fmt: skip
    book = fold(ANSWERS, id="b", name="B", rev=len(ANSWERS))
    inputs = run_steps.collect(book, {}, TODAY, log=log if with_log else ())
    (event,) = Calendar.from_ical(tables.ics(build.build(inputs, options))).walk("VEVENT")
    return str(event["description"])


def test_a_session_speaks_of_what_changed_since_the_one_before() -> None:
    text = _text()
    assert "For 24 Nov 2026, what changed since 17 Nov 2026 (as of 23 Nov 2026" in text
    assert "They compare us with a spreadsheet (“Excel is free”)" in text
    assert "fear the migration" not in text, "it was there at the session before"
    assert "Shorter forms bring more trials" in text
    assert "Call ten people (Ann Meyer, 20 Nov 2026, overdue)" in text
    assert "Long done" not in text
    assert text.index("Numbers") < text.index("what changed"), "standing points come first"


def test_without_a_log_everything_counts_and_the_text_says_so() -> None:
    text = _text(with_log=False)
    assert "what changed so far" in text
    assert "fear the migration" in text


def test_names_and_quotes_stay_where_the_team_hides_them() -> None:
    text = _text(Options(hide_names=True, hide_quotes=True))
    assert "Excel is free" not in text
    assert "Ann Meyer" not in text
    assert "a spreadsheet" in text
