"""What stands at the door: security headers, identity cookie, closed addresses, limits on sockets and uploads."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import re
import secrets
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.ui.session import PERSON_COOKIE

CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check")
MAX_SOCKETS = 600
MAX_SOCKETS_PER_ADDRESS = 200  # a team behind one router fits; one machine cannot take every place
UPLOAD_QUOTA_MB = 2_000  # an hour and address; WORKBOOK_UPLOAD_QUOTA_MB changes it
KEY_COOKIE = "workbook_key"  # a browser's secret; the store keeps nothing it could be told from
_YEAR = 365 * 24 * 3600
_BESIDE = re.compile(r"/(join|w)(/|$)")  # the room's light pages hold no connection of these
_PLAIN_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body style="font: 18px/1.5 sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem">
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
"""
_FULL = _PLAIN_PAGE.format(
    title="Too many people have the workbook open just now",
    text="Close tabs of it that nobody needs, or load this page again in a minute. A workshop fits more people in its "
    "room: they join from their phones.",
)
_NOT_THERE = _PLAIN_PAGE.format(
    title="There is no such page", text='Check the address, or go to the <a href="/">start page</a>.'
)


@functools.cache
def content_security_policy() -> str:
    """The policy of every page: scripts only from here, nothing embedded elsewhere, no request to other hosts.

    Streamlit's page has one inline script; it is allowed by its hash. Styles are set inline by its widgets.
    """
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in inline
    )
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' 'wasm-unsafe-eval' {hashes}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def headers() -> list[tuple[bytes, bytes]]:
    """Headers of every answer that does not set them itself."""
    named = {
        "content-security-policy": content_security_policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cross-origin-opener-policy": "same-origin",
    }
    return [(name.encode(), value.encode()) for name, value in named.items()]


def upload_quota() -> int:
    """Bytes that one address may upload in an hour; a damaged setting counts as none."""
    named = os.environ.get("WORKBOOK_UPLOAD_QUOTA_MB", "")
    return (int(named) if named.isdigit() else UPLOAD_QUOTA_MB) * 1_000_000


class RequestGuard:
    """ASGI middleware around the whole server.

    Args:
        app: What stands behind it.
        known: Makes the check whether an address is there; called once, when the server has read its settings.
    """

    def __init__(self, app: ASGIApp, known: Callable[[], Callable[[Scope], bool]] | None = None) -> None:
        self.app = app
        self._is_known = known() if known else lambda _scope: True
        self._sockets: Counter[str] = Counter()
        self._quota = upload_quota()
        self._uploads: deque[tuple[float, str, int]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(scope)
            # A refusal gets the same headers as everything else.
            await (refusal or self.app)(scope, receive, _dressed(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope)
        if self._is_full(address):
            await send({"type": "websocket.close", "code": 1013, "reason": "too many visitors"})
            return
        self._sockets[address] += 1
        try:
            await self.app(scope, _beginning_with_the_page(receive), send)
        finally:
            self._sockets[address] -= 1
            self._sockets += Counter()  # forgets addresses that have none open

    def _is_full(self, address: str) -> bool:
        return self._sockets.total() >= MAX_SOCKETS or self._sockets[address] >= MAX_SOCKETS_PER_ADDRESS

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        path = scope["path"]
        if path.startswith(CLOSED) or not self._is_known(scope):
            return HTMLResponse(_NOT_THERE, 404) if _is_page(scope) else PlainTextResponse("not found", 404)
        if _is_page(scope) and not _BESIDE.match(path) and self._is_full(_address(scope)):
            # Without a connection the page would stay empty, and say nothing.
            return HTMLResponse(_FULL, status_code=503, headers={"retry-after": "60"})
        if (
            scope["method"] == "PUT"
            and path.startswith("/_stcore/upload_file")
            and self._is_over_quota(scope)
        ):
            return PlainTextResponse("too much uploaded in the last hour", status_code=429)
        return None

    def _is_over_quota(self, scope: Scope) -> bool:
        now, address = time.monotonic(), _address(scope)
        while self._uploads and self._uploads[0][0] < now - 3600:
            self._uploads.popleft()
        length = dict(scope["headers"]).get(b"content-length", b"0")
        size = int(length) if length.isdigit() else 0
        used = sum(bytes_ for _, who, bytes_ in self._uploads if who == address)
        if used + size > self._quota:
            return True
        self._uploads.append((now, address, size))
        return False


def _beginning_with_the_page(receive: Receive) -> Receive:
    """A `receive` whose first change of a connection draws the whole page, not only the field that was changed.

    A browser that comes back after the server was started again asks for a field the server does not know yet. That would
    draw nothing and say nothing, and the change would be lost in silence; the page's run says that it was lost.
    """
    has_begun = False

    async def checked() -> Message:
        nonlocal has_begun
        message = await receive()
        raw = message.get("bytes")
        if has_begun or not raw:
            return message
        asked = BackMsg()
        try:
            asked.ParseFromString(raw)
        except DecodeError:  # Streamlit's to refuse
            return message
        has_begun = asked.WhichOneof("type") == "rerun_script"
        if has_begun and asked.rerun_script.fragment_id:
            asked.rerun_script.fragment_id = ""
            return {**message, "bytes": asked.SerializeToString()}
        return message

    return checked


def _is_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _dressed(scope: Scope, send: Send) -> Send:
    """A `send` that adds the headers, and the identity and secret of a browser to a page of one without them."""
    request = dict(scope["headers"])
    jar = SimpleCookie()
    jar.load(request.get(b"cookie", b"").decode("latin-1"))
    is_page = _is_page(scope)
    extra = headers()
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    for name, value in ((PERSON_COOKIE, uuid.uuid4().hex), (KEY_COOKIE, secrets.token_urlsafe(24))):
        if is_page and name not in jar:
            cookie = f"{name}={value}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"
            extra.append((b"set-cookie", cookie.encode()))

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            new = [item for item in extra if item[0] == b"set-cookie" or item[0] not in there]
            message = {**message, "headers": [*message["headers"], *new]}
        await send(message)

    return dressed
