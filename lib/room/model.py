"""What the room hands over: rooms, people, rounds, answers, outcomes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from lib.room.agenda import Block
from lib.room.questions import RoomQuestion, from_json

SIDES = {"marketing": "Marketing", "growth": "Growth", "other": "Another team"}


def now() -> str:
    """The time, ISO 8601 UTC with milliseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Room:
    """One workshop on one workbook. Secrets are not part of it."""

    id: str
    workbook: str
    name: str
    code: str
    expires_at: str
    agenda: tuple[Block, ...]
    position: int
    started_at: str
    block_started_at: str
    ended_at: str
    rev: int
    created_at: str

    @property
    def block(self) -> Block | None:
        """The block the room is at, None before the start and after the end."""
        if not self.started_at or self.ended_at or not 0 <= self.position < len(self.agenda):
            return None
        return self.agenda[self.position]


@dataclass(frozen=True)
class Participant:
    """Somebody in a room.

    Attributes:
        id: Unique in the room.
        name: As shown.
        side: marketing | growth | other.
        role: facilitator | participant | viewer.
        has_device: False when the facilitator answers for them.
    """

    id: str
    name: str
    side: str
    role: str
    has_device: bool = True


@dataclass(frozen=True)
class Round:
    """One round of private answers.

    Attributes:
        id: Unique in the room.
        block: Block it belongs to; a block may have several rounds.
        number: 1 for the first of its block.
        state: open | closed | revealed.
        anonymous: Whether names stay hidden after the reveal.
        questions: As they were when it opened.
        opened_at: ISO 8601 UTC.
    """

    id: str
    block: str
    number: int
    state: str
    anonymous: bool
    questions: tuple[RoomQuestion, ...]
    opened_at: str


@dataclass(frozen=True)
class PrivateAnswer:
    """One answer of one person."""

    participant: str
    question: str
    value: Any
    hidden: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the room settled: a decision (dissent kept), a parked topic, or an action."""

    id: str
    kind: str
    text: str
    round: str = ""
    question: str = ""
    dissent: str = ""
    owner: str = ""
    due: str = ""
    at: str = ""


def room_from(row: Any) -> Room:
    """A room from its table row."""
    blocks = tuple(Block(**block) for block in json.loads(row.agenda))
    return Room(
        row.id,
        row.workbook,
        row.name,
        row.code,
        row.expires_at,
        blocks,
        row.position,
        row.started_at,
        row.block_started_at,
        row.ended_at,
        row.rev,
        row.created_at,
    )


def round_from(row: Any) -> Round:
    """A round from its table row."""
    questions = tuple(from_json(item) for item in json.loads(row.questions))
    return Round(row.id, row.block, row.number, row.state, row.anonymous, questions, row.opened_at)
