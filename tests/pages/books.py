"""Workbooks for page tests, made in the store that the pages under test open."""

from __future__ import annotations

from lib.workbook import home as homes
from lib.workbook import store as stores
from lib.workbook.model import Workbook


def book(id: str) -> Workbook:
    """The workbook as it stands in the store."""
    return stores.open_store(homes.home()).snapshot(id).workbook


def new(answers: dict[str, object] | None = None) -> str:
    """A new workbook with these answers; its id."""
    store = stores.open_store(homes.home())
    id = store.create("Ours", author="Ann")
    if answers:
        store.save_all(id, list(answers.items()), author="Ann", bases={}, note="")
    return id
