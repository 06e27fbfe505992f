"""The workbook store: every answer is one event in an append-only log, saved at once.

State is the fold of events. Undo, history, "as of 14:32", live collaboration and the portable file all come from that
one table. Different answers never conflict; the same answer changed by somebody else since it was read comes back as a
`Conflict` instead of being overwritten.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import threading
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFoundError, UserError
from lib.workbook import undo as undoing
from lib.workbook.database import connect, events, people, workbooks
from lib.workbook.events import NAME_KEY, Event, Saved, Snapshot, Visitor, WorkbookEntry, now
from lib.workbook.log_cache import RecentEvents
from lib.workbook.mapping import (
    applied,
    clean,
    conflicts_of,
    current_of,
    dump,
    from_event,
    is_same,
    to_entry,
    to_event,
)
from lib.workbook.model import SCHEMA_VERSION, Workbook
from lib.workbook.portable import without_private
from lib.workbook.transaction import Write

_CACHED_SNAPSHOTS = 64
UNDO_REACH = 500
_SKEW = dt.timedelta(minutes=5)  # clocks of several servers differ


class Store:
    """All workbooks of one installation. Safe for many threads, processes and (on PostgreSQL) machines.

    Args:
        home: WORKBOOK_HOME; holds `workbook.db` unless `url` or DATABASE_URL says otherwise.
        url: SQLAlchemy URL, mostly for tests.
    """

    def __init__(self, home: Path, url: str = "") -> None:
        self.home = home
        self.engine = connect(home, url)
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._labels: dict[tuple[str, frozenset[str]], tuple[int, tuple[str, str]]] = {}
        self._recent = RecentEvents(
            lambda id, after, until: self.events(id, after=after, until=until), UNDO_REACH
        )
        self._lock = threading.Lock()
        self._line = threading.Lock() if self.engine.dialect.name == "sqlite" else None

    # ---- reading -----------------------------------------------------------------------------------------------

    def entries(self, *, deleted: bool = False) -> list[WorkbookEntry]:
        """Workbooks, last changed first; with `deleted` those in the bin instead."""
        where = workbooks.c.deleted_at.is_not(None) if deleted else workbooks.c.deleted_at.is_(None)
        query = sa.select(workbooks).where(where).order_by(workbooks.c.changed_at.desc(), workbooks.c.id)
        with self._read() as connection:
            return [to_entry(row) for row in connection.execute(query)]

    def entry(self, id: str) -> WorkbookEntry | None:
        """One workbook's line in the list (also when it is in the bin), None when it was never here."""
        with self._read() as connection:
            row = connection.execute(sa.select(workbooks).where(workbooks.c.id == id)).one_or_none()
        return to_entry(row) if row else None

    def rev(self, id: str) -> int:
        """Current revision, 0 when the workbook is not here. Cheap: for polling."""
        with self._read() as connection:
            return connection.execute(sa.select(workbooks.c.rev).where(workbooks.c.id == id)).scalar() or 0

    def events(self, id: str, *, after: int = 0, until: int | None = None) -> list[Event]:
        """Events with `after < rev <= until`, in order."""
        query = sa.select(events).where(events.c.workbook == id, events.c.rev > after).order_by(events.c.rev)
        if until is not None:
            query = query.where(events.c.rev <= until)
        with self._read() as connection:
            return [to_event(row) for row in connection.execute(query)]

    def snapshot(self, id: str, at: int | None = None) -> Snapshot:
        """The workbook now, or as it stood at revision `at`.

        Raises:
            NotFoundError: No such workbook.
        """
        if at is not None:
            self._need(id)
            return applied(Snapshot(Workbook(id=id)), self.events(id, until=at), id)
        with self._lock:
            known = self._snapshots.get(id)
        rev = self.rev(id)
        if known is not None and known.rev == rev:
            return known
        if rev == 0:
            self._need(id)
        start = known if known is not None and known.rev < rev else Snapshot(Workbook(id=id))
        fresh = applied(start, self.events(id, after=start.rev), id)
        with self._lock:
            self._snapshots[id] = fresh
            self._snapshots.move_to_end(id)
            while len(self._snapshots) > _CACHED_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        return fresh

    def workbook(self, id: str, at: int | None = None) -> Workbook:
        """The typed workbook now, or at revision `at`."""
        return self.snapshot(id, at).workbook

    # ---- saving ------------------------------------------------------------------------------------------------

    def save(
        self, id: str, key: str, value: Any, *, author: str, base: int | None = None, step: str = ""
    ) -> Saved:
        """Save one answer. See `save_all`."""
        return self.save_all(
            id, [(key, value)], author=author, bases=None if base is None else {key: base}, step=step
        )

    def save_all(
        self,
        id: str,
        changes: Iterable[tuple[str, Any]],
        *,
        author: str,
        bases: Mapping[str, int] | None = None,
        note: str = "",
        step: str = "",
        undoes: str = "",
    ) -> Saved:
        """Save several answers as one step, all or none.

        Args:
            id: The workbook.
            changes: (key, JSON value); None clears. A value that already stands there is not written again.
            author: Who, as shown to others.
            bases: Key -> revision of that answer that the author saw (0: none). Keys not named overwrite.
            note: What the step is, in words, for the history.
            step: Id of the step; saving the same id twice writes once, so a save may be repeated after a cut line.
            undoes: Only used by undo and redo.

        Returns:
            The revision; with `conflicts` when somebody else changed one of the answers, and then nothing is written.

        Raises:
            DataError: A value does not fit its field.
            NotFoundError: No such workbook, or it is in the bin.
        """
        with self._write() as connection:
            return self.save_within(
                connection, id, changes, author=author, bases=bases, note=note, step=step, undoes=undoes
            )

    def save_within(
        self,
        connection: sa.Connection,
        id: str,
        changes: Iterable[tuple[str, Any]],
        *,
        author: str,
        bases: Mapping[str, int] | None = None,
        note: str = "",
        step: str = "",
        undoes: str = "",
    ) -> Saved:
        """`save_all` inside somebody's writing transaction, which they commit or, on conflicts, take back."""
        wanted = [(key, clean(key, value)) for key, value in dict(changes).items()]
        bases = bases or {}
        # Taking the row first serialises writers of one workbook, on SQLite and PostgreSQL alike.
        rev = self._lock_row(connection, id)
        if step and self._has_step(connection, id, step):
            return Saved(rev, step)
        current = current_of(connection, id, [key for key, _ in wanted])
        if conflicts := conflicts_of(wanted, bases, current):
            return Saved(rev, "", conflicts)
        new = [(key, value) for key, value in wanted if not is_same(current.get(key), value)]
        if not new:
            return Saved(rev)
        step = step or uuid.uuid4().hex
        shared = {"author": author, "step": step, "undoes": undoes, "note": note}
        rows = [{"key": key, "value": dump(value), "base": bases.get(key), **shared} for key, value in new]
        return Saved(self._append(connection, id, rev, rows), step)

    def undo(self, id: str, *, author: str, also: Collection[str] = ()) -> Event:
        """Take back the author's last step that still stands, as new events.

        Args:
            id: The workbook.
            author: Who asks; only steps of this author are taken back.
            also: Other names of the same person (before they gave their name).

        Returns:
            The first event of the step that was taken back.

        Raises:
            NotFoundError: Nothing to undo.
            ConflictError: Somebody else changed one of these answers afterwards.
        """
        return self._turn(id, author, also, "undo")

    def redo(self, id: str, *, author: str, also: Collection[str] = ()) -> Event:
        """Bring back the step that the author undid last. Raises as `undo` does."""
        return self._turn(id, author, also, "redo")

    def can(self, id: str, *, author: str, also: Collection[str] = ()) -> tuple[str, str]:
        """Labels of what undo and redo would do now, "" where there is nothing.

        Read on every run of every page, so only the last `UNDO_REACH` events are looked at.
        """
        me = frozenset({author, *also})
        rev = self.rev(id)
        with self._lock:
            known = self._labels.get((id, me))
        if known and known[0] == rev:
            return known[1]
        log = self._recent.events(id, rev)
        found = undoing.label(log, "undo", me), undoing.label(log, "redo", me)
        with self._lock:
            if len(self._labels) > 1000:
                self._labels.clear()
            self._labels[id, me] = (rev, found)
        return found

    def restore(self, id: str, rev: int, *, author: str) -> Saved:
        """Set every answer back to how it stood at `rev`, as one step that can be undone."""
        then, today = self.snapshot(id, rev), self.snapshot(id)
        keys = {*then.answers, *today.answers}
        changes = [(key, then.value(key)) for key in sorted(keys) if then.value(key) != today.value(key)]
        return self.save_all(id, changes, author=author, note=f"Back to revision {rev}")

    # ---- workbooks ---------------------------------------------------------------------------------------------

    def create(self, name: str, *, author: str, id: str = "") -> str:
        """Make an empty workbook and return its id."""
        id = id or uuid.uuid4().hex[:12]
        with self._write() as connection:
            self._insert(connection, id, clean(NAME_KEY, name))
        self.rename(id, name, author=author)
        return id

    def rename(self, id: str, name: str, *, author: str) -> Saved:
        """Give the workbook another name (a step that can be undone)."""
        return self.save(id, NAME_KEY, name, author=author)

    def duplicate(self, id: str, name: str, *, author: str, private: bool = False) -> str:
        """Copy a workbook with its history under a new name; private answers only for who may share them. The copy's id."""
        self._need(id)
        log = self.events(id)
        return self.import_events(log if private else without_private(log), name, author=author)

    def delete(self, id: str) -> None:
        """Put a workbook into the bin. `undelete` brings it back."""
        self._set_deleted(id, now())

    def undelete(self, id: str) -> None:
        """Take a workbook out of the bin."""
        self._set_deleted(id, None)

    def import_events(self, log: Sequence[Event], name: str = "", *, author: str = "") -> str:
        """Make a workbook from events; `name` renames it. Returns its id."""
        id = uuid.uuid4().hex[:12]
        named = [event.value for event in log if event.key == NAME_KEY and event.value]
        with self._write() as connection:
            self._insert(connection, id, str(named[-1]) if named else name or "Workbook")
            rows = [{"workbook": id, **from_event(event)} for event in log]
            if rows:
                connection.execute(events.insert(), rows)
                connection.execute(
                    workbooks.update()
                    .where(workbooks.c.id == id)
                    .values(rev=log[-1].rev, changed_at=log[-1].at)
                )
        if name and (not named or named[-1] != name):
            self.rename(id, name, author=author)
        return id

    # ---- people ------------------------------------------------------------------------------------------------

    def seen(self, person: str, name: str, workbook: str, page: str) -> None:
        """Note that somebody has a page open."""
        values = {"name": name, "workbook": workbook, "page": page, "seen_at": now()}
        try:
            with self._write() as connection:
                found = connection.execute(people.update().where(people.c.id == person).values(**values))
                if not found.rowcount:
                    connection.execute(people.insert().values(id=person, **values))
        except UserError:
            if name != self.person(person)[0]:
                raise  # else a full disk would keep people from reading what they have

    def person(self, person: str) -> tuple[str, str]:
        """(name, last workbook) of somebody seen before, ("", "") otherwise."""
        with self._read() as connection:
            query = sa.select(people.c.name, people.c.workbook).where(people.c.id == person)
            row = connection.execute(query).one_or_none()
        return (row.name, row.workbook) if row else ("", "")

    def here(self, workbook: str, since: str) -> list[Visitor]:
        """People with a page of this workbook open since a time (ISO 8601 UTC)."""
        # The clock of a machine may have been set back: whoever was seen "tomorrow" is not here now.
        until = (dt.datetime.now(dt.UTC) + _SKEW).isoformat(timespec="milliseconds")
        query = sa.select(people).where(people.c.workbook == workbook, people.c.seen_at.between(since, until))
        with self._read() as connection:
            rows = connection.execute(query.order_by(people.c.name)).all()
        return [Visitor(row.id, row.name, row.page, row.seen_at) for row in rows]

    # ---- inside ------------------------------------------------------------------------------------------------

    def _read(self) -> sa.Connection:
        return self.engine.connect()

    def _write(self) -> Write:
        return Write(self.engine, self.home, self._line)

    def _need(self, id: str) -> WorkbookEntry:
        entry = self.entry(id)
        if entry is None:
            raise NotFoundError(
                "This workbook is not here.", "Pick another one from the list, or import its file."
            )
        return entry

    def _lock_row(self, connection: sa.Connection, id: str) -> int:
        query = workbooks.update().where(workbooks.c.id == id).values(rev=workbooks.c.rev)
        row = connection.execute(query.returning(workbooks.c.rev, workbooks.c.deleted_at)).one_or_none()
        if row is None:
            raise NotFoundError(
                "This workbook is not here.", "Pick another one from the list, or import its file."
            )
        if row.deleted_at:
            raise NotFoundError(
                "This workbook was deleted.", "Bring it back on the Workbook page, then save again."
            )
        return row.rev

    def _has_step(self, connection: sa.Connection, id: str, step: str) -> bool:
        query = sa.select(events.c.rev).where(events.c.workbook == id, events.c.step == step).limit(1)
        return connection.execute(query).scalar() is not None

    def _append(self, connection: sa.Connection, id: str, rev: int, rows: list[dict[str, Any]]) -> int:
        at = now()
        values: dict[str, Any] = {"rev": workbooks.c.rev + len(rows), "changed_at": at}
        names = [json.loads(row["value"]) for row in rows if row["key"] == NAME_KEY]
        if names and names[-1]:
            values["name"] = names[-1]
        query = workbooks.update().where(workbooks.c.id == id).values(**values).returning(workbooks.c.rev)
        last: int = connection.execute(query).scalar_one()
        first = last - len(rows) + 1
        whole = [{"workbook": id, "rev": first + i, "at": at, **row} for i, row in enumerate(rows)]
        connection.execute(events.insert(), whole)
        return last

    def _insert(self, connection: sa.Connection, id: str, name: str) -> None:
        at = now()
        row = {"id": id, "name": name, "rev": 0, "schema": SCHEMA_VERSION, "created_at": at, "changed_at": at}
        connection.execute(workbooks.insert().values(**row))

    def _set_deleted(self, id: str, at: str | None) -> None:
        with self._write() as connection:
            if not connection.execute(
                workbooks.update().where(workbooks.c.id == id).values(deleted_at=at)
            ).rowcount:
                raise NotFoundError("This workbook is not here.", "Pick another one from the list.")

    def _turn(self, id: str, author: str, also: Collection[str], way: str) -> Event:
        me = {author, *also}
        log = self.events(id)
        step = undoing.target(log, way, me)
        changes, bases = undoing.plan(log, step, me)
        first = next(event for event in log if event.step == step)
        saved = self.save_all(
            id, changes, author=author, bases=bases, undoes=f"{way}:{step}", note=first.note
        )
        if saved.conflicts:
            raise undoing.refused(saved.conflicts[0].by)
        return first


@functools.cache
def open_store(home: Path) -> Store:
    """The process's one Store for a home."""
    return Store(home)
