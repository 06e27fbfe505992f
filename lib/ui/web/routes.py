"""What the server answers beside the pages: the room's light pages, the start page under its own name, its health."""

from __future__ import annotations

import logging
import threading
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from lib.ui.kit import unsaved
from lib.ui.room import routes as room_routes
from lib.workbook import health
from lib.workbook.home import home
from lib.workbook.store import open_store

_EVERY_SECONDS = 1.0  # whoever asks more often gets the last answer: each check is a write
log = logging.getLogger("workbook")


def routes() -> list[Route]:
    """All addresses beside the pages."""
    return [
        Route("/start", _start, methods=["GET"]),
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/readyz", _readyz, methods=["GET"]),
        Route(unsaved.ADDRESS, _unsaved, methods=["GET"]),
        *room_routes.routes(),
    ]


async def _start(request: Request) -> RedirectResponse:
    """The start page lives at the root; a link that names it leads there and keeps its workbook."""
    query = request.url.query
    return RedirectResponse("/" + (f"?{query}" if query else ""), 307)


async def _healthz(_request: Request) -> JSONResponse:
    """The process answers; nothing else is touched, so that a slow disk does not get it restarted."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


async def _readyz(_request: Request) -> JSONResponse:
    """Answers can be saved: the store was written and read within the last second."""
    is_ready = await run_in_threadpool(readiness.is_ready)
    body = {"status": "ok" if is_ready else "the store cannot be written"}
    return JSONResponse(body, 200 if is_ready else 503, headers={"cache-control": "no-store"})


async def _unsaved(_request: Request) -> FileResponse:
    """The script that keeps what is typed until it is saved."""
    headers = {"cache-control": "no-cache"}
    return FileResponse(unsaved.SCRIPT, media_type="text/javascript", headers=headers)


class Readiness:
    """Whether the store can be written, looked at once a second at most however many ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._is_ready = False

    def is_ready(self) -> bool:
        """What the last look found; a new look where that is too old."""
        with self._lock:
            if time.monotonic() - self._looked_at >= _EVERY_SECONDS:
                self._is_ready = self._look()
                self._looked_at = time.monotonic()
            return self._is_ready

    def _look(self) -> bool:
        try:
            health.check(open_store(home()).engine)
        except Exception as error:  # noqa: BLE001 - whatever it is, a machine is told no, and the log why
            log.error("the store cannot be written: %s", type(error).__name__)
            return False
        return True


readiness = Readiness()
