"""Who may open which dataset, where people sign in: the members of a workbook that it was given to.

A dataset is given to a workbook when its file is uploaded there, or when an owner of a workbook that has it makes a
copy. Naming a dataset in a workbook's file gives nothing. Without sign-in everybody at this computer may open all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from lib.workbook import schema
from lib.workbook.database import events, workbooks
from lib.workbook.events import Event
from lib.workbook.members import Members
from lib.workbook.model import Workbook

_metadata = sa.MetaData()
_given = sa.Table(
    "dataset_given",
    _metadata,
    sa.Column(
        "fingerprint", sa.Text, primary_key=True
    ),  # "" with workbook "": homes of before were looked through
    sa.Column("workbook", sa.Text, primary_key=True),
    sa.Index("dataset_given_workbook", "workbook"),
)
_NAMES = "datasets/%/fingerprint"


def named(workbook: Workbook) -> set[str]:
    """Fingerprints that a workbook names now."""
    return {ref.fingerprint for ref in workbook.datasets.values() if ref.fingerprint}


def fingerprints(log: Iterable[Event]) -> set[str]:
    """Fingerprints that a workbook named at any time.

    >>> fingerprints([Event(1, "datasets/events/fingerprint", "ab", None, "Ann", "2026-01-01", "s")])
    {'ab'}
    """
    found = (event.value for event in log if re.fullmatch(r"datasets/[^/]+/fingerprint", event.key))
    return {value for value in found if isinstance(value, str) and value}


class DatasetRights:
    """Which workbooks have which datasets, and so who may open them.

    Args:
        engine: The store's engine; the table is made in it. A home of before gets what its own uploads gave.
    """

    def __init__(self, engine: sa.Engine) -> None:
        schema.create(engine, _metadata)
        self._engine, self._members = engine, Members(engine)
        with engine.connect() as connection:
            is_known = connection.execute(_rows("", "")).first() is not None
        if not is_known:
            with self._engine.connect().execution_options(write=True) as connection, connection.begin():
                is_local = not self._members.has_any()
                _remember(connection, [("", ""), *_uploaded(connection, is_local)])

    def give(self, workbook: str, fingerprints: Iterable[str]) -> None:
        """Note that a workbook has these datasets."""
        wanted = [(fingerprint, workbook) for fingerprint in fingerprints]
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            _remember(connection, wanted)

    def take(self, fingerprint: str) -> None:
        """Forget who had a dataset: it was erased."""
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(_given.delete().where(_given.c.fingerprint == fingerprint))

    def having(self, fingerprint: str) -> set[str]:
        """Ids of the workbooks that a dataset was given to, also of those in the bin."""
        query = sa.select(_given.c.workbook).where(_given.c.fingerprint == fingerprint)
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def of(self, workbook: str) -> set[str]:
        """Fingerprints of the datasets that a workbook was given."""
        query = sa.select(_given.c.fingerprint).where(_given.c.workbook == workbook)
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def may_open(self, who: str, fingerprint: str) -> bool:
        """Whether a person may look at a workbook that has this dataset and is not in the bin.

        Args:
            who: E-mail address.
            fingerprint: Hex SHA-256.
        """
        return bool(self._through(fingerprint) & self._members.workbooks(who))

    def may_pass_on(self, who: str, fingerprint: str) -> bool:
        """Whether a person owns a workbook that has this dataset, and so may give it to a copy."""
        return any(self._members.role(id, who) == "owner" for id in self._through(fingerprint))

    def is_hosted(self) -> bool:
        """Whether people signed in here at some time, so that datasets belong to somebody."""
        return self._members.has_any()

    def _through(self, fingerprint: str) -> set[str]:
        query = (
            sa.select(_given.c.workbook)
            .join(workbooks, workbooks.c.id == _given.c.workbook)
            .where(_given.c.fingerprint == fingerprint, workbooks.c.deleted_at.is_(None))
        )
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())


def _rows(fingerprint: str, workbook: str) -> sa.Select[tuple[str]]:
    return sa.select(_given.c.workbook).where(
        _given.c.fingerprint == fingerprint, _given.c.workbook == workbook
    )


def _remember(connection: sa.Connection, wanted: Iterable[tuple[str, str]]) -> None:
    for fingerprint, workbook in dict.fromkeys(wanted):
        if connection.execute(_rows(fingerprint, workbook)).first() is None:
            connection.execute(_given.insert().values(fingerprint=fingerprint, workbook=workbook))


def _uploaded(connection: sa.Connection, is_local: bool) -> list[tuple[str, str]]:
    """What the uploads of a home of before gave.

    An imported or copied log is older than its workbook: what it names was not uploaded there. Where nobody has
    signed in so far, the copies belong to whoever sits at this computer as well.
    """
    made: Mapping[str, str] = dict(
        connection.execute(sa.select(workbooks.c.id, workbooks.c.created_at)).all()
    )
    rows = connection.execute(
        sa.select(events.c.workbook, events.c.value, events.c.at).where(events.c.key.like(_NAMES))
    ).all()
    found = [
        (json.loads(row.value), row.workbook, is_local or row.at >= made.get(row.workbook, "~"))
        for row in rows
    ]
    return [
        (value, workbook) for value, workbook, is_own in found if is_own and isinstance(value, str) and value
    ]
