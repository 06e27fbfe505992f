"""People saving in the Streamlit workbook itself: `python -m tests.bench.workbook_load [--people 50] [--seconds 60]`.

Everybody opens a page of the same finished example over the real websocket. The first ones take a text field each (of the
workbook, handoff and stage pages); everybody else rates a person on the team page, which is each visitor's
own answer. All change something every two seconds. Printed is the time from the change to the end of the run that
served it (what a person sees as "done"), and whether every last change stands in the workbook.

With `--meanwhile`, decks are made and a file is read in the same server at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.workbook.store import Store
from tests.bench.meanwhile import Busy
from tests.bench.room_load import percentile
from tests.bench.tab import Tab
from tests.e2e.screens import make_example
from tests.e2e.support import Server

EVERY = 2.0
PAGES: tuple[str, ...] = ("workbook", "handoff_map", "stage_choice")
OTHERS = "team"


@dataclass(frozen=True)
class Field:
    """A widget of the page: its id, and the fragment it belongs to ("" for the page)."""

    id: str
    fragment: str
    is_rating: bool


class Person(Tab):
    """One person with a field of their own."""

    def __init__(self, number: int, url: str, page: str, book: str) -> None:
        super().__init__(url, page, book)
        self.number, self.sent = number, 0
        self.fields: dict[str, Field] = {}
        self.mine: list[str] = []

    def seen(self, message: ForwardMsg) -> None:
        """Find the fields."""
        if message.WhichOneof("type") != "delta":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in ("text_input", "text_area", "button_group"):
            id = getattr(element, kind).id
            self.fields[id.split("-", 2)[2]] = Field(id, message.delta.fragment_id, kind == "button_group")

    def choose(self, taken: set[str]) -> bool:
        """Take a text field nobody has yet, or on the team page one's own ratings; whether there was one."""
        ratings = sorted(key for key in self.fields if key.startswith("team.rate."))
        texts = [key for key, item in sorted(self.fields.items())
                 if key.startswith("answer.") and not item.is_rating and key not in taken]  # fmt: skip
        self.mine = ratings or texts[:1]
        taken.update(texts[:1])
        return bool(self.mine)

    def change(self) -> str:
        """Change one's field; returns the fragment to run."""
        key = self.mine[self.sent % len(self.mine)]
        self.sent += 1
        item = self.fields[key]
        rating = 1 + (self.sent // len(self.mine) + self.number) % 5
        self.states[item.id] = [str(rating)] if item.is_rating else f"person {self.number} text {self.sent}"
        return item.fragment

    async def save(self, end: float) -> None:
        """Change something every EVERY seconds until `end`."""
        await asyncio.sleep(random.random() * EVERY)
        while time.perf_counter() < end:
            start = time.perf_counter()
            await self.send(self.change())
            await asyncio.sleep(max(0.0, EVERY * random.uniform(0.8, 1.2) - (time.perf_counter() - start)))


async def seat(url: str, book: str, people: int) -> list[Person]:
    """Open a page for everybody: the text fields first, the team page for all others."""
    taken: set[str] = set()
    crowd: list[Person] = []
    pages: list[str] = list(PAGES)
    while len(crowd) < people:
        page = pages[len(crowd) % len(pages)] if pages else OTHERS
        person = Person(len(crowd), url, page, book)
        await person.open()
        await asyncio.sleep(0.05)
        if person.choose(taken):
            crowd.append(person)
        elif not pages:
            raise SystemExit(f"nothing to change on {page}: {sorted(person.fields)[:8]}")
        else:  # all fields of this page are taken
            await person.close()
            pages.remove(page)
    return crowd


async def drive(
    url: str, home: Path, book: str, people: int, seconds: float, process: psutil.Process, busy: Busy | None
) -> tuple[list[Person], float]:
    """Everybody takes a seat, then all save at once; returns the people and the server's processor seconds."""
    crowd = await seat(url, book, people)
    if busy:
        await busy.start()
    await asyncio.sleep(2)
    before = process.cpu_times()
    end = time.perf_counter() + seconds
    await asyncio.gather(*(person.save(end) for person in crowd))
    used = process.cpu_times()
    end = time.perf_counter() + 60
    while missing(home, book, crowd) and time.perf_counter() < end:  # the last ones may still be on their way
        await asyncio.sleep(1)
    await asyncio.sleep(3)
    if busy:
        print(await busy.stop())
    return crowd, used.user + used.system - before.user - before.system


def missing(home: Path, book: str, crowd: list[Person]) -> list[str]:
    """Answers whose last change does not stand in the workbook.

    Under overload the browser's next message may overtake the one before, so not each change is an event of its own;
    the last one must stand.
    """
    values = [answer.value for answer in Store(home).snapshot(book).answers.values()]
    stands = {str(line) for value in values for line in (value if isinstance(value, list) else [value])}
    texts = [value for person in crowd for value in person.states.values() if isinstance(value, str)]
    return [text for text in texts if text not in stands]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
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
    """Run and print one row."""
    process = psutil.Process(server.pid)
    stood = len(Store(home).events(book))
    before = process.memory_info().rss
    crowd, used = asyncio.run(drive(server.url, home, book, people, seconds, process, busy))
    times = [t for person in crowd for t in person.times]
    sent, kept = sum(person.sent for person in crowd), len(Store(home).events(book)) - stood
    waiting = sum(len(person.waiting) for person in crowd)
    memory = (process.memory_info().rss - before) / 1e6 / people
    print(
        "| people | saves sent | in the store | unanswered | p50 ms | p95 ms | max ms | server CPU | CPU ms a save "
        "| MB a person |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(f"| {people} | {sent} | {kept} | {waiting} | {percentile(times, 0.5):.0f} | {percentile(times, 0.95):.0f} "
          f"| {max(times) * 1000:.0f} | {used / seconds * 100:.0f} % | {used / sent * 1000:.1f} | {memory:.2f} |")  # fmt: skip
    by_page = {
        page: [t for person in crowd if person.page == page for t in person.times]
        for page in (*PAGES, OTHERS)
    }
    print(
        "p50 and p95 by page, ms: "
        + ", ".join(
            f"{page} {percentile(mine, 0.5):.0f} / {percentile(mine, 0.95):.0f}"
            for page, mine in by_page.items()
            if mine
        )
    )
    if lost := missing(home, book, crowd):
        raise SystemExit(f"{len(lost)} answers are not in the workbook: {lost[:5]}")


if __name__ == "__main__":
    main()
