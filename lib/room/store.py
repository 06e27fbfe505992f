"""The room's store: everything that changes a room goes through here, and is refused when the role may not do it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lib.errors import DataError, LimitError
from lib.room import agenda as agendas
from lib.room import join_codes, lookups, outcome_rows, rights, tables
from lib.room.agenda import Block
from lib.room.ballots import Ballots
from lib.room.facilitator_undo import Steps
from lib.room.model import SIDES, Outcome, Participant, Room, Round, now, room_from
from lib.room.questions import RoomQuestion
from lib.room.writer import Writer

HOURS = 12  # a join code's life
MAX_PEOPLE = 500
MAX_NAME = 40
ACTIONS = {
    "decision": "resolve",
    "parking": "park",
    "action": "add_action",
}  # kind of outcome -> right it needs
r, p, o = tables.rooms.c, tables.participants.c, tables.rounds.c


class Rooms:
    """All rooms of one installation.

    Args:
        engine: The workbook store's engine; the room's tables are made in it.
        home: WORKBOOK_HOME, for the cookie's key.
        on_change: Called with a room's id after every change that people should see.
    """

    def __init__(
        self, engine: sa.Engine, home: Path, on_change: Callable[[str], None] = lambda _: None
    ) -> None:
        tables.create(engine)
        self.engine = engine
        self.signer = join_codes.Signer(home)
        self.writer = Writer(engine)
        self.on_change = on_change
        self.ballots = Ballots(self)
        self.steps = Steps(self)

    # ---- opening and finding -----------------------------------------------------------------------------------

    def open(self, workbook: str, name: str, template: str, browser: str = "") -> tuple[Room, str, str]:
        """Open a room on a workbook.

        Args:
            workbook: Its id.
            name: Of the session.
            template: Of the agenda.
            browser: Secret of the browser that facilitates; "" for a token of its own.

        Returns:
            The room, the facilitator's token and the projector's token. They are shown once and stored as digests.
        """
        id = uuid.uuid4().hex[:12]
        host = self.signer.host_key(id, browser) if browser else join_codes.new_token()
        board, expires = self.signer.board_key(id), _until()
        blocks = json.dumps([block.as_json() for block in agendas.template(template)])
        row = {
            "id": id,
            "workbook": workbook,
            "name": name.strip()[:80] or "Workshop",
            "code": join_codes.new_code(),
            "expires_at": expires,
            "host_hash": join_codes.digest(host),
            "board_hash": join_codes.digest(board),
            "agenda": blocks,
            "position": 0,
            "started_at": "",
            "block_started_at": "",
            "ended_at": "",
            "rev": 1,
            "created_at": now(),
        }
        self.writer.do(lambda c: c.execute(tables.rooms.insert().values(**row)))
        return self.get(id), host, board

    def get(self, id: str) -> Room:
        """One room.

        Raises:
            NotFoundError: No such room.
        """
        with self.engine.connect() as connection:
            return room_from(lookups.need(connection, id))

    def of_workbook(self, workbook: str) -> list[Room]:
        """Rooms of a workbook, newest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(tables.rooms).where(r.workbook == workbook).order_by(r.created_at.desc())
            )
            return [room_from(row) for row in rows]

    def by_code(self, typed: str) -> Room | None:
        """The room a join code opens, None when it opens nothing (any more)."""
        code = join_codes.clean(typed)
        with self.engine.connect() as connection:
            row = (
                connection.execute(sa.select(tables.rooms).where(r.code == code)).one_or_none()
                if code
                else None
            )
        return room_from(row) if row and not row.ended_at and row.expires_at > now() else None

    def is_host(self, id: str, token: str) -> bool:
        """Whether this is the facilitator's token of the room."""
        return self._token_is(id, token, "host_hash")

    def is_board(self, id: str, token: str) -> bool:
        """Whether this is the projector's token of the room."""
        return self._token_is(id, token, "board_hash")

    def _token_is(self, id: str, token: str, column: str) -> bool:
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(tables.rooms.c[column]).where(r.id == id)).one_or_none()
        return bool(row) and join_codes.matches(token, row[0])

    def renew(self, id: str) -> str:
        """A fresh join code; the old one opens nothing any more."""
        # It lives as long as the first one did: rooms are prepared the evening before.
        values = {"code": join_codes.new_code(), "expires_at": _until()}
        self.change(id, lambda c: c.execute(tables.rooms.update().where(r.id == id).values(values)))
        return values["code"]

    def take_over(self, id: str, browser: str) -> str:
        """Let another browser facilitate; whoever did so before can only look from now on.

        Args:
            id: The room.
            browser: The browser's own secret.

        Returns:
            Its facilitator key.
        """
        key = self.signer.host_key(id, browser)
        stored = tables.rooms.update().where(r.id == id).values(host_hash=join_codes.digest(key))
        self.change(id, lambda c: c.execute(stored))
        return key

    def board_key(self, id: str) -> str:
        """The projector's key, for whoever facilitates now: a board that is open stays open when they change."""
        key = self.signer.board_key(id)
        if not self.is_board(id, key):
            stored = tables.rooms.update().where(r.id == id).values(board_hash=join_codes.digest(key))
            self.change(id, lambda c: c.execute(stored))
        return key

    # ---- people ------------------------------------------------------------------------------------------------

    def join(
        self, id: str, name: str, side: str, *, role: str = "participant", device: bool = True
    ) -> tuple[Participant, str]:
        """Let somebody in.

        Returns:
            The person and their token ("" without a device).

        Raises:
            DataError: No name, or a team that is not one of SIDES.
            LimitError: The room is full.
            NotAllowedError: The room has ended.
        """
        name = join_codes.printable(name)[:MAX_NAME].strip()
        if not name or side not in SIDES or role not in rights.ROLES:
            raise DataError("A name and a team are needed to join.", "Fill in both and join again.")
        person, token = (
            Participant(uuid.uuid4().hex[:10], name, side, role, device),
            join_codes.new_token() if device else "",
        )

        def write(c: sa.Connection) -> None:
            count = c.execute(sa.select(sa.func.count()).where(p.room == id)).scalar() or 0
            if count >= MAX_PEOPLE:
                raise LimitError("The room is full.", "Ask the facilitator to add your answers.")
            stored = join_codes.digest(token) if token else ""
            c.execute(
                tables.participants.insert().values(
                    room=id, id=person.id, name=name, side=side, role=role, token_hash=stored, joined_at=now()
                )
            )

        self.change(id, write, need=(role, "join"))
        return person, token

    def remove(self, id: str, role: str, participant: str) -> None:
        """Take somebody out of the room with all their answers: joined twice, or does not belong here."""

        def write(c: sa.Connection) -> None:
            self.ballots.erase(c, id, participant)
            c.execute(tables.participants.delete().where(p.room == id, p.id == participant))

        self.change(id, write, need=(role, "remove_person"))
        self.ballots.erase_copies(id, participant)

    def person(self, id: str, participant: str, token: str) -> Participant | None:
        """Who a cookie's token belongs to, None when it is not (or no longer) valid."""
        with self.engine.connect() as connection:
            row = connection.execute(
                sa.select(tables.participants).where(p.room == id, p.id == participant)
            ).one_or_none()
        if row is None or not join_codes.matches(token, row.token_hash):
            return None
        return Participant(row.id, row.name, row.side, row.role)

    def people(self, id: str) -> list[Participant]:
        """Everybody in the room, in the order they came."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(tables.participants).where(p.room == id).order_by(p.joined_at, p.id)
            )
            return [Participant(x.id, x.name, x.side, x.role, bool(x.token_hash)) for x in rows]

    # ---- rounds ------------------------------------------------------------------------------------------------

    def rounds(self, id: str) -> list[Round]:
        """All rounds, oldest first; those whose opening was taken back are left out."""
        with self.engine.connect() as connection:
            return lookups.rounds(connection, id)

    def round(self, id: str) -> Round | None:
        """The latest round of the current block, None when there is none."""
        with self.engine.connect() as connection:
            return lookups.current(connection, id)

    def state(self, id: str) -> str:
        """Lobby | open | closed | revealed | ended."""
        with self.engine.connect() as connection:
            return lookups.where(connection, id)

    def open_round(
        self, id: str, role: str, questions: Sequence[RoomQuestion], *, anonymous: bool = False
    ) -> Round:
        """Open a round on the current block."""

        def write(c: sa.Connection) -> Round:
            room = room_from(lookups.need(c, id))
            if room.block is None or not questions:
                raise DataError("There is nothing to ask in this block.", "Go on to the next block.")
            block = room.block.id
            number = sum(1 for item in lookups.rounds(c, id) if item.block == block) + 1
            fresh = Round(uuid.uuid4().hex[:10], block, number, "open", anonymous, tuple(questions), now())
            c.execute(
                tables.rounds.insert().values(
                    room=id,
                    id=fresh.id,
                    block=block,
                    number=number,
                    state="open",
                    anonymous=anonymous,
                    questions=json.dumps([q.as_json() for q in questions]),
                    opened_at=fresh.opened_at,
                )
            )
            return fresh

        block = self.get(id).block
        label = f"asked the questions of {block.name}" if block else "asked the questions"
        return self.change(id, write, label, need=(role, "open_round"))

    def set_state(self, id: str, role: str, action: str) -> None:
        """Close, reopen or reveal the current round.

        Args:
            id: The room.
            role: Who asks.
            action: close_round | reopen_round | reveal.
        """
        state, label = {
            "close_round": ("closed", "closed the round"),
            "reopen_round": ("open", "opened the round again"),
            "reveal": ("revealed", "showed the answers"),
        }[action]

        def write(c: sa.Connection) -> None:
            current = lookups.current(c, id)
            if current:
                c.execute(tables.rounds.update().where(o.room == id, o.id == current.id).values(state=state))

        self.change(id, write, label, need=(role, action))

    # ---- the walk through the agenda ---------------------------------------------------------------------------

    def step(self, id: str, role: str, position: int) -> None:
        """Go to a block, forwards or back. Nothing is lost: rounds and answers belong to their block."""
        room = self.get(id)
        place = max(0, min(len(room.agenda) - 1, position))
        at = now()
        values = {"position": place, "block_started_at": at, "started_at": room.started_at or at}
        label = f"went to {room.agenda[place].name}"
        change = tables.rooms.update().where(r.id == id).values(values)
        self.change(id, lambda c: c.execute(change), label, need=(role, "step"))

    def set_agenda(self, id: str, role: str, blocks: Sequence[Block]) -> None:
        """Replace the agenda; the current block stays current when it is still there."""
        room = self.get(id)
        current = room.agenda[room.position].id if room.agenda else ""
        place = next((i for i, block in enumerate(blocks) if block.id == current), 0)
        agenda = json.dumps([block.as_json() for block in blocks])
        self.change(
            id,
            lambda c: c.execute(
                tables.rooms.update().where(r.id == id).values(agenda=agenda, position=place)
            ),
            "changed the agenda",
            need=(role, "edit_agenda"),
        )

    def end(self, id: str, role: str, ended: bool = True) -> None:
        """End the session (its code opens nothing any more), or take that back."""
        rights.require(role, "end", "lobby" if not ended else self.state(id))
        change = tables.rooms.update().where(r.id == id).values(ended_at=now() if ended else "")
        self.change(
            id, lambda c: c.execute(change), "ended the session" if ended else "opened the session again"
        )

    # ---- outcomes ----------------------------------------------------------------------------------------------

    def settle(self, id: str, role: str, outcome: Outcome) -> Outcome:
        """Record a decision, a parked topic or an action; the same id again replaces it."""
        made = outcome_rows.dated(outcome)
        self.change(id, lambda c: outcome_rows.put(c, id, made), need=(role, ACTIONS[outcome.kind]))
        return made

    def withdraw(self, id: str, role: str, outcome: str) -> None:
        """Take back something settled; `settlement.withdraw` takes back what it changed in the workbook too."""
        self.change(id, lambda c: outcome_rows.remove(c, id, outcome), need=(role, "withdraw"))

    def outcomes(self, id: str) -> list[Outcome]:
        """Everything settled, in order."""
        with self.engine.connect() as connection:
            return outcome_rows.read(connection, id)

    def change(
        self,
        id: str,
        job: Callable[[sa.Connection], Any],
        label: str = "",
        need: tuple[str, str] | None = None,
    ) -> Any:
        """Run a job on a room in one transaction, move its revision on, and tell whoever listens.

        Args:
            id: The room.
            job: What to write.
            label: In words, where undo may take it back.
            need: Role and action: refused inside the transaction, so that two who act at once cannot both be let through.

        Raises:
            NotAllowedError: The role may not do this, or not now.
        """

        def whole(c: sa.Connection) -> Any:
            lookups.need(c, id)
            if need:
                rights.require(*need, lookups.where(c, id))
            result = self.steps.record(c, id, label, job) if label else job(c)
            c.execute(tables.rooms.update().where(r.id == id).values(rev=r.rev + 1))
            return result

        result = self.writer.do(whole)
        self.on_change(id)
        return result


def _until() -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=HOURS)).isoformat(timespec="milliseconds")
