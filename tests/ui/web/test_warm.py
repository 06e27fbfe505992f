"""What a page is made of is loaded ahead of its first visitor."""

from __future__ import annotations

import importlib

from lib.ui.web import server


def test_every_page_is_loaded_ahead() -> None:
    found = server.page_modules()
    assert len(found) == len(list(server.PAGES.glob("*.py"))) >= 13
    assert {"lib.ui.summary.page", "lib.ui.room.page", "lib.ui.data.page"} <= set(found)
    assert all(hasattr(importlib.import_module(name), "render") for name in found)
