"""Recurring sessions with agendas filled from what changed since the last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.findings import framework_finding
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.verdict import Finding, Fix, Verdict, fill
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework.load import framework
from lib.framework.schema import RitualTemplate
from lib.workbook.events import Event
from lib.workbook.model import Ritual, Workbook

_ENOUGH = 30  # handoffs of a channel before it is named
_ITEMS = 6  # listed per point; the rest is counted
_FEEDS = ("insights", "ideas", "learnings", "experiments", "terms", "handoffs", "contracts", "actions")


@dataclass(frozen=True)
class Point:
    """One point of an agenda: its title and what to talk about, in short lines."""

    title: str
    items: tuple[str, ...]


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
    try:
        start = dt.date.fromisoformat(ritual.starts_on[:10])
    except ValueError:
        start = today
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
    overdue = sum(bool(action.text) and _is_past(action.due, today) for action in open_actions)
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


def _is_past(due: str, today: dt.date) -> bool:
    return bool(due) and due < today.isoformat()


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
    changed = changed_since(events, last) if events else None
    template = framework().rituals.get(id)
    feeds = template.feeds if template else _FEEDS
    points = [Point(title, ()) for title in ritual.agenda]
    filled = [_POINTS[feed](book, changed, today) for feed in feeds if feed in _POINTS]
    if broken:
        filled.insert(0, Point("Promises that were broken", broken.lines))
    return Agenda(id, ritual.name or id, last, coming, (*points, *(p for p in filled if p.items)))


def _new(changed: dict[str, set[str]] | None, section: str, id: str) -> bool:
    return changed is None or id in changed.get(section, set())


def _listed(title: str, items: list[str]) -> Point:
    more = len(items) - _ITEMS
    return Point(title, (*items[:_ITEMS], f"and {more} more") if more > 0 else tuple(items))


def _insights(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        i.text + (f" (“{i.quote}”)" if i.quote else "")
        for id, i in book.insights.items()
        if i.text and _new(changed, "insights", id)
    ]
    return _listed("New insights", lines)


def _ideas(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    return _listed(
        "New ideas", [i.name or i.believe for id, i in book.ideas.items() if _new(changed, "ideas", id)]
    )


def _learnings(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        item.learned.rstrip(".") + (f". For the message: {item.for_message}" if item.for_message else "")
        for id, item in book.learnings.items()
        if item.learned and _new(changed, "learnings", id)
    ]
    return _listed("New learnings", lines)


def _experiments(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        f"{e.name}: {e.decision or 'waits for a decision'}"
        for id, e in book.experiments.items()
        if e.name and (_new(changed, "experiments", id) or not e.decision)
    ]
    return _listed("Experiments", lines)


def _terms(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        f"{t.word}: now means “{t.agreed}”" if t.agreed else f"{t.word}: still two meanings"
        for id, t in book.terms.items()
        if t.word and (not t.agreed or _new(changed, "terms", id))
    ]
    return _listed("Definitions", lines)


def _handoffs(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        f"{h.name or h.event}: promised within {h.sla_hours:g} hours"
        if h.sla_hours
        else f"{h.name or h.event}: no response time agreed"
        for h in book.handoffs.values()
        if h.name or h.event
    ]
    return _listed("Handoffs: volume, leak and response time", lines)


def _contracts(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    lines = [
        f"{book.metrics[id].name if id in book.metrics else id}: target {c.target or 'not set'}"
        + (", review is due" if c.review_on and c.review_on <= today.isoformat() else "")
        for id, c in book.contracts.items()
    ]
    return _listed("Shared metrics", lines)


def _actions(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    waiting = sorted(
        (a for a in book.actions.values() if a.text and not a.done), key=lambda a: a.due or "9999"
    )
    lines = [
        f"{a.text} ({a.owner or 'no owner'}, {formats.write(a.due, 'date') if a.due else 'no date'}"
        + (", overdue)" if _is_past(a.due, today) else ")")
        for a in waiting
    ]
    return _listed("Open actions", lines)


def _challenges(book: Workbook, changed: dict[str, set[str]] | None, today: dt.date) -> Point:
    rules = framework().challenges
    lines = [
        f"Parked: {rules[id].because}"
        for id, c in book.challenges.items()
        if c.state == "parked" and id in rules
    ]
    return _listed("Parked questions", lines)


_POINTS = {
    "insights": _insights, "ideas": _ideas, "learnings": _learnings, "experiments": _experiments, "terms": _terms,
    "handoffs": _handoffs, "contracts": _contracts, "actions": _actions, "challenges": _challenges,
}  # fmt: skip
