"""A room on a store of its own; the fixtures are in `tests/room/setting.py`."""

from tests.room.setting import door, served, setting

__all__ = ["door", "served", "setting"]
