"""What the parts of the room's store (answers, undo) ask of the store they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from lib.room.model import Round
from lib.room.writer import Writer


class RoomStore(Protocol):
    """The store of all rooms, as its parts see it; see `lib.room.store.Rooms`."""

    engine: sa.Engine
    writer: Writer
    on_change: Callable[[str], None]

    def state(self, id: str) -> str:
        """Lobby | open | closed | revealed | ended."""
        ...

    def rounds(self, id: str) -> list[Round]:
        """All rounds of a room, oldest first."""
        ...

    def change(
        self,
        id: str,
        job: Callable[[sa.Connection], Any],
        label: str = "",
        need: tuple[str, str] | None = None,
    ) -> Any:
        """Run a job on a room in one transaction and tell whoever listens."""
        ...
