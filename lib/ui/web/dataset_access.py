"""The visitor's right to open datasets, asked at the engine's door on every page."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from lib.engine.datasets.reader import NOBODY, OWNER_OF_ALL, Reader
from lib.ui.web import signin
from lib.workbook import home as homes
from lib.workbook.dataset_rights import DatasetRights
from lib.workbook.store import open_store


def reader() -> Reader:
    """All datasets without sign-in, else those of the workbooks that the visitor may look at."""
    if not signin.is_on():
        return OWNER_OF_ALL
    who = signin.who()
    return Reader(functools.partial(rights().may_open, who)) if who else NOBODY


def rights() -> DatasetRights:
    """Which workbooks have which datasets."""
    return _rights(homes.home())


def pass_on(fingerprints: Iterable[str], workbook: str) -> None:
    """Give a copy, or a workbook that was imported, those datasets that the visitor may give away: an owner's."""
    who = signin.who()
    given = [f for f in fingerprints if not signin.is_on() or rights().may_pass_on(who, f)]
    rights().give(workbook, given)


@functools.cache
def _rights(home: Path) -> DatasetRights:
    return DatasetRights(open_store(home).engine)
