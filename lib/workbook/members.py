"""Who may open which workbook, where people sign in. Without sign-in everybody at this computer is the owner.

Roles: `owner` (everything, and who else may), `editor` (answers), `viewer` (looks). Whoever makes a workbook owns it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from lib.errors import DataError, NotAllowedError
from lib.workbook import schema

ROLES = {"owner": "Owner", "editor": "Editor", "viewer": "Viewer"}
_metadata = sa.MetaData()
_members = sa.Table(
    "member",
    _metadata,
    sa.Column("workbook", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, primary_key=True),  # e-mail address, lower case
    sa.Column("role", sa.Text, nullable=False),
)
_CAN = {
    "look": {"owner", "editor", "viewer"},
    "answer": {"owner", "editor"},
    "share": {"owner"},
    "delete": {"owner"},
}


@dataclass(frozen=True)
class Member:
    """One person of one workbook."""

    who: str
    role: str


def clean(who: str) -> str:
    """An e-mail address as it is kept.

    Raises:
        DataError: It is none.
    """
    address = who.strip().lower()
    if "@" not in address.strip("@") or any(c.isspace() for c in address) or len(address) > 200:
        raise DataError("That is not an e-mail address.", "Type it like ann@example.com.")
    return address


class Members:
    """The members of all workbooks.

    Args:
        engine: The store's engine; the table is made in it.
    """

    def __init__(self, engine: sa.Engine) -> None:
        schema.create(engine, _metadata)
        self._engine = engine

    def role(self, workbook: str, who: str) -> str:
        """A person's role in a workbook, "" for none."""
        with self._engine.connect() as connection:
            found = connection.execute(
                sa.select(_members.c.role).where(
                    _members.c.workbook == workbook, _members.c.who == who.lower()
                )
            ).scalar()
        return found or ""

    def workbooks(self, who: str) -> set[str]:
        """Workbooks that a person may open."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_members.c.workbook).where(_members.c.who == who.lower()))
            return {row[0] for row in rows}

    def of(self, workbook: str) -> list[Member]:
        """Everybody of a workbook, owners first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_members).where(_members.c.workbook == workbook)).all()
        order = list(ROLES)
        return sorted((Member(row.who, row.role) for row in rows), key=lambda m: (order.index(m.role), m.who))

    def has_any(self) -> bool:
        """Whether any workbook has members: people signed in at some time."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_members.c.who).limit(1)).first() is not None

    def require(self, workbook: str, who: str, action: str) -> None:
        """Refuse what a person's role does not allow.

        Args:
            workbook: Its id.
            who: E-mail address.
            action: look | answer | share | delete.

        Raises:
            NotAllowedError: Not with this role.
        """
        if self.role(workbook, who) not in _CAN[action]:
            raise NotAllowedError(
                "Your role in this workbook does not allow this.", "Ask one of its owners for access."
            )

    def claim(self, workbook: str, who: str) -> None:
        """Make the person who created a workbook its owner; nothing when it has an owner already."""
        with self._write() as connection:
            taken = connection.execute(
                sa.select(_members.c.who).where(_members.c.workbook == workbook, _members.c.role == "owner")
            ).first()
            if taken is None:
                self._put(connection, workbook, clean(who), "owner")

    def appoint(self, workbook: str, who: str) -> None:
        """Make a person an owner, on the word of whoever runs the server; owners so far stay.

        Raises:
            DataError: Not an address.
        """
        address = clean(who)
        with self._write() as connection:
            self._put(connection, workbook, address, "owner")

    def grant(self, by: str, workbook: str, who: str, role: str) -> None:
        """Give a person a role, or take it away with "".

        Raises:
            DataError: Not an address, not a role, or it would leave the workbook without an owner.
            NotAllowedError: `by` is no owner.
        """
        self.require(workbook, by, "share")
        address = clean(who)
        if role not in (*ROLES, ""):
            raise DataError(f"There is no role called {role!r}.", "Choose owner, editor or viewer.")
        with self._write() as connection:
            owners = connection.execute(
                sa.select(_members.c.who).where(_members.c.workbook == workbook, _members.c.role == "owner")
            ).scalars()
            if role != "owner" and set(owners) == {address}:
                raise DataError("A workbook needs an owner.", "Make somebody else an owner first.")
            self._put(connection, workbook, address, role)

    def _put(self, connection: sa.Connection, workbook: str, who: str, role: str) -> None:
        connection.execute(_members.delete().where(_members.c.workbook == workbook, _members.c.who == who))
        if role:
            connection.execute(_members.insert().values(workbook=workbook, who=who, role=role))

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            yield connection
