"""A room under load on the real server: `python -m tests.bench.room_load [--people 100] [--seconds 60]`.

Every participant keeps an event stream open and answers every two seconds; a board and a facilitator's
stream listen. Counts what the store holds against what was acknowledged, and prints the time from answer to
acknowledgement.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path

import psutil

from lib.room.questions import Option, Question
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.e2e.support import Server

EVERY = 2.0


class Client:
    """One participant: a keep-alive connection for answers, another for the event stream."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.reader: asyncio.StreamReader | None = None
        self.times: list[float] = []
        self.acknowledged = 0
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

    async def listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET /w/events HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: room={self.cookie}\r\n\r\n".encode()
        )
        while line := await reader.readline():
            self.events += line.startswith(b"data:")

    async def run(self, round: str, questions: int, seconds: float) -> None:
        await asyncio.sleep(random.random() * EVERY)
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end and number < questions:
            start = time.perf_counter()
            body = {
                "round": round,
                "question": f"q{number}",
                "value": random.choice(["a", "b"]),
                "sequence": 1,
            }
            if await self.post(body) == 200:
                self.acknowledged += 1
                self.times.append(time.perf_counter() - start)
            number += 1
            await asyncio.sleep(max(0, EVERY - (time.perf_counter() - start)))


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000


async def drive(port: int, cookies: list[str], round: str, questions: int, seconds: float) -> list[Client]:
    clients = [Client(port, cookie) for cookie in cookies]
    streams = [asyncio.create_task(client.listen()) for client in clients]
    await asyncio.sleep(2)
    await asyncio.gather(*(client.run(round, questions, seconds) for client in clients))
    for stream in streams:
        stream.cancel()
    return clients


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = Server(home)
        server.start()
        try:
            report(home, server, args.people, args.seconds)
        finally:
            server.stop()


def report(home: Path, server: Server, people: int, seconds: float) -> None:
    rooms = Rooms(Store(home).engine, home)
    room, _, _ = rooms.open("w", "Load", "hour")
    rooms.step(room.id, "facilitator", 1)
    count = int(seconds / EVERY) + 2
    asked = [
        Question(f"q{n}", "single", f"Question {n}?", (Option("a", "A"), Option("b", "B")))
        for n in range(count)
    ]
    round = rooms.open_round(room.id, "facilitator", asked)
    joined = [rooms.join(room.id, f"P{n}", "growth") for n in range(people)]
    cookies = [rooms.signer.sign(room.id, person.id, token) for person, token in joined]
    process = psutil.Process(server._process.pid)
    before, cpu = process.memory_info().rss, process.cpu_times()
    start = time.monotonic()
    clients = asyncio.run(drive(server.port, cookies, round.id, count, seconds))
    used = process.cpu_times()
    share = (used.user + used.system - cpu.user - cpu.system) / (time.monotonic() - start) * 100
    times = [t for client in clients for t in client.times]
    sent = sum(client.acknowledged for client in clients)
    rooms.set_state(room.id, "facilitator", "close_round")
    rooms.set_state(room.id, "facilitator", "reveal")
    stored = len(rooms.ballots.answers(room.id, "owner", round))
    memory = (process.memory_info().rss - before) / 1e6 / people
    print(
        "| people | answers acknowledged | in the store | p50 ms | p95 ms | max ms | server CPU | MB per person |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print(f"| {people} | {sent} | {stored} | {percentile(times, 0.5):.1f} | {percentile(times, 0.95):.1f} "
          f"| {max(times) * 1000:.0f} | {share:.0f} % | {memory:.2f} |")  # fmt: skip
    if stored != sent:
        raise SystemExit("answers were lost")


if __name__ == "__main__":
    main()
