"""The agenda: timed blocks made from the walk, with a clock that is computed again whenever one overruns."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from lib.errors import DataError, NotFoundError

FILE = Path(__file__).resolve().parents[2] / "data" / "framework" / "workshop.toml"


@dataclass(frozen=True)
class Guide:
    """What a facilitator needs to run one activity.

    Attributes:
        id: Name of the activity, as blocks refer to it.
        name: What the room sees.
        step: Page of the workbook that it fills: the same work as somebody alone would do.
        purpose: Why, one sentence.
        script: What to say, in order.
        minutes: Usual length.
        good: What a good result looks like.
        traps: What goes wrong.
        prework: What to have ready.
    """

    id: str
    name: str
    step: str
    purpose: str
    script: tuple[str, ...]
    minutes: int
    good: str
    traps: tuple[str, ...]
    prework: str = ""


@dataclass(frozen=True)
class Block:
    """One block of one room's agenda."""

    id: str
    activity: str
    name: str
    minutes: int
    skipped: bool = False

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Timed:
    """A block on the clock.

    Attributes:
        block: The block.
        starts: When it starts, or started.
        ends: When it should end.
        overrun_minutes: How far the current block is over its time, 0 otherwise.
    """

    block: Block
    starts: dt.datetime
    ends: dt.datetime
    overrun_minutes: float = 0.0


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def guides() -> Mapping[str, Guide]:
    """All activities by id."""
    return {name: _guide(name, fields) for name, fields in _content()["activities"].items()}


def _guide(id: str, fields: Mapping[str, Any]) -> Guide:
    lists = {"script": tuple(fields["script"]), "traps": tuple(fields["traps"])}
    return Guide(**{**fields, **lists, "id": id})


@cache
def templates() -> Mapping[str, tuple[str, tuple[Block, ...]]]:
    """Agenda templates: id -> (name, blocks)."""
    made = {}
    for name, template in _content()["templates"].items():
        blocks = tuple(
            Block(f"b{number}", item["activity"], guides()[item["activity"]].name, item["minutes"])
            for number, item in enumerate(template["blocks"])
        )
        made[name] = (template["name"], blocks)
    return made


def template(name: str) -> tuple[Block, ...]:
    """The blocks of a template.

    Raises:
        NotFoundError: There is no such template.
    """
    if name not in templates():
        raise NotFoundError(f"There is no agenda called {name!r}.", "Choose one of the templates shown.")
    return templates()[name][1]


def clock(
    blocks: Sequence[Block], position: int, block_started: dt.datetime, now: dt.datetime
) -> list[Timed]:
    """When each remaining block starts and ends, from what really happened so far.

    Args:
        blocks: The agenda.
        position: Index of the current block.
        block_started: When it began.
        now: The time now (both with zone).

    Returns:
        One entry per block from `position` on; skipped blocks are left out.

    >>> start = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
    >>> two = [Block("a", "x", "A", 10), Block("b", "x", "B", 5)]
    >>> [t.ends.strftime("%H:%M") for t in clock(two, 0, start, start + dt.timedelta(minutes=14))]
    ['09:14', '09:19']
    """
    timed: list[Timed] = []
    at = block_started
    for index in range(position, len(blocks)):
        block = blocks[index]
        if block.skipped and index != position:
            continue
        ends = at + dt.timedelta(minutes=block.minutes)
        over = 0.0
        if index == position and now > ends:
            over = (now - ends).total_seconds() / 60
            ends = now
        timed.append(Timed(block, at, ends, over))
        at = ends
    return timed


def skip(blocks: Sequence[Block], id: str, skipped: bool = True) -> list[Block]:
    """Skip a block, or take it back in."""
    return [replace(b, skipped=skipped) if b.id == id else b for b in blocks]


def move(blocks: Sequence[Block], id: str, by: int) -> list[Block]:
    """Move a block earlier (negative) or later."""
    order = list(blocks)
    index = next((i for i, b in enumerate(order) if b.id == id), None)
    if index is None:
        raise NotFoundError("That block is not on the agenda.", "Reload to see the agenda as it stands.")
    block = order.pop(index)
    order.insert(max(0, min(len(order), index + by)), block)
    return order


def add(blocks: Sequence[Block], activity: str, minutes: int) -> list[Block]:
    """Add a block at the end.

    Raises:
        DataError: The length is not 1 to 240 minutes, or there is no such activity.
    """
    if activity not in guides() or not 1 <= minutes <= 240:
        raise DataError("A block needs an activity and 1 to 240 minutes.", "Choose both and add it again.")
    taken = {block.id for block in blocks}
    number = next(n for n in range(len(blocks) + 1) if f"b{n}" not in taken)
    return [*blocks, Block(f"b{number}", activity, guides()[activity].name, minutes)]
