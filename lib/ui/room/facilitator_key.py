"""Who facilitates a room: a browser is itself again after a reload and a restart, without being asked.

The server gives every browser a secret with its first page, as a cookie that no script reads. A room's facilitator key is
made from that secret, and the store keeps the key's digest alone: neither another browser nor whoever reads the
store becomes the facilitator. Two tabs of one browser are the same facilitator.
"""

from __future__ import annotations

import re

import streamlit as st

from lib.errors import NotAllowedError
from lib.room import join_codes
from lib.ui import session
from lib.ui.room.live import rooms
from lib.ui.web import signin
from lib.ui.web.http_security import KEY_COOKIE

_SHAPE = re.compile(r"[\w-]{22,64}")
_VISIT = "room.key"


def browser() -> str:
    """This browser's secret with the signed-in person's address; of this visit alone where cookies are off."""
    cookie = st.context.cookies.get(KEY_COOKIE)
    secret = cookie if isinstance(cookie, str) and _SHAPE.fullmatch(cookie) else session.get(_VISIT)
    if not secret:
        secret = join_codes.new_token()
        session.put(_VISIT, secret)
    return f"{secret}/{signin.who()}"


def is_mine(id: str) -> bool:
    """Whether this browser facilitates the room."""
    return rooms().is_host(id, rooms().signer.host_key(id, browser()))


def require(id: str) -> None:
    """Refuse whoever does not facilitate the room (any more). After its end, everybody who may change the workbook does.

    Args:
        id: The room.

    Raises:
        NotAllowedError: Somebody else took over, or the visitor may not change the workbook.
    """
    room = rooms().get(id)
    session.allow(room.workbook, "answer")
    if not room.ended_at and not is_mine(id):
        raise NotAllowedError(
            "Somebody else is facilitating now, so nothing was changed.", "Take over to act again."
        )


def board(id: str) -> str:
    """Address of the room's projector view, with its key."""
    name = f"room.board.{id}"
    if not session.get(name):
        session.put(name, rooms().board_key(id))
    return f"/w/board?room={id}&key={session.get(name)}"
