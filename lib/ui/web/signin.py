"""Signing in, for an installation that others reach: off unless the server's secrets name an identity provider.

With `[auth]` in `.streamlit/secrets.toml` (OpenID Connect, see README) every page asks who somebody is first, and a
workbook opens only for its members. Signing in says who somebody is; `lib/workbook/members.py` says what they may do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib.errors import NotAllowedError
from lib.workbook import home as homes
from lib.workbook.members import Members
from lib.workbook.store import open_store


@functools.cache
def is_on() -> bool:
    """Whether this installation asks people to sign in."""
    try:
        return "auth" in st.secrets
    except (FileNotFoundError, StreamlitAPIException):
        return False


def who() -> str:
    """The signed-in person's e-mail address, "" without sign-in."""
    if not is_on() or not st.user.get("is_logged_in"):
        return ""
    return str(st.user.get("email") or "").lower()


@functools.cache
def _members(home: Path) -> Members:
    return Members(open_store(home).engine)


def members() -> Members:
    """The members of this installation's workbooks."""
    return _members(homes.home())


def ask() -> bool:
    """Draw the sign-in page where it is needed.

    Returns:
        Whether the visitor may go on.
    """
    if not is_on() or who():
        return True
    st.title("Sign in to open your workbooks", anchor=False)
    if st.user.get("is_logged_in"):
        st.error("Your account gave no e-mail address. Sign in with another account.")
        st.button("Sign out", on_click=st.logout)
    else:
        st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login)
    return False


def may(workbook: str, action: str) -> bool:
    """Whether the visitor may look at, answer in, share or delete a workbook."""
    return later(workbook, action)()


def later(workbook: str, action: str) -> Callable[[], bool]:
    """`may` for this visitor, to be asked once more when there is no visit to ask about (a download that is made later)."""
    if not is_on():
        return lambda: True
    asking, known = who(), members()

    def may_still() -> bool:
        try:
            known.require(workbook, asking, action)
        except NotAllowedError:
            return False
        return True

    return may_still


def mine(action: str) -> set[str] | None:
    """Ids of the workbooks in which the visitor may do this; None for all of them, where nobody signs in."""
    if not is_on():
        return None
    return {id for id in members().workbooks(who()) if may(id, action)}


def claim(workbook: str) -> None:
    """Make the visitor the owner of a workbook that they just made."""
    if is_on():
        members().claim(workbook, who())
