"""The minutes of a session, in Markdown: who was there, what was settled with its dissent, parked topics, actions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.room.model import SIDES, Outcome, Participant, Room, Round

_ACTIVE = re.compile(r"([\\`*_\[\]<>#|])")


def minutes(
    room: Room,
    rounds: Sequence[Round],
    outcomes: Sequence[Outcome],
    people: Sequence[Participant],
    notes: str = "",
) -> str:
    """The minutes.

    Args:
        room: The session.
        rounds: Its rounds.
        outcomes: Decisions, parked topics, actions.
        people: Who was in the room.
        notes: The facilitator's own.
    """
    lines = [
        f"# {_safe(room.name)}",
        "",
        f"{room.created_at[:10]}, {_count(len(people), 'person', 'people')}, {_count(len(rounds), 'round', 'rounds')}",
        "",
    ]
    for side, label in SIDES.items():
        names = [_safe(person.name) for person in people if person.side == side]
        if names:
            lines.append(f"- {label}: {', '.join(names)}")
    for kind, title in (("decision", "Decisions"), ("action", "Actions"), ("parking", "Parked")):
        mine = [item for item in outcomes if item.kind == kind]
        if mine:
            lines += ["", f"## {title}", "", *[_line(item) for item in mine]]
    if notes.strip():
        lines += ["", "## Notes", "", *[_safe(line) for line in notes.splitlines()]]
    return "\n".join(lines) + "\n"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _line(item: Outcome) -> str:
    text = f"- {_safe(item.text)}"
    if item.kind == "parking":
        text += f" ({_safe(item.owner)})" if item.owner else ""
    elif item.owner or item.due:
        text += f" ({_safe(item.owner) or 'nobody yet'}, {item.due or 'no date'})"
    return text + (f"\n  - Dissent: {_safe(item.dissent)}" if item.dissent else "")


def _safe(text: str) -> str:
    """What a person typed, with nothing active in it."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))
