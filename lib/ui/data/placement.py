"""Where a new file goes: beside what is in use, or in its place. Nothing is replaced without a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from lib.engine.contracts import recognition
from lib.engine.datasets import combination
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import parts_of
from lib.framework import slots
from lib.ui import session
from lib.ui.data import used
from lib.ui.data.jobs import Item
from lib.ui.kit.evidence_view import plain
from lib.ui.web import admission

_ADDED_BY_ITSELF = (slots.METRICS, slots.EVENTS, slots.SPEND)  # people have these by team, month and platform


@dataclass(frozen=True)
class Place:
    """Where a file goes.

    Attributes:
        slot: Of the workbook.
        way: add (beside what is there; alone where nothing is) | replace.
    """

    slot: str
    way: Literal["add", "replace"] = "add"


def ask(item: Item, contract: recognition.Contract) -> Place | None:
    """Where a file goes; the user says so where a table of its kind is in use already. None while that is open.

    Args:
        item: The file.
        contract: What it was taken for.
    """
    slot, used = contract.slot, session.workbook().datasets
    taken = {name: ref.name for name, ref in used.items() if ref.fingerprint and slots.kind(name) == slot}
    if not taken:
        return Place(slot)
    choices = _choices(slot, taken)
    places = list(choices)
    is_same = item.name in taken.values()
    start = 0 if slot == slots.EXPERIMENT or (slot in _ADDED_BY_ITSELF and not is_same) else None
    if len(places) == 1:
        start = 0
    return st.radio(
        f"{slots.SLOTS[slot].title} in use already: {plain(', '.join(taken.values()))}",
        places,
        format_func=choices.__getitem__,
        horizontal=True,
        index=start,
        key=f"data.slot.{item.id}",
        help="Rows that both files have are found and counted once. Each file can be taken out again.",
    )


def _choices(slot: str, taken: dict[str, str]) -> dict[Place, str]:
    """What can be done with a further file of a kind, in words."""
    if slot == slots.EXPERIMENT:
        return {Place(_free(slot)): "Add it as a further experiment"} | {
            Place(name, "replace"): f"Replace {was}" for name, was in taken.items()
        }
    there = session.data()
    added = {
        Place(name): f"Put it beside {was}" if slot == slots.METRICS else f"Add it to {was}"
        for name, was in taken.items()
        if name in there
    }
    return added | {Place(name, "replace"): f"Replace {was}" for name, was in taken.items()}


def open_choice(item: Item) -> str:
    """What still has to be said about where a file goes, one sentence."""
    return f"Say whether {plain(item.name)} adds to what is in use or replaces it, then it can be used."


def put_together(place: Place, added: Dataset) -> tuple[Place, Dataset, str]:
    """The table that a slot gets from a new file.

    Args:
        place: Where the file goes.
        added: Its dataset.

    Returns:
        Where it goes now (another file may have come there meanwhile), the table, and what is to be said.

    Raises:
        UserError: What is in use cannot be put together with it.
    """
    there = session.data().get(place.slot)
    size = used.size(added)
    if there is None or place.way == "replace":
        was = session.workbook().datasets.get(place.slot)
        is_other = was is not None and was.fingerprint not in ("", added.fingerprint)
        more = f" It replaces {was.name}; Undo brings that back." if was and is_other else ""
        return place, added, f"{added.name}: {size} are in use.{more}"
    if not combination.can_be_combined(place.slot):
        return Place(_free(place.slot)), added, f"{added.name}: {size} are in use."
    with admission.long_work("Putting the files together"):
        whole = combination.add(session.home(), there, added)
    if whole.fingerprint == there.fingerprint:
        return place, whole, f"{added.name} is in use already, so nothing changed."
    part = next((part for part in parts_of(whole) if part.fingerprint == added.fingerprint), None)
    return (
        place,
        whole,
        f"{added.name} ({size}) was added to {there.name}. {part.text if part else ''}".strip(),
    )


def _free(slot: str) -> str:
    """The first slot of a kind that no table has: experiment, experiment-2, ..."""
    taken = {name for name, ref in session.workbook().datasets.items() if ref.fingerprint}
    numbered = (f"{slots.kind(slot)}-{number}" for number in range(2, 99))
    return next(name for name in (slots.kind(slot), *numbered) if name not in taken)
