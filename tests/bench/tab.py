"""A browser tab of the workbook without a browser: the real websocket, messages as the page sends and gets them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SERVED, SERVED_FRAGMENT = 0, 3


class Tab:
    """One tab.

    Args:
        url: The server, http://127.0.0.1:8501.
        page: Address of the page: "team".
        book: The workbook's id.
    """

    def __init__(self, url: str, page: str, book: str) -> None:
        self.url, self.page, self.book = url, page, book
        self.states: dict[str, Any] = {}  # widget id -> text or list of texts
        self.times: list[float] = []  # seconds from a change to the end of the run that served it
        self.waiting: list[float] = []
        self.session, self._hash, self._began = "", "", 0.0
        self._cached: set[str] = set()
        self._ended = asyncio.Event()
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._parts: set[str] = set()  # fragments of the run that goes on, none for the whole page

    def seen(self, message: ForwardMsg) -> None:
        """What a kind of tab looks for in the messages."""

    def _message(
        self, fragment: str = "", *, first: bool = False, press: str = "", upload: Any = None
    ) -> bytes:
        whole = BackMsg()
        rerun = whole.rerun_script
        rerun.query_string = f"workbook={self.book}"
        rerun.widget_states.SetInParent()
        rerun.context_info.timezone, rerun.context_info.locale = "UTC", "en-US"
        rerun.context_info.url = f"{self.url}/{self.page}"
        rerun.fragment_id = fragment
        if first:
            rerun.page_name = self.page
        else:
            rerun.page_script_hash = self._hash
        for id, value in self.states.items():
            widget = rerun.widget_states.widgets.add()
            widget.id = id
            if isinstance(value, str):
                widget.string_value = value
            else:
                widget.string_array_value.data.extend(value)
        if press:
            widget = rerun.widget_states.widgets.add()
            widget.id, widget.trigger_value = press, True
        if upload:
            widget = rerun.widget_states.widgets.add()
            widget.id, name, size, urls = upload
            file = widget.file_uploader_state_value.uploaded_file_info.add()
            file.file_id, file.name, file.size = urls.file_id, name, size
            file.file_urls.CopyFrom(urls)
        rerun.cached_message_hashes.extend(self._cached)
        return whole.SerializeToString()

    async def _read(self) -> None:
        async for raw in self.socket:
            message = ForwardMsg()
            message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if message.metadata.cacheable and message.hash:
                self._cached.add(message.hash)
            self.seen(message)
            if kind == "new_session":
                self._began = time.perf_counter()
                self.session = message.new_session.initialize.session_id or self.session
                self._hash = message.new_session.page_script_hash or self._hash
                self._parts = set(message.metadata.run.fragment_ids)
                if not self._parts:  # a whole page puts up its timers anew
                    self._stop(list(self._timers))
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash or self._hash
            elif kind == "auto_rerun":
                self._again(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "stop_auto_rerun":
                self._stop(message.stop_auto_rerun.fragment_ids)
            elif kind == "script_finished" and message.script_finished in (SERVED, SERVED_FRAGMENT):
                self._served()

    def _served(self) -> None:
        if (
            self._parts and self._parts <= self._timers.keys()
        ):  # a part drew itself again: nobody waited for that
            return
        now = time.perf_counter()
        self.times += [now - sent for sent in self.waiting if sent <= self._began]
        self.waiting = [sent for sent in self.waiting if sent > self._began]
        if not self.waiting:
            self._ended.set()

    def _again(self, fragment: str, seconds: float) -> None:
        """Parts of a page that draw themselves again do so, as in a browser."""

        async def poll() -> None:
            while True:
                await asyncio.sleep(seconds)
                await self.socket.send(self._message(fragment))

        if fragment not in self._timers:  # as in a browser: said again, it goes on counting
            self._timers[fragment] = asyncio.create_task(poll())

    def _stop(self, fragments: Iterable[str]) -> None:
        for fragment in fragments:
            if timer := self._timers.pop(fragment, None):
                timer.cancel()

    async def open(self) -> None:
        """Open the page and wait until it is drawn."""
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket = await websockets.connect(address, subprotocols=[websockets.Subprotocol("streamlit")],
                                               max_size=2**28, ping_interval=None, open_timeout=60, compression=None)  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        await self.run(first=True)
        self.times.clear()

    async def run(self, **how: Any) -> None:
        """Run the page and wait for its end; `press` names a button, `upload` a file."""
        self._ended.clear()
        self.waiting.append(time.perf_counter())
        await self.socket.send(self._message(**how))
        await asyncio.wait_for(self._ended.wait(), 120)

    async def send(self, fragment: str = "") -> None:
        """Send what was changed; the time until it is served is counted."""
        self.waiting.append(time.perf_counter())
        await self.socket.send(self._message(fragment))

    async def close(self) -> None:
        """Leave."""
        for timer in (self._reader, *self._timers.values()):
            timer.cancel()
        await self.socket.close()
