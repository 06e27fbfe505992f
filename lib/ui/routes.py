"""What the server answers beside the pages: the room's light pages."""

from __future__ import annotations

from starlette.routing import Route

from lib.ui import room_routes


def routes() -> list[Route]:
    """All addresses beside the pages."""
    return room_routes.routes()
