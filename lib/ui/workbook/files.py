"""A workbook as a file: import and export."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from lib.errors import UserError
from lib.ui import session
from lib.ui.web import admission, dataset_access, signin
from lib.workbook import portable
from lib.workbook.dataset_rights import fingerprints
from lib.workbook.events import Event
from lib.workbook.mapping import MAX_NAME


def import_button(key: str) -> None:
    """A button that opens a file chooser; the imported workbook is opened.

    Args:
        key: Name of the place, "start.import".
    """
    with st.popover("Import a workbook file", icon=":material/file_open:"):
        st.file_uploader(
            "Workbook file (.json)",
            type=["json"],
            key=f"{key}.{session.get(f'{key}.n', 0)}",
            max_upload_size=50,
            on_change=_import,
            args=(key,),
        )


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
    name = portable.title(log) or uploaded.name.removesuffix(".json").strip()[:MAX_NAME] or "Our workbook"
    with admission.long_work("Opening the workbook"):
        id = session.store().import_events(log, name)
    dataset_access.pass_on(fingerprints(log), id)
    session.adopt(id)
    count = f"{len(log):,} answer{'' if len(log) == 1 else 's'}"
    session.tell("done", f"Imported {name} with {count}.{_without(log)}")
    _tell_missing()


def _tell_missing() -> None:
    """Say which data files the workbook names that this machine does not have, or that the visitor may not open."""
    opened = session.data()
    missing = [
        ref.name or slot
        for slot, ref in session.workbook().datasets.items()
        if ref.fingerprint and slot not in opened
    ]
    if not missing:
        return
    listed = ", ".join(f"“{name}”" for name in missing)
    session.tell(
        "problem",
        f"The workbook's data did not come with its file: {listed}.",
        f"Upload {'it' if len(missing) == 1 else 'them'} on the Data page, and the numbers come back.",
    )


def _without(log: list[Event]) -> str:
    """A sentence for a file that was made without its private answers, or that holds some."""
    if portable.withheld(log):
        return " It was made without private ratings; those stay where it came from."
    return (
        " It is a full backup: it holds private ratings of people." if portable.private_answers(log) else ""
    )


def export_button(key: str) -> None:
    """A download of the open workbook as one file, without what people answered privately unless asked for."""
    snapshot, store = session.snapshot(), session.store()
    hidden = portable.private_answers(store.events(snapshot.id)) if snapshot.id else 0
    whole = _asks_for_all(key, snapshot.id) if hidden else False
    may_share = signin.later(snapshot.id, "share")

    def content() -> bytes:  # made when somebody clicks, perhaps long after the page was drawn
        log = store.events(snapshot.id)
        return portable.export(log if whole and may_share() else portable.without_private(log))

    name = f"{slug(snapshot.workbook.name) or 'workbook'}{'-full-backup' if whole else ''}.json"
    st.download_button(
        "Export workbook",
        data=content,
        file_name=name,
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
        key=key,
        disabled=not snapshot.id,
    )
    if hidden:
        st.markdown(_said(hidden, whole))


def _asks_for_all(key: str, id: str) -> bool:
    """The switch for a full backup; only for those who may share the workbook."""
    try:
        session.allow(id, "share")
    except UserError:
        return False
    return bool(
        st.toggle(
            "Include private ratings (full backup)",
            key=f"{key}.private",
            help="For moving the workbook to another machine. Do not pass this file on.",
        )
    )


def _said(hidden: int, whole: bool) -> str:
    """What of the private answers the file holds, in one sentence."""
    ratings = "1 private answer" if hidden == 1 else f"{hidden:,} private answers"
    if whole:
        return (
            f":orange[:material/lock_open: **The file holds {ratings}** about people, with who gave them.] "
            "Keep it to yourself."
        )
    return (
        f":material/lock: Left out: {ratings} about people (skill ratings and their evidence), who gave them "
        "and about whom. Everything else is in the file."
    )


def slug(name: str) -> str:
    """A name as a file name.

    >>> slug("Acme: Q3 / growth")
    'acme-q3-growth'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
