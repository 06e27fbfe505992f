"""What the server answers beside the pages: the room's light pages, and the start page under its own name."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from lib.ui.room import routes as room_routes


def routes() -> list[Route]:
    """All addresses beside the pages."""
    return [Route("/start", _start, methods=["GET"]), *room_routes.routes()]


async def _start(request: Request) -> RedirectResponse:
    """The start page lives at the root; a link that names it leads there and keeps its workbook."""
    query = request.url.query
    return RedirectResponse("/" + (f"?{query}" if query else ""), 307)
