"""What a session talks about: the new and the open records of the workbook, in short lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lib.engine.evidence import formats
from lib.framework.load import framework
from lib.workbook.model import Workbook

_MOST = 6  # lines of a point; the rest is counted


@dataclass(frozen=True)
class Point:
    """One point of an agenda: its title and what to talk about, in short lines."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Since:
    """The workbook as the coming session finds it.

    Attributes:
        book: The answers.
        changed: Section -> records touched since the session before; None where everything counts as new.
        today: The day to plan from.
    """

    book: Workbook
    changed: Mapping[str, set[str]] | None
    today: dt.date

    def is_new(self, section: str, id: str) -> bool:
        """Whether a record was touched since the session before."""
        return self.changed is None or id in self.changed.get(section, set())

    def is_past(self, due: str) -> bool:
        """Whether a day (ISO, "" for none) is over."""
        return bool(due) and due < self.today.isoformat()


def point_of(feed: str, since: Since) -> Point:
    """The point that a feed fills; without items where it has nothing to say.

    Args:
        feed: One of `FEEDS`.
        since: The workbook and what changed.
    """
    title, lines = FEEDS[feed]
    items = tuple(lines(since))
    more = len(items) - _MOST
    return Point(title, (*items[:_MOST], f"and {more} more") if more > 0 else items)


def _insights(since: Since) -> Iterable[str]:
    return (
        item.text + (f" (“{item.quote}”)" if item.quote else "")
        for id, item in since.book.insights.items()
        if item.text and since.is_new("insights", id)
    )


def _ideas(since: Since) -> Iterable[str]:
    return (idea.name or idea.believe for id, idea in since.book.ideas.items() if since.is_new("ideas", id))


def _learnings(since: Since) -> Iterable[str]:
    return (
        item.learned.rstrip(".") + (f". For the message: {item.for_message}" if item.for_message else "")
        for id, item in since.book.learnings.items()
        if item.learned and since.is_new("learnings", id)
    )


def _experiments(since: Since) -> Iterable[str]:
    return (
        f"{item.name}: {item.decision or 'waits for a decision'}"
        for id, item in since.book.experiments.items()
        if item.name and (since.is_new("experiments", id) or not item.decision)
    )


def _terms(since: Since) -> Iterable[str]:
    return (
        f"{term.word}: now means “{term.agreed}”" if term.agreed else f"{term.word}: still two meanings"
        for id, term in since.book.terms.items()
        if term.word and (not term.agreed or since.is_new("terms", id))
    )


def _handoffs(since: Since) -> Iterable[str]:
    named = ((item.name or item.event, item.sla_hours) for item in since.book.handoffs.values())
    return (
        f"{name}: promised within {hours:g} hours" if hours else f"{name}: no response time agreed"
        for name, hours in named
        if name
    )


def _contracts(since: Since) -> Iterable[str]:
    metrics = since.book.metrics
    return (
        f"{metrics[id].name if id in metrics else id}: target {contract.target or 'not set'}"
        + (", review is due" if contract.review_on and contract.review_on <= since.today.isoformat() else "")
        for id, contract in since.book.contracts.items()
    )


def _actions(since: Since) -> Iterable[str]:
    waiting = [action for action in since.book.actions.values() if action.text and not action.done]
    return (
        f"{action.text} ({action.owner or 'no owner'}, "
        f"{formats.write(action.due, 'date') if action.due else 'no date'}"
        f"{', overdue' if since.is_past(action.due) else ''})"
        for action in sorted(waiting, key=lambda action: action.due or "9999")
    )


def _challenges(since: Since) -> Iterable[str]:
    rules = framework().challenges
    return (
        f"Parked: {rules[id].because}"
        for id, said in since.book.challenges.items()
        if said.state == "parked" and id in rules
    )


# Feed -> title of its point, its lines.
FEEDS: Mapping[str, tuple[str, Callable[[Since], Iterable[str]]]] = {
    "insights": ("New insights", _insights),
    "ideas": ("New ideas", _ideas),
    "learnings": ("New learnings", _learnings),
    "experiments": ("Experiments", _experiments),
    "terms": ("Definitions", _terms),
    "handoffs": ("Handoffs: volume, leak and response time", _handoffs),
    "contracts": ("Shared metrics", _contracts),
    "actions": ("Open actions", _actions),
    "challenges": ("Parked questions", _challenges),
}
