"""Opening the room to the local network: one switch, and only the participants' pages behind it.

The workbook itself stays on this computer. The switch starts a second listener that serves the join page, the
participants' page and the board, nothing else; closing it ends every phone's connection.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lib.errors import UserError
from lib.ui.room import live, routes
from lib.ui.web import hosts
from lib.ui.web.hosts import OwnHosts

PORT = int(os.environ.get("WORKBOOK_ROOM_PORT", "8600"))
_STARTS_WITHIN_SECONDS = 30  # at once, unless the machine is busy
_lock = threading.Lock()
_server: uvicorn.Server | None = None


def is_open() -> bool:
    """Whether phones on the local network can reach the room."""
    return _server is not None and _server.started and not _server.should_exit


def address() -> str:
    """The address of this computer on its network; nothing is sent to find it."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # a reserved address: connecting a datagram socket only picks a route
            host = probe.getsockname()[0]
        except OSError:
            host = "127.0.0.1"
    return f"http://{host}:{PORT}"


def open_lan(host: str = "0.0.0.0") -> None:  # noqa: S104  this is the switch
    """Start the listener.

    Raises:
        UserError: The port is taken.
    """
    global _server
    with _lock:
        if is_open():
            return
        _free(host)
        own_hosts = Middleware(OwnHosts, names=hosts.of_the_room)
        app = Starlette(routes=[*routes.routes(), Route("/", _home)], middleware=[own_hosts])
        config = uvicorn.Config(
            app,
            host=host,
            port=PORT,
            log_level="warning",
            timeout_graceful_shutdown=2,
            limit_concurrency=1500,
            server_header=False,
            access_log=False,
        )
        _server = uvicorn.Server(config)
        threading.Thread(target=_server.run, name="room-lan", daemon=True).start()
        for _ in range(_STARTS_WITHIN_SECONDS * 20):
            if _server.started:
                live.lan_address = address()
                return
            time.sleep(0.05)
        raise UserError("The room could not be opened to the network.", "Try again, or restart the workbook.")


def close_lan() -> None:
    """Stop the listener; phones lose their connection and keep their answers."""
    global _server
    with _lock:
        if _server is not None:
            _server.should_exit = True
            _server = None
        live.lan_address = ""


def _free(host: str) -> None:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, PORT))
        except OSError as error:
            remedy = "Close the other program, or set WORKBOOK_ROOM_PORT to a free port and restart."
            raise UserError(f"Port {PORT} is taken by another program.", remedy) from error


async def _home(_request: object) -> PlainTextResponse:
    return PlainTextResponse("Open /join to take part in the workshop.")


@contextlib.contextmanager
def opened(host: str = "127.0.0.1") -> Iterator[str]:
    """Open for the body's time; for tests and benchmarks."""
    open_lan(host)
    try:
        yield f"http://{host}:{PORT}"
    finally:
        close_lan()
