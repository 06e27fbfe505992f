"""Whose name a request may carry: a site whose name somebody points at this machine gets no answer (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HEADERS = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}


def host_name(header: str) -> str:
    """The name in a Host header, in lower case without port; "" for a damaged one.

    >>> host_name("Workbook.Example:8501"), host_name("[::1]:80"), host_name("a@b"), host_name("a/b")
    ('workbook.example', '::1', '', '')
    """
    try:
        parts = urlsplit(f"//{header}")
        has_port = parts.port is not None or not parts.netloc.endswith(":")
    except ValueError:  # no number, or brackets that do not close
        return ""
    is_plain = parts.netloc == header and "@" not in header and has_port
    return (parts.hostname or "").rstrip(".") if is_plain else ""


def is_one_of(name: str, allowed: tuple[str, ...]) -> bool:
    """Whether a name is in a list that may hold `*` and `*.example.com`.

    >>> is_one_of("a.example.com", ("*.example.com",)), is_one_of("example.com", ("*.example.com",))
    (True, False)
    """
    patterns = [pattern.strip().lower().rstrip(".") for pattern in allowed]
    return any(
        pattern in (name, "*") or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in patterns
    )


def of_the_workbook() -> Callable[[str], bool]:
    """The names of the workbook's own address: `server.allowedHosts`, this computer alone where that is empty."""
    allowed = tuple(config.get_option("server.allowedHosts") or LOOPBACK)
    return lambda name: is_one_of(name, allowed)


def of_the_room() -> Callable[[str], bool]:
    """The names of the room's address on the local network: any number, this computer's names, `server.allowedHosts`.

    A number is safe: a browser sends it only where a person, not a foreign site's name, led it there.
    """
    own = socket.gethostname().lower()
    allowed = (
        *LOOPBACK,
        own,
        f"{own.partition('.')[0]}.local",
        *(config.get_option("server.allowedHosts") or ()),
    )
    return lambda name: _is_number(name) or is_one_of(name, allowed)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class OwnHosts:
    """ASGI middleware: refuses what names another host, on every route and for pages, files and connections alike.

    Args:
        app: What stands behind it.
        names: Makes the check of a name; called once, when the server has read its settings.
    """

    def __init__(self, app: ASGIApp, names: Callable[[], Callable[[str], bool]]) -> None:
        self.app = app
        self._is_ours = names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket") or self._is_own(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign host"})
        else:
            refusal = PlainTextResponse("This server has another name.", status_code=421, headers=_HEADERS)
            await refusal(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        names = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
        name = host_name(names[0]) if len(names) == 1 else ""
        return bool(name) and self._is_ours(name)
