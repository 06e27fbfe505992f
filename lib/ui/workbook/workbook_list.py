"""All workbooks of this installation: open, create, rename, duplicate, delete and bring back."""

from __future__ import annotations

import streamlit as st

from lib.errors import UserError
from lib.ui import session
from lib.ui.data import erase
from lib.ui.kit import save_status
from lib.ui.kit.evidence_view import plain
from lib.ui.web import dataset_access, signin
from lib.workbook import portable
from lib.workbook.events import WorkbookEntry


def draw() -> None:
    """Draw the list."""
    current = session.get("session.workbook", "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of a new workbook", key="shelf.name", placeholder="Our workbook", max_chars=120, width=320
        )
        st.button("Create", icon=":material/add:", key="shelf.create", on_click=_create)
    for entry in session.entries():
        _row(entry, is_open=entry.id == current)
    deleted = session.entries(deleted=True)
    if deleted:
        with st.expander(f"Deleted ({len(deleted)})", icon=":material/delete:"):
            for entry in deleted:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(plain(entry.name), width="stretch")
                    st.button("Bring back", key=f"shelf.back.{entry.id}", on_click=_bring_back, args=(entry,))
                    _erasure(entry)


def _row(entry: WorkbookEntry, *, is_open: bool) -> None:
    with (
        st.container(border=True, key=f"shelf-{entry.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        changed = f"changed {save_status.clock(entry.changed_at)} · {entry.rev:,} {'change' if entry.rev == 1 else 'changes'}"
        st.markdown(f"**{plain(entry.name)}**  \n:small[{changed}]", width="stretch")
        if is_open:
            st.badge("Open", icon=":material/check:", color="green")
        else:
            st.button("Open", key=f"shelf.open.{entry.id}", on_click=session.open_workbook, args=(entry.id,))
        with st.popover("Rename", key=f"shelf.rename.{entry.id}.box"):
            st.text_input(
                "New name",
                value=entry.name,
                key=f"shelf.rename.{entry.id}",
                max_chars=120,
                on_change=_rename,
                args=(entry,),
            )
        st.button("Duplicate", key=f"shelf.copy.{entry.id}", on_click=_duplicate, args=(entry,))
        st.button(
            "Delete",
            key=f"shelf.delete.{entry.id}",
            icon=":material/delete:",
            on_click=_delete,
            args=(entry,),
        )


def _create() -> None:
    name = (session.get("shelf.name") or "").strip() or "Our workbook"
    id = session.store().create(name, author=session.author())
    session.put("shelf.name", "")
    session.adopt(id)
    session.tell("done", f"Created {name}.")


def _rename(entry: WorkbookEntry) -> None:
    try:
        session.allow(entry.id, "answer")
        session.store().rename(
            entry.id, session.get(f"shelf.rename.{entry.id}") or "", author=session.author()
        )
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)


def _duplicate(entry: WorkbookEntry) -> None:
    if not _may(entry, "look"):
        return
    is_whole = signin.may(entry.id, "share")
    left_out = 0 if is_whole else portable.private_answers(session.store().events(entry.id))
    name = f"{entry.name[:110]} (copy)"
    id = session.store().duplicate(entry.id, name, author=session.author(), private=is_whole)
    dataset_access.pass_on(dataset_access.rights().of(entry.id), id)
    session.adopt(id)
    said = " Private ratings of people stayed behind: only an owner's copy holds them." if left_out else ""
    session.tell("done", f"Copied with its whole history. The copy is open now.{said}")


def _may(entry: WorkbookEntry, action: str) -> bool:
    try:
        session.allow(entry.id, action)
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return False
    return True


def _delete(entry: WorkbookEntry) -> None:
    if not _may(entry, "delete"):
        return
    session.store().delete(entry.id)
    if entry.id == session.workbook().id:
        session.leave()
    session.tell("done", f"Deleted {entry.name}. Bring it back at the end of this list.")


def _erasure(entry: WorkbookEntry) -> None:
    """The second step after Delete: nothing of it is left, and there is no way back."""
    with st.popover("Erase for good", key=f"shelf.erase.{entry.id}.box", icon=":material/delete_forever:"):
        st.markdown(
            "This erases the workbook's answers, history, rooms and uploads, and every data file that no other "
            "workbook uses: original, table, rejected rows. Nobody can bring it back."
        )
        st.button(
            "Erase this workbook",
            key=f"shelf.erase.{entry.id}",
            type="primary",
            on_click=_erase,
            args=(entry,),
        )


def _erase(entry: WorkbookEntry) -> None:
    if not _may(entry, "delete"):
        return
    try:
        said = erase.workbook(entry.id)
    except OSError as error:
        session.tell(
            "problem", f"Not all of {entry.name} could be erased: {error.strerror}.", "Erase it again."
        )
        return
    session.tell("done", f"{entry.name} is erased for good. {said}".strip())


def _bring_back(entry: WorkbookEntry) -> None:
    if not _may(entry, "delete"):
        return
    session.store().undelete(entry.id)
    session.tell("done", f"{entry.name} is back.")
