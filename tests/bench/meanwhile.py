"""Other work in the same server while people answer: decks are made and a file is read, over and over, as a browser would ask."""

from __future__ import annotations

import asyncio
import itertools
import urllib.request
import uuid
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.engine.datasets import demo
from lib.workbook.store import Store
from tests.bench.tab import Tab

FILE = "events"  # slot of the demo company: its largest file


class Busy:
    """Makes decks and reads files until it is stopped.

    Args:
        url: The server.
        home: Its WORKBOOK_HOME.
        book: The workbook whose deck is made.
    """

    def __init__(self, url: str, home: Path, book: str) -> None:
        self.url, self.home, self.book = url, home, book
        self.decks, self.files, self.deck_bytes = 0, 0, 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._make()), asyncio.create_task(self._read())]

    async def stop(self) -> str:
        """End; returns what was done."""
        problems = [task.exception() for task in self._tasks if task.done()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if problems:
            raise SystemExit(f"the other work broke off: {problems}")
        return f"Meanwhile {self.decks} decks ({self.deck_bytes / 1e6:.1f} MB) were made and {self.files} files read."

    async def _make(self) -> None:
        tab = Downloads(self.url, "summary", self.book)
        await tab.open()
        store = Store(self.home)
        for number in itertools.count(1):
            store.save(self.book, "summary/title", f"Deck {number}", author="Bench")
            await tab.run()  # the page learns of the change
            address = await tab.deferred("summary.download.pptx")
            data = await asyncio.to_thread(_get, self.url + address)
            assert data[:2] == b"PK", data[:80]
            self.decks, self.deck_bytes = self.decks + 1, self.deck_bytes + len(data)

    async def _read(self) -> None:
        data = demo.files()[FILE].read_bytes()
        while True:
            tab = Uploads(self.url, "data", self.book)
            await tab.open()
            await tab.give(FILE + ".csv.gz", data)
            self.files += 1
            await tab.close()


class Downloads(Tab):
    """A tab that presses download buttons."""

    def __init__(self, url: str, page: str, book: str) -> None:
        super().__init__(url, page, book)
        self.buttons: dict[str, str] = {}
        self._answer: asyncio.Queue[ForwardMsg] = asyncio.Queue()

    def seen(self, message: ForwardMsg) -> None:
        """Remember the newest file of each button."""
        kind = message.WhichOneof("type")
        if kind == "backend_operation_response":
            self._answer.put_nowait(message)
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "download_button":
            button = message.delta.new_element.download_button
            self.buttons[button.id.split("-", 2)[2]] = button.deferred_file_id

    async def deferred(self, key: str) -> str:
        """Press; returns the address of the file once it is made."""
        whole = BackMsg()
        asked = whole.backend_operation_request
        asked.request_id, asked.session_id = uuid.uuid4().hex, self.session
        asked.deferred_file.file_id = self.buttons[key]
        await self.socket.send(whole.SerializeToString())
        reply = (await asyncio.wait_for(self._answer.get(), 120)).backend_operation_response
        assert not reply.error_msg, reply.error_msg
        return reply.deferred_file.url


class Uploads(Tab):
    """A tab that gives files."""

    def __init__(self, url: str, page: str, book: str) -> None:
        super().__init__(url, page, book)
        self.uploader = ""
        self._urls: asyncio.Queue[ForwardMsg] = asyncio.Queue()

    def seen(self, message: ForwardMsg) -> None:
        """Remember the uploader and where its files go."""
        kind = message.WhichOneof("type")
        if kind == "file_urls_response":
            self._urls.put_nowait(message)
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "file_uploader":
            self.uploader = message.delta.new_element.file_uploader.id

    async def give(self, name: str, data: bytes) -> None:
        """Upload a file and wait until the page has taken it."""
        whole = BackMsg()
        whole.file_urls_request.request_id = uuid.uuid4().hex
        whole.file_urls_request.file_names.append(name)
        whole.file_urls_request.session_id = self.session
        await self.socket.send(whole.SerializeToString())
        urls = (await asyncio.wait_for(self._urls.get(), 60)).file_urls_response.file_urls[0]
        await asyncio.to_thread(_put, self.url, urls.upload_url, name, data)
        await self.run(upload=(self.uploader, name, len(data), urls))


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310
        return answer.read()


def _put(url: str, path: str, name: str, data: bytes) -> None:
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60) as first:  # noqa: S310
        set_ones = first.headers.get_all("Set-Cookie") or []
    cookie = next(item.partition(";")[0] for item in set_ones if item.startswith("_streamlit_xsrf"))
    edge = uuid.uuid4().hex
    body = (f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/gzip\r\n\r\n").encode() + data + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Cookie": cookie,
               "X-Xsrftoken": cookie.partition("=")[2].strip('"')}  # fmt: skip
    request = urllib.request.Request(url + "/" + path.lstrip("/"), body, headers, method="PUT")  # noqa: S310
    urllib.request.urlopen(request, timeout=120).close()  # noqa: S310
