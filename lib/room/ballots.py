"""Private answers: saved at once, shown to nobody before the round is revealed, deletable for good.

Answers are upserted by (room, round, person, question) with the sender's counter, so a retry after a dropped network
never counts twice and never overwrites something newer.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from lib.errors import DataError
from lib.room import rights, tables
from lib.room.model import Participant, PrivateAnswer, Round, now
from lib.room.question_types import check, of
from lib.room.questions import RoomQuestion
from lib.room.store_protocol import RoomStore
from lib.workbook import backups

r, o, a = tables.rooms.c, tables.rounds.c, tables.answers.c


class Ballots:
    """The answers of all rooms; the rooms' store asks who may do what.

    Args:
        rooms: The store it belongs to.
    """

    def __init__(self, rooms: RoomStore) -> None:
        self._rooms = rooms

    def answer(
        self, id: str, person: Participant, round: Round, question: str, value: Any, sequence: int
    ) -> Future[bool]:
        """Save one answer; done once it is on disk.

        Args:
            id: The room.
            person: Who answers.
            round: The round as the sender saw it.
            question: Id of the question.
            value: The answer; None abstains.
            sequence: The sender's counter; an older one than stored changes nothing.

        Raises:
            DataError: No such question, or not an answer to it.
            NotAllowedError: The person may not answer. (A round that closed meanwhile fails in the future.)
        """
        asked = _asked(round, question)
        rights.require(person.role, "answer", round.state)
        stored = json.dumps(check(asked, value))
        return self._rooms.writer.submit(lambda c: _put(c, id, person, round.id, question, stored, sequence))

    def answer_for(
        self, id: str, role: str, person: Participant, round: Round, question: str, value: Any
    ) -> None:
        """Enter an answer for somebody without a device."""
        rights.require(role, "answer_for", self._rooms.state(id))
        asked = _asked(round, question)
        stored = json.dumps(check(asked, value))
        self._rooms.writer.do(
            lambda c: _put(c, id, person, round.id, question, stored, time.time_ns() // 1_000_000)
        )
        self._rooms.on_change(id)

    def counts(self, id: str, round: Round) -> dict[str, int]:
        """People who answered something, and people who answered everything; no values."""
        with self._rooms.engine.connect() as connection:
            rows = connection.execute(
                sa.select(a.participant, sa.func.count())
                .where(a.room == id, a.round == round.id)
                .group_by(a.participant)
            ).all()
        return {"some": len(rows), "all": sum(1 for row in rows if row[1] >= len(round.questions))}

    def ready(self, id: str, round: Round) -> set[str]:
        """Participants who answered every question; not what they answered."""
        with self._rooms.engine.connect() as connection:
            rows = connection.execute(
                sa.select(a.participant)
                .where(a.room == id, a.round == round.id)
                .group_by(a.participant)
                .having(sa.func.count() >= len(round.questions))
            )
            return {row.participant for row in rows}

    def own(self, id: str, person: str, round: Round) -> dict[str, Any]:
        """One person's own answers: question -> value."""
        with self._rooms.engine.connect() as connection:
            rows = connection.execute(
                sa.select(a.question, a.value).where(
                    a.room == id, a.round == round.id, a.participant == person
                )
            )
            return {row.question: json.loads(row.value) for row in rows}

    def answers(self, id: str, role: str, round: Round) -> list[PrivateAnswer]:
        """Everybody's answers of a revealed round; hidden ones left out.

        Raises:
            NotAllowedError: The round has not been revealed.
        """
        stored = next((item for item in self._rooms.rounds(id) if item.id == round.id), None)
        rights.require(role, "see_answers", stored.state if stored else "lobby")
        return [item for item in self._answers(id, round.id) if not item.hidden]

    def texts(self, id: str, role: str, round: Round) -> list[PrivateAnswer]:
        """Free-text answers of a closed round, for the facilitator to look through before the reveal."""
        stored = next((item for item in self._rooms.rounds(id) if item.id == round.id), None)
        rights.require(role, "see_texts", stored.state if stored else "lobby")
        free = {q.id for q in round.questions if of(q).form == "text"}
        return [item for item in self._answers(id, round.id) if item.question in free]

    def hide(self, id: str, role: str, round: Round, answer: PrivateAnswer, hidden: bool = True) -> None:
        """Take a free-text answer out of the reveal, or back in."""
        mine = (
            a.room == id,
            a.round == round.id,
            a.participant == answer.participant,
            a.question == answer.question,
        )
        self._rooms.change(
            id,
            lambda c: c.execute(tables.answers.update().where(*mine).values(hidden=hidden)),
            need=(role, "moderate"),
        )

    def delete_answers(self, id: str, role: str, person: str = "") -> int:
        """Delete private answers for good: of one person, or of everybody. Decisions and actions stay.

        Returns:
            How many were deleted.
        """
        return self._delete(id, (role, "delete_answers"), person)

    def delete_own(self, id: str, person: Participant) -> int:
        """Delete one's own answers for good; returns how many there were."""
        return self._delete(id, (person.role, "delete_own"), person.id)

    def total(self, id: str) -> dict[str, int]:
        """How many answers each participant has in the whole session; no values."""
        with self._rooms.engine.connect() as connection:
            query = sa.select(a.participant, sa.func.count()).where(a.room == id).group_by(a.participant)
            return {row[0]: row[1] for row in connection.execute(query)}

    def _delete(self, id: str, need: tuple[str, str], person: str) -> int:
        count = self._rooms.change(id, lambda c: self.erase(c, id, person), need=need)
        self.erase_copies(id, person)
        return count

    def erase(self, c: sa.Connection, id: str, person: str) -> int:
        """Delete a person's answers ("": everybody's) inside a transaction; `erase_copies` has to follow it."""
        if c.dialect.name == "sqlite":
            c.exec_driver_sql("PRAGMA secure_delete = ON")  # overwritten, not only unlinked
        where = [a.room == id] + ([a.participant == person] if person else [])
        return c.execute(tables.answers.delete().where(*where)).rowcount

    def erase_copies(self, id: str, person: str) -> None:
        """Delete the same answers from copies of the home, and from what SQLite's write-ahead log still held."""
        engine = self._rooms.engine
        backups.delete(engine, "room_answer", {"room": id} | ({"participant": person} if person else {}))
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _answers(self, id: str, round: str) -> list[PrivateAnswer]:
        with self._rooms.engine.connect() as connection:
            rows = connection.execute(
                sa.select(tables.answers)
                .where(a.room == id, a.round == round)
                .order_by(a.participant, a.question)
            )
            return [PrivateAnswer(x.participant, x.question, json.loads(x.value), x.hidden) for x in rows]


def _asked(round: Round, question: str) -> RoomQuestion:
    asked = next((q for q in round.questions if q.id == question), None)
    if asked is None:
        raise DataError("This question is not part of the round.", "Reload to see where the room stands.")
    return asked


def _put(
    c: sa.Connection, id: str, person: Participant, round: str, question: str, stored: str, sequence: int
) -> bool:
    """Upsert one answer inside the writer's transaction; whether it changed anything."""
    live = sa.select(o.state).join(tables.rooms, r.id == o.room).where(r.ended_at == "")
    state = c.execute(live.where(o.room == id, o.id == round)).scalar() or "ended"
    rights.require(person.role if person.role in rights.ROLES else "viewer", "answer", state)
    mine = (a.room == id, a.round == round, a.participant == person.id, a.question == question)
    known = c.execute(sa.select(a.sequence).where(*mine)).scalar()
    if known is not None and known >= sequence:
        return False
    c.execute(tables.answers.delete().where(*mine))
    c.execute(
        tables.answers.insert().values(
            room=id,
            round=round,
            participant=person.id,
            question=question,
            value=stored,
            at=now(),
            sequence=sequence,
            hidden=False,
        )
    )
    return True
