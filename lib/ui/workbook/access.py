"""Who may open a workbook: shown on the workbook page where people sign in, changed by its owners."""

from __future__ import annotations

import streamlit as st

from lib.errors import UserError
from lib.ui import session
from lib.ui.kit.evidence_view import plain
from lib.ui.web import signin
from lib.workbook.members import ROLES


def draw() -> None:
    """The members with their roles; nothing where nobody signs in or no workbook is open."""
    id = session.snapshot().id
    if not signin.is_on() or not id:
        return
    st.subheader("Who may open this workbook", anchor=False)
    is_owner = signin.may(id, "share")
    for member in signin.members().of(id):
        with st.container(horizontal=True, vertical_alignment="center", key=f"access-{member.who}"):
            st.markdown(f"**{plain(member.who)}**  \n:small[{ROLES[member.role]}]", width="stretch")
            if is_owner:
                st.button(
                    "Remove", key=f"access.remove.{member.who}", on_click=_remove, args=(id, member.who)
                )
    if not is_owner:
        st.markdown(":small[Only an owner changes who may open it.]")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "E-mail address", key="access.who", max_chars=200, placeholder="ann@example.com", width=320
        )
        st.selectbox(
            "Role", list(ROLES), index=1, format_func=ROLES.__getitem__, key="access.role", width=160
        )
        st.button("Give access", key="access.give", icon=":material/person_add:", on_click=_give, args=(id,))
    st.markdown(":small[Owners share and delete, editors answer, viewers only look.]")


def _give(id: str) -> None:
    if _grant(id, session.get("access.who") or "", session.get("access.role")):
        session.put("access.who", "")


def _remove(id: str, who: str) -> None:
    _grant(id, who, "")


def _grant(id: str, who: str, role: str) -> bool:
    """Give a role or take it away; whether it was done."""
    try:
        signin.members().grant(signin.who(), id, who, role)
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return False
    session.tell("done", f"{who} is {ROLES[role].lower()} now." if role else f"{who} has no access any more.")
    return True
