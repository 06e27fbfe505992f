"""A room under load on the real server: `python -m tests.bench.room_load [--people 100] [--seconds 60]`.

Every participant keeps an event stream open and answers every two seconds. A facilitator has the room's page open, with
the parts of it that draw themselves again, and the board that it shows; a projector has another board. Counts what the
store holds against what was acknowledged, and prints the time from answer to acknowledgement.

With `--meanwhile`, decks are made and a file is read in the same server at the same time. Over more than two minutes the
server's memory is printed minute by minute (`--people 50 --seconds 600`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.room.questions import AnswerOption, RoomQuestion
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.bench.meanwhile import Busy
from tests.bench.tab import Tab
from tests.e2e.screens import make_example
from tests.e2e.support import Server

EVERY = 2.0
QUESTIONS = 40  # a longer run changes answers given before


class Client:
    """One participant: a keep-alive connection for answers, another for the event stream."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.reader: asyncio.StreamReader | None = None
        self.times: list[float] = []
        self.acknowledged = 0
        self.last: dict[str, str] = {}
        self.events = 0

    async def post(self, body: dict) -> int:
        if self.reader is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = json.dumps(body).encode()
        head = (f"POST /w/answer HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: room={self.cookie}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n")  # fmt: skip
        self.writer.write(head.encode() + data)
        status = int((await self.reader.readline()).split()[1])
        length = 0
        while (line := await self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        await self.reader.readexactly(length)
        return status

    async def listen(self, path: str = "/w/events", cookie: str = "room") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookie}={self.cookie}\r\n\r\n"
        writer.write(head.encode())
        while line := await reader.readline():
            self.events += line.startswith(b"data:")

    async def run(self, round: str, questions: int, seconds: float) -> None:
        await asyncio.sleep(random.random() * EVERY)
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            start = time.perf_counter()
            question, value = f"q{number % questions}", random.choice(["a", "b"])
            body = {"round": round, "question": question, "value": value, "sequence": number + 1}
            if await self.post(body) == 200:
                self.acknowledged += 1
                self.last[question] = value
                self.times.append(time.perf_counter() - start)
            number += 1
            await asyncio.sleep(max(0, EVERY - (time.perf_counter() - start)))


class Host(Tab):
    """The facilitator's page, running."""

    def __init__(self, url: str, book: str) -> None:
        super().__init__(url, "room", book)
        self.buttons: dict[str, str] = {}

    def seen(self, message: ForwardMsg) -> None:
        """Find the buttons."""
        if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "button":
            id = message.delta.new_element.button.id
            self.buttons[id.split("-", 2)[2]] = id

    async def take_over(self) -> None:
        """Open the page and facilitate."""
        await self.open()
        await self.run(press=self.buttons["room.takeover"])
        assert "room.close" in self.buttons, sorted(self.buttons)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000


async def drive(load: Load, cookies: list[str], seconds: float) -> list[Client]:
    host = Host(f"http://127.0.0.1:{load.port}", load.book)
    await host.take_over()
    key = load.rooms.board_key(load.room)
    boards = [Client(load.port, load.rooms.signer.sign(load.room, "board", key)) for _ in range(2)]
    clients = [Client(load.port, cookie) for cookie in cookies]
    streams = [asyncio.create_task(client.listen()) for client in clients]
    streams += [
        asyncio.create_task(board.listen(f"/w/board/events?room={load.room}", f"room_board_{load.room}"))
        for board in boards
    ]
    if load.busy:
        await load.busy.start()
    await asyncio.sleep(3)
    load.used = load.cpu()
    watch = asyncio.create_task(load.watch())
    await asyncio.gather(*(client.run(load.round, QUESTIONS, seconds) for client in clients))
    load.used = load.cpu() - load.used
    watch.cancel()
    if load.busy:
        print(await load.busy.stop())
    for stream in streams:
        stream.cancel()
    load.board_events = min(board.events for board in boards)
    await host.close()
    return clients


@dataclass
class Load:
    """One room on a running server, and what is measured of it."""

    rooms: Rooms
    room: str
    round: str
    book: str
    port: int
    process: psutil.Process
    busy: Busy | None
    used: float = 0.0
    board_events: int = 0
    sizes: list[float] = field(default_factory=list)

    def cpu(self) -> float:
        """Processor seconds of the server so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    async def watch(self) -> None:
        """Note the server's resident memory (MB) every ten seconds."""
        while True:
            self.sizes.append(self.process.memory_info().rss / 1e6)
            await asyncio.sleep(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--meanwhile", action="store_true", help="make decks and read a file at the same time"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        book = make_example(home)
        server = Server(home)
        server.start()
        try:
            busy = Busy(server.url, home, book) if args.meanwhile else None
            report(home, server, book, args.people, args.seconds, busy)
        finally:
            server.stop()


def report(home: Path, server: Server, book: str, people: int, seconds: float, busy: Busy | None) -> None:
    """Run and print one row, and the memory where it took long."""
    rooms = Rooms(Store(home).engine, home)
    room, _, _ = rooms.open(book, "Load", "hour")
    rooms.step(room.id, "facilitator", 1)
    options = (AnswerOption("a", "A"), AnswerOption("b", "B"))
    asked = [RoomQuestion(f"q{n}", "single", f"Question {n}?", options) for n in range(QUESTIONS)]
    round = rooms.open_round(room.id, "facilitator", asked)
    joined = [rooms.join(room.id, f"P{n}", "growth") for n in range(people)]
    cookies = [rooms.signer.sign(room.id, person.id, token) for person, token in joined]
    load = Load(rooms, room.id, round.id, book, server.port, psutil.Process(server.pid), busy)
    before = load.process.memory_info().rss
    clients = asyncio.run(drive(load, cookies, seconds))
    times = [t for client in clients for t in client.times]
    sent = sum(client.acknowledged for client in clients)
    distinct = sum(len(client.last) for client in clients)
    rooms.set_state(room.id, "facilitator", "close_round")
    rooms.set_state(room.id, "facilitator", "reveal")
    stored = {(x.participant, x.question): x.value for x in rooms.ballots.answers(room.id, "owner", round)}
    wrong = [(person.id, question) for (person, _), client in zip(joined, clients, strict=True)
             for question, value in client.last.items() if stored.get((person.id, question)) != value]  # fmt: skip
    memory = (load.process.memory_info().rss - before) / 1e6 / people
    print("| people | answers acknowledged | different ones | in the store | p50 ms | p95 ms | max ms | server CPU "
          "| MB a person | board events |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(f"| {people} | {sent} | {distinct} | {len(stored)} | {percentile(times, 0.5):.1f} | {percentile(times, 0.95):.1f} "
          f"| {max(times) * 1000:.0f} | {load.used / seconds * 100:.0f} % | {memory:.2f} | {load.board_events} |")  # fmt: skip
    if seconds > 120:
        minutes = [f"{size:.0f}" for size in load.sizes[::6]]
        print(f"server memory by minute, MB: {' '.join(minutes)}")
    if wrong or len(stored) != distinct:
        raise SystemExit(f"answers were lost: {wrong[:5]}")


if __name__ == "__main__":
    main()
