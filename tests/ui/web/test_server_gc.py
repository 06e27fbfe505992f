"""Full garbage collections do not interrupt visitors."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from lib.ui.web import server


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_at_the_start_is_not_looked_at_again() -> None:
    before = len(gc.get_objects())
    server.check_gc()
    assert gc.get_freeze_count() > 0.9 * before > len(gc.get_objects())
