"""Removing a table from the workbook, and erasing for good what no workbook uses any more."""

from __future__ import annotations

import contextlib

import streamlit as st

from lib.engine.datasets.purge import Purged, purge
from lib.errors import UserError
from lib.room.purge import erase_rooms
from lib.ui import session
from lib.ui.data import uploads
from lib.ui.kit.evidence_view import plain
from lib.ui.web import dataset_access
from lib.workbook.dataset_rights import named
from lib.workbook.purge import erase_workbook, truncate_log

_FIELDS = ("fingerprint", "name", "contract", "rows")


def remove(slot: str, name: str) -> None:
    """Take a table out of the workbook; its files stay, so that undo brings it back."""
    _removed(slot, name)


def _removed(slot: str, name: str) -> bool:
    return session.save_all([(f"datasets/{slot}/{field}", None) for field in _FIELDS], note=f"Remove {name}")


def offer(slot: str, name: str) -> None:
    """Draw the way to erase a table in use; only for who may delete the workbook.

    Args:
        slot: Where the workbook uses it.
        name: The uploaded file's name.
    """
    try:
        session.allow(session.workbook().id, "delete")
    except UserError:
        return
    with st.popover("Remove and erase", key=f"data.erase.{slot}.box", icon=":material/delete_forever:"):
        st.markdown(
            f"This erases the original of {plain(name)}, its table, what was computed from it and its rejected rows. "
            "Undo does not bring it back. Where another workbook uses it, it stays for that one."
        )
        st.button(
            "Erase this file", key=f"data.erase.{slot}", type="primary", on_click=_erase, args=(slot, name)
        )


def workbook(id: str) -> str:
    """Erase a workbook with its datasets, rooms and uploads; the visitor's right was asked before.

    Args:
        id: The workbook.

    Returns:
        A sentence about datasets that stay because another workbook uses them, "" when none does.

    Raises:
        OSError: Something could not be removed; the workbook is still there, to be erased again.
    """
    store, home, rights = session.store(), session.home(), dataset_access.rights()
    done = [purge(home, store, rights, fingerprint, id) for fingerprint in sorted(rights.of(id))]
    uploads.erase_of(home / "uploads", id)
    erase_rooms(store.engine, id)
    erase_workbook(store.engine, id)
    kept = [item for item in done if item.kept_for]
    return _stays(kept) if kept else ""


def _stays(kept: list[Purged]) -> str:
    names = sorted({name for item in kept for name in item.kept_for})
    files = "1 data file stays" if len(kept) == 1 else f"{len(kept)} data files stay"
    return f"{files} for {', '.join(names)}."


def _erase(slot: str, name: str) -> None:
    fingerprint = session.workbook().datasets[slot].fingerprint
    try:
        session.allow(session.workbook().id, "delete")
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if not _removed(slot, name):
        return
    if fingerprint in named(session.workbook()):
        session.tell(
            "done", f"{name} is removed here. It stays, because this workbook uses it a second time."
        )
        return
    try:
        done = purge(
            session.home(), session.store(), dataset_access.rights(), fingerprint, session.workbook().id
        )
    except OSError as error:
        session.tell(
            "problem", f"Not all of {name} could be erased: {error.strerror}.", "Ask who runs the server."
        )
        return
    with contextlib.suppress(Exception):  # a busy store empties its log later by itself
        truncate_log(session.store().engine)
    if done.kept_for:
        session.tell(
            "done", f"{name} is removed here. It stays for {', '.join(done.kept_for)}, which uses it."
        )
    else:
        session.tell("done", f"{name} is erased: original, table and rejected rows.")
