"""What undo and redo would take back: read from the log, never kept beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from lib.errors import ConflictError, NotFoundError
from lib.workbook.events import Event
from lib.workbook.history import describe


def stacks(log: Sequence[Event], me: Collection[str]) -> tuple[list[str], list[str]]:
    """Steps of one person that stand, and those they undid, each oldest first."""
    done: list[str] = []
    undone: list[str] = []
    seen: set[str] = set()
    for event in log:
        if event.author not in me or event.step in seen or event.rev == 1:  # 1 names the new workbook
            continue
        seen.add(event.step)
        way, _, step = event.undoes.partition(":")
        if way == "undo" and step in done:
            done.remove(step)
            undone.append(step)
        elif way == "redo" and step in undone:
            undone.remove(step)
            done.append(step)
        elif not way:
            done.append(event.step)
            undone.clear()
    return done, undone


def target(log: Sequence[Event], way: str, me: Collection[str]) -> str:
    """The step that undo (or redo) takes back next.

    Raises:
        NotFoundError: There is none.
    """
    done, undone = stacks(log, me)
    steps = done if way == "undo" else undone
    if not steps:
        raise NotFoundError(
            f"There is nothing to {way}.", "Carry on; every change you make can be taken back here."
        )
    return steps[-1]


def plan(
    log: Sequence[Event], step: str, me: Collection[str]
) -> tuple[list[tuple[str, Any]], dict[str, int]]:
    """Values to write to turn a step round, and the revisions they stand on.

    Undo writes what stood before the step, redo what the step wrote: whichever differs from what stands now.

    Raises:
        ConflictError: Somebody else changed one of the answers after the step, and it does not stand as the step left it.
    """
    written = {event.key: event.value for event in log if event.step == step}
    touching = [event for event in log if event.key in written]
    latest = {event.key: event for event in touching}
    before, others = _around(touching, step, me)
    left, values = (written, before) if _stands(log, step) else (before, written)
    for key, author in others.items():  # whoever took their own change back again stands in nobody's way
        if latest[key].value != left[key]:
            raise refused(author)
    return list(values.items()), {key: event.rev for key, event in latest.items()}


def _around(
    touching: Sequence[Event], step: str, me: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What stood before a step at each of its keys, and who else changed a key since its first event."""
    first = min(event.rev for event in touching if event.step == step)
    before: dict[str, Any] = dict.fromkeys(event.key for event in touching if event.step == step)
    before |= {event.key: event.value for event in touching if event.rev < first}
    others = {event.key: event.author for event in touching if event.rev >= first and event.author not in me}
    return before, others


def _stands(log: Sequence[Event], step: str) -> bool:
    """Whether the last word about a step was to do it (not to undo it)."""
    turns = [event.undoes for event in log if event.undoes in (f"undo:{step}", f"redo:{step}")]
    return not turns or turns[-1].startswith("redo")


def refused(by: str) -> ConflictError:
    """Why a step cannot be turned round."""
    return ConflictError(
        f"{by or 'Somebody else'} changed this answer after you.",
        "Change it by hand, or go back to an earlier point on the Workbook page.",
    )


def label(log: Sequence[Event], way: str, me: Collection[str]) -> str:
    """What the next undo (or redo) is about, "" when there is nothing to turn round."""
    done, undone = stacks(log, me)
    steps = done if way == "undo" else undone
    if not steps:
        return ""
    group = [event for event in log if event.step == steps[-1]]
    return describe(group)
