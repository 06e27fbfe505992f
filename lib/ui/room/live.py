"""What the room's pages see, kept in memory and pushed: public state per room, who a cookie is, who listens.

The public state is computed once per change of a room and sent to everybody, so 300 phones cost one look-up.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lib.room import agenda, round_outcomes, settlement
from lib.room.model import Participant, Room, Round
from lib.room.question_types import of
from lib.room.questions import RoomQuestion
from lib.room.reveal import Reveal, bits, reveal, said
from lib.room.store import Rooms
from lib.workbook import home as homes
from lib.workbook import store as stores

PING_SECONDS = 15
SETTLE_SECONDS = 0.25  # changes that come closer together than this are sent as one
SHARED_SECONDS = (
    0.2  # shorter than SETTLE_SECONDS: whoever is woken by a change never gets what stood before it
)
MAX_LISTENERS = 1200
MAX_STREAMS = 4  # of one person: two windows, and connections that the network lost without a word
_lock = threading.Lock()
_rooms: Rooms | None = None


def rooms() -> Rooms:
    """The process's one store of rooms; a change in it wakes everybody who listens."""
    global _rooms
    with _lock:
        if _rooms is None:
            home = homes.home()
            _rooms = Rooms(stores.open_store(home).engine, home, changed)
        return _rooms


@dataclass(eq=False)
class _OpenStream:
    """One open stream."""

    loop: asyncio.AbstractEventLoop
    event: asyncio.Event
    is_over: bool = False

    def wake(self) -> None:
        """From any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.event.set)


class Hub:
    """Wakes the open event streams of a room, from any thread and into any event loop."""

    def __init__(self) -> None:
        self.is_closed = False
        self._waiting: dict[str, set[_OpenStream]] = {}
        self._of_person: dict[str, list[_OpenStream]] = {}
        self._lock = threading.Lock()

    def publish(self, channel: str) -> None:
        """Something changed in a channel (a room's id, or `<id>:board` for what only the board counts)."""
        with self._lock:
            mine = list(self._waiting.get(channel, ()))
        for entry in mine:
            entry.wake()

    async def listen(self, *channels: str, who: str = "") -> AsyncIterator[bool]:
        """Yield True at once and after every change, False every PING_SECONDS without one.

        Args:
            channels: What to listen to.
            who: Whose stream it is: beyond MAX_STREAMS the oldest of theirs ends, so that nobody takes others' places
                and a phone that comes back is never refused for the connection it lost.
        """
        entry = _OpenStream(asyncio.get_running_loop(), asyncio.Event())
        if not self._enter(entry, channels, who):
            return
        try:
            yield True
            while not entry.is_over:
                try:
                    await asyncio.wait_for(entry.event.wait(), PING_SECONDS)
                except TimeoutError:
                    yield False
                    continue
                if not entry.is_over:
                    await asyncio.sleep(SETTLE_SECONDS)
                entry.event.clear()
                if not entry.is_over:  # it may have ended while changes were gathered
                    yield True
        finally:
            self._leave(entry, channels, who)

    def _enter(self, entry: _OpenStream, channels: tuple[str, ...], who: str) -> bool:
        with self._lock:
            if self.is_closed or sum(map(len, self._waiting.values())) >= MAX_LISTENERS:
                return False
            for channel in channels:
                self._waiting.setdefault(channel, set()).add(entry)
            mine = self._of_person.setdefault(who, []) if who else []
            mine.append(entry)
            old = mine[:-MAX_STREAMS]
        for stale in old:
            stale.is_over = True
            stale.wake()
        return True

    def _leave(self, entry: _OpenStream, channels: tuple[str, ...], who: str) -> None:
        """Forget a stream, and the channel or person that has none left."""
        with self._lock:
            for channel in channels:
                listening = self._waiting.get(channel, set())
                listening.discard(entry)
                if not listening:
                    self._waiting.pop(channel, None)
            mine = self._of_person.get(who, [])
            if entry in mine:
                mine.remove(entry)
            if not mine:
                self._of_person.pop(who, None)

    def close(self) -> None:
        """End all open streams and take no more: a server that is stopped waits for them otherwise."""
        with self._lock:
            self.is_closed = True
            mine = {entry for entries in self._waiting.values() for entry in entries}
        for entry in mine:
            entry.is_over = True
            entry.wake()

    def listeners(self, channel: str) -> int:
        """How many streams are open on a channel."""
        with self._lock:
            return len(self._waiting.get(channel, ()))


hub = Hub()


def changed(id: str) -> None:
    """A room changed: what was shared of it is old, and whoever listens is woken."""
    memory.expire(id)
    hub.publish(id)


lan_address = ""  # where phones reach the room, while it is open to the network


class Memory:
    """Small look-ups that every answer needs: the person behind a cookie, the room's current round."""

    def __init__(self, most: int = 5000) -> None:
        self._people: OrderedDict[tuple[str, str, str], Participant] = OrderedDict()
        self._views: dict[str, tuple[int, Room, Round | None, dict[str, Any]]] = {}
        self._texts: dict[str, tuple[dict[str, Any], str]] = {}
        self._read_at: dict[str, float] = {}
        self._most = most
        self.gone: set[tuple[str, str]] = set()  # (room, participant) taken out: their open streams end
        self._lock = threading.Lock()

    def person(self, cookie: tuple[str, str, str]) -> Participant | None:
        """Who a signed cookie belongs to."""
        with self._lock:
            known = self._people.get(cookie)
        if known is None and (known := rooms().person(*cookie)) is not None:
            with self._lock:
                self._people[cookie] = known
                while len(self._people) > self._most:
                    self._people.popitem(last=False)
        return known

    def view(self, id: str, *, shared: bool = False) -> tuple[Room, Round | None, dict[str, Any]]:
        """A room, its current round, and the public state, at the room's revision.

        Args:
            id: The room.
            shared: Take what another listener read a moment ago: one look-up per change, however many listen.
        """
        at = time.monotonic()
        with self._lock:
            known, read_at = self._views.get(id), self._read_at.get(id, 0.0)
        if shared and known is not None and at - read_at < SHARED_SECONDS:
            return known[1:]
        room = rooms().get(id)
        if known is None or known[0] != room.rev:
            current = rooms().round(id)
            known = (room.rev, room, current, public(room, current))
        with self._lock:
            if len(self._views) > 200:
                self._views.clear()
                self._texts.clear()
                self._read_at.clear()
            # Of two that read at the same time, the slower one must not put back what stood before.
            if id not in self._views or self._views[id][0] <= known[0]:
                self._views[id], self._read_at[id] = known, at
        return known[1:]

    def text(self, id: str) -> str:
        """The public state as it is sent to phones, written out once per change however many listen."""
        public = self.view(id, shared=True)[2]
        with self._lock:
            known = self._texts.get(id)
        if known is None or known[0] is not public:
            known = (public, json.dumps(public))
            with self._lock:
                self._texts[id] = known
        return known[1]

    def at_hand(self, id: str) -> str | None:
        """`text` where it was read a moment ago, else None; looks nothing up."""
        with self._lock:
            view, text = self._views.get(id), self._texts.get(id)
            is_fresh = time.monotonic() - self._read_at.get(id, 0.0) < SHARED_SECONDS
        return text[1] if is_fresh and view and text and text[0] is view[3] else None

    def current(self, id: str) -> Round | None:
        """The current round as last seen; the writer checks again whether it is still open."""
        with self._lock:
            known = self._views.get(id)
        return known[2] if known is not None else self.view(id)[1]

    def expire(self, id: str) -> None:
        """The next listener reads the room again."""
        with self._lock:
            self._read_at.pop(id, None)

    def forget_person(self, id: str, participant: str) -> None:
        """Somebody was taken out of the room: their cookie opens nothing, their streams end."""
        with self._lock:
            self.gone.add((id, participant))
            for cookie in [known for known in self._people if known[:2] == (id, participant)]:
                del self._people[cookie]

    def forget(self, id: str) -> None:
        """Drop a room's view (its answers or code changed outside a revision)."""
        with self._lock:
            self._views.pop(id, None)


memory = Memory()


def carried(id: str, author: str) -> None:
    """Write what a session settled into its workbook at once, also where nobody has the facilitator's page open.

    Args:
        id: The room.
        author: Who, as shown in the workbook's history.
    """
    store, room = stores.open_store(homes.home()), rooms().get(id)
    if store.rev(room.workbook) == 0:
        return
    book = store.workbook(room.workbook)
    settled = settlement.standing(rooms(), store, id)
    changes = round_outcomes.outcomes(room, settled, rooms().people(id), book)
    if changes:
        store.save_all(room.workbook, changes, author=author, note=f"Workshop outcomes: {room.name}")


def public(room: Room, current: Round | None) -> dict[str, Any]:
    """What everybody in the room may see: no private answer before its reveal."""
    block = room.block
    state: dict[str, Any] = {
        "room": room.name,
        "ended": bool(room.ended_at),
        "block": None,
        "round": None,
        "reveal": None,
    }
    if block:
        state["block"] = {
            "id": block.id,
            "name": block.name,
            "number": room.position + 1,
            "of": len(room.agenda),
            "minutes": block.minutes,
            "started": room.block_started_at,
            "pause": block.activity == "break",
            "purpose": agenda.guides()[block.activity].purpose,
        }
    if current and not room.ended_at:
        questions = [{**q.as_json(), "form": of(q).form} for q in current.questions]
        state["round"] = {
            "id": current.id,
            "state": current.state,
            "number": current.number,
            "anonymous": current.anonymous,
            "questions": questions,
        }
        if current.state == "revealed":
            state["reveal"] = _shown(revealed(room.id, current))
    return state


def revealed(id: str, current: Round) -> Reveal:
    """The reveal of a round that was revealed.

    Raises:
        NotAllowedError: It was not.
    """
    answers = rooms().ballots.answers(id, "participant", current)
    return reveal(current.questions, answers, rooms().people(id), anonymous=current.anonymous)


def _ends(question: RoomQuestion) -> str:
    """What the ends of a scale mean, "" without."""
    ends = ((question.low, question.low_label), (question.high, question.high_label))
    return (
        ", ".join(f"{number} is “{label}”" for number, label in ends if label)
        if of(question).is_number
        else ""
    )


def _shown(result: Reveal) -> dict[str, Any]:
    rows = [
        {
            "question": row.question.id,
            "text": row.question.text,
            "type": row.question.type,
            "unit": of(row.question).unit,
            "shows_empty": of(row.question).shows_empty,
            "n": row.n,
            "counts": dict(row.counts),
            "labels": {option.value: option.label for option in row.question.options},
            "sides": {side: dict(counts) for side, counts in row.by_side.items()},
            "entropy": row.entropy_bits,
            "middle": row.middle,
            "texts": [list(item) for item in row.texts],
            "contested": row.is_contested,
            "said": said(row),
            "ends": _ends(row.question),
            "bits": bits(row),
        }
        for row in result.rows
    ]
    return {"rows": rows, "alpha": result.alpha, "n": result.n}
