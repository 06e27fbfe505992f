"""Erasing a dataset for good, unless another workbook uses it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.engine.datasets import library
from lib.errors import NotFoundError
from lib.workbook.dataset_rights import DatasetRights, named
from lib.workbook.store import Store


@dataclass(frozen=True)
class Purged:
    """What became of one dataset.

    Attributes:
        fingerprint: As the workbook names it.
        kept_for: Names of the workbooks that use it, which is why it was not erased; () when it was.
    """

    fingerprint: str
    kept_for: tuple[str, ...]


def users(home: Path, store: Store, rights: DatasetRights, fingerprint: str, without: str) -> list[str]:
    """Names of the other workbooks that use a dataset now; one in the bin may come back, so it counts.

    Args:
        home: WORKBOOK_HOME.
        store: The store.
        rights: Which workbooks have which datasets; one that merely names it does not use it.
        fingerprint: Hex SHA-256.
        without: The workbook that is asking.
    """
    same = library.names_of(home, fingerprint)
    having = set().union(*(rights.having(name) for name in same)) - {without}
    entries = [*store.entries(), *store.entries(deleted=True)]
    return [e.name for e in entries if e.id in having and same & named(store.workbook(e.id))]


def purge(home: Path, store: Store, rights: DatasetRights, fingerprint: str, without: str) -> Purged:
    """Erase a dataset's original, table, layouts and rejects, unless another workbook uses it.

    Args:
        home: WORKBOOK_HOME.
        store: The store.
        rights: Which workbooks have which datasets.
        fingerprint: Hex SHA-256.
        without: The workbook that gives it up.

    Raises:
        OSError: Something of it could not be removed.
    """
    try:
        others = users(home, store, rights, fingerprint, without)
        if others:
            return Purged(fingerprint, tuple(others))
        for name in library.names_of(home, fingerprint):
            library.delete_dataset(home, name)
            rights.take(name)
    except NotFoundError:  # no fingerprint at all, in a file that was imported
        pass
    return Purged(fingerprint, ())
