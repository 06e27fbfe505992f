"""A server that is told to stop ends the phones' open streams first, which it would wait for otherwise."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from lib.ui.room.live import Hub
from lib.ui.web import server
from tests.patience import SECONDS


@pytest.fixture
def told() -> Iterator[list[int]]:
    """Signals that reached the handler which stood before ours."""
    seen: list[int] = []
    before = {
        name: signal.signal(name, lambda number, _: seen.append(number))
        for name in (signal.SIGTERM, signal.SIGINT)
    }
    yield seen
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.parametrize("in_the_middle_of_news", [False, True])
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_and_the_server_still_hears_of_it(
    told: list[int], name: signal.Signals, in_the_middle_of_news: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub()
    monkeypatch.setattr(server, "hub", hub)

    async def stream() -> int:
        return len([change async for change in hub.listen("a room", who="Eva")])

    async def whole() -> list[int]:
        server.end_streams_when_stopped()
        phones = [asyncio.create_task(stream()) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert hub.listeners("a room") == 3
        if in_the_middle_of_news:
            hub.publish("a room")
            await asyncio.sleep(0.05)
        os.kill(os.getpid(), name)
        return await asyncio.wait_for(asyncio.gather(*phones), SECONDS)

    assert asyncio.run(whole()) == [1, 1, 1]  # the state at once, and then the end
    assert told == [name]
    assert hub.listeners("a room") == 0
    assert asyncio.run(stream()) == 0  # a phone that comes back in the last moment finds no place
