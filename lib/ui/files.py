"""A workbook as a file: import and export."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from lib.errors import UserError
from lib.ui import session
from lib.workbook import portable


def import_button(key: str) -> None:
    """A button that opens a file chooser; the imported workbook is opened.

    Args:
        key: Name of the place, "start.import".
    """
    with st.popover("Import a workbook file", icon=":material/file_open:"):
        st.file_uploader("Workbook file (.json)", type=["json"], key=f"{key}.{session.get(f'{key}.n', 0)}",
                         max_upload_size=50, on_change=_import, args=(key,))  # fmt: skip


def _import(key: str) -> None:
    name = f"{key}.{session.get(f'{key}.n', 0)}"
    uploaded: Any = session.get(name)
    if uploaded is None:
        return
    session.put(f"{key}.n", session.get(f"{key}.n", 0) + 1)  # an empty uploader again
    try:
        log = portable.parse(uploaded.getvalue())
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    id = session.store().import_events(log, portable.title(log) or uploaded.name.removesuffix(".json"))
    session.adopt(id)
    missing = len([ref for ref in session.workbook().datasets.values() if ref.fingerprint]) - len(
        session.data()
    )
    session.tell("done", f"Imported {portable.title(log) or 'the workbook'} with {len(log)} answers.")
    if missing:
        session.tell(
            "problem",
            f"{missing} data files of this workbook are not on this machine.",
            "Upload the same files on the Data page: they are recognised, and every number comes back.",
        )


def export_button(key: str) -> None:
    """A download of the open workbook as one file."""
    snapshot = session.snapshot()
    st.download_button("Export workbook", data=lambda: portable.export(session.store().events(snapshot.id)),
                       file_name=f"{slug(snapshot.workbook.name) or 'workbook'}.json", mime="application/json",
                       on_click="ignore", icon=":material/download:", key=key, disabled=not snapshot.id)  # fmt: skip


def slug(name: str) -> str:
    """A name as a file name.

    >>> slug("Acme: Q3 / growth")
    'acme-q3-growth'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
