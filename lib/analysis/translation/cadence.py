"""Recurring sessions with agendas filled from what changed since the last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.findings import framework_finding
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.translation.cadence_points import FEEDS, Point, Since, point_of
from lib.analysis.verdict import Finding, Fix, Verdict, fill
from lib.engine.calendar import iso_day
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework.load import framework
from lib.framework.schema import RitualTemplate
from lib.workbook.events import Event
from lib.workbook.model import Ritual, Workbook

_ENOUGH = 30  # handoffs of a channel before it is named


@dataclass(frozen=True)
class Agenda:
    """One session's agenda.

    Attributes:
        ritual: Record id.
        name: The session's name.
        last: Day of the session before, None when this is the first.
        next: Day of the coming session.
        points: Standing points of the session, each with what changed.
    """

    ritual: str
    name: str
    last: dt.date | None
    next: dt.date
    points: tuple[Point, ...]


@dataclass(frozen=True)
class CadenceResult:
    """The sessions and what they will talk about."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    agendas: tuple[Agenda, ...]


def sessions_around(ritual: Ritual, today: dt.date) -> tuple[dt.date | None, dt.date]:
    """The session before today and the next one (today counts as next).

    >>> sessions_around(Ritual(weekday=1, every_weeks=2, starts_on="2026-11-03"), dt.date(2026, 11, 20))
    (datetime.date(2026, 11, 17), datetime.date(2026, 12, 1))
    """
    start = iso_day(ritual.starts_on) or today
    first = start + dt.timedelta(days=(ritual.weekday - start.weekday()) % 7)
    if today <= first:
        return None, first
    step = 7 * ritual.every_weeks
    passed = -(-(today - first).days // step)
    coming = first + dt.timedelta(days=step * passed)
    return coming - dt.timedelta(days=step), coming


def changed_since(events: Sequence[Event], since: dt.date | None) -> dict[str, set[str]]:
    """Records that were touched on or after a day, by section; everything when None."""
    found: dict[str, set[str]] = {}
    for event in events:
        section, _, rest = event.key.partition("/")
        if since is None or event.at[:10] >= since.isoformat():
            found.setdefault(section, set()).add(rest.rpartition("/")[0] or rest)
    return found


@dataclass(frozen=True)
class Broken:
    """A handoff whose measured response time is not what was promised.

    Attributes:
        text: What was measured, one sentence.
        lines: The same by the newest weeks and the worst channel, for an agenda.
        evidence: Where it was read.
        facts: What fills the finding.
    """

    text: str
    lines: tuple[str, ...]
    evidence: Evidence
    facts: Mapping[str, Fact | str]


def broken_promise(book: Workbook, measured: ContractMeasure | None) -> Broken | None:
    """The main handoff's promise where the data show that it is not kept; None where it is, or nobody can tell.

    Args:
        book: Names the handoff.
        measured: `handoff_map(...).contract`.
    """
    main = book.main_handoff()
    if measured is None or main is None or measured.verdict.code not in ("broken", "near"):
        return None
    name = main[1].name or main[1].event
    lines = (f"{name}: {measured.verdict.text}", *_newest_week(measured), *_worst_channel(measured))
    table = measured.summary
    facts = {
        "handoff": name,
        "share": table.fact(0, "share", "percent"),
        "n": table.fact(0, "mature", "count"),
        "hours": table.fact(0, "promised_hours", "hours"),
    }
    return Broken(measured.verdict.text, lines, table, facts)


def _newest_week(measured: ContractMeasure) -> list[str]:
    """How the newest week did whose cases are all over; nothing where there is none."""
    weekly = measured.weekly
    ripe = [i for i, row in enumerate(weekly.records()) if row["mature"]]
    if not ripe:
        return []
    facts = {
        "week": weekly.fact(ripe[-1], "week", "date"),
        "n": weekly.fact(ripe[-1], "mature", "count"),
        "share": weekly.fact(ripe[-1], "share", "percent"),
    }
    return [fill("Newest week that can be judged, from {week}: {share} of {n} in time.", facts)]


def _worst_channel(measured: ContractMeasure) -> list[str]:
    """The channel that leaks most, where there are two to compare."""
    channels = measured.channels
    if channels is None:
        return []
    judged = [
        (row["leak_rate"], i) for i, row in enumerate(channels.records()) if (row["mature"] or 0) >= _ENOUGH
    ]
    known = [(rate, i) for rate, i in judged if rate is not None]
    if len(known) < 2:
        return []
    at = max(known)[1]
    facts = {
        "channel": channels.fact(at, "channel", "text"),
        "leak": channels.fact(at, "leak_rate", "percent"),
    }
    return [fill("Most leaks in {channel}: {leak} are late or never picked up.", facts)]


def cadence(
    book: Workbook, events: Sequence[Event], today: dt.date, broken: Broken | None = None
) -> CadenceResult:
    """All sessions with their agendas, soonest first.

    Args:
        book: The workbook.
        events: Its log; empty when unknown (everything then counts as new).
        today: The day to plan from.
        broken: What `broken_promise` found in the data; every session then speaks of it.
    """
    agendas = sorted(
        (agenda(book, id, events, today, broken) for id in book.rituals), key=lambda a: (a.next, a.name)
    )
    open_actions = [action for action in book.actions.values() if not action.done]
    past = Since(book, None, today).is_past
    overdue = sum(bool(action.text) and past(action.due) for action in open_actions)
    table = single(
        "Sessions and promises",
        "Recurring sessions, and actions past their date.",
        {
            "sessions": len(agendas),
            "overdue": overdue,
            "open": len(open_actions),
            "next": agendas[0].next.isoformat() if agendas else None,
        },
        method="Counted in the workbook",
    )
    found = []
    if broken:
        found.append(_broken_finding(broken))
    if overdue:
        facts = {"count": table.fact(0, "overdue", "count")}
        found.append(framework_finding("overdue_actions", facts, evidence=table))
    if not agendas:
        why = framework().findings["no_cadence"].why
        found.append(framework_finding("no_cadence", why=why, fixes=(suggestion(today),)))
    verdict = _verdict(agendas, table, is_kept=not (overdue or broken))
    return CadenceResult(verdict, tuple(found), (table,), tuple(agendas))


def _broken_finding(broken: Broken) -> Finding:
    fix = Fix("Look at the response time", page=framework().findings["broken_promise"].page)
    return framework_finding("broken_promise", broken.facts, fixes=(fix,), evidence=broken.evidence)


def _verdict(agendas: Sequence[Agenda], table: Evidence, *, is_kept: bool) -> Verdict:
    if not agendas:
        text = "There is no recurring session in which the teams exchange what they learn."
        return Verdict("bad", text, code="cadence_none")
    text = "{sessions} recurring sessions; the next is {name} on {next}."
    facts = {
        "sessions": table.fact(0, "sessions", "count"),
        "name": agendas[0].name,
        "next": table.fact(0, "next", "date"),
    }
    return Verdict("good" if is_kept else "mixed", text, facts, code="cadence")


def suggestion(today: dt.date, ids: Sequence[str] = ("insight_session", "learning_session")) -> Fix:
    """One click that adds the suggested sessions."""
    rows = [framework().rituals[id] for id in ids]
    return Fix(
        f"Add {' and '.join(f'“{row.name}”' for row in rows)}",
        tuple(s for row in rows for s in saves(row, today)),
    )


def saves(row: RitualTemplate, today: dt.date) -> list[tuple[str, object]]:
    """A suggested session as answers."""
    first = today + dt.timedelta(days=(row.weekday - today.weekday()) % 7 or 7)
    fields: dict[str, object] = {
        "name": row.name,
        "purpose": row.purpose,
        "weekday": row.weekday,
        "time": row.time,
        "minutes": row.minutes,
        "every_weeks": row.every_weeks,
        "starts_on": first.isoformat(),
        "agenda": list(row.agenda),
    }
    return [(f"rituals/{row.id}/{field}", value) for field, value in fields.items()]


def agenda(
    book: Workbook, id: str, events: Sequence[Event], today: dt.date, broken: Broken | None = None
) -> Agenda:
    """One session's agenda: its standing points, then what changed since the last session.

    Args:
        book: The workbook.
        id: The session's record id.
        events: The workbook's log.
        today: The day to plan from.
        broken: A promise that the data show broken.
    """
    ritual = book.rituals[id]
    last, coming = sessions_around(ritual, today)
    since = Since(book, changed_since(events, last) if events else None, today)
    template = framework().rituals.get(id)
    feeds = template.feeds if template else [feed for feed in FEEDS if feed != "challenges"]
    points = [Point(title, ()) for title in ritual.agenda]
    filled = [point_of(feed, since) for feed in feeds if feed in FEEDS]
    if broken:
        filled.insert(0, Point("Promises that were broken", broken.lines))
    return Agenda(id, ritual.name or id, last, coming, (*points, *(p for p in filled if p.items)))
