"""Versions of a metric's definition: the first is 1, and each change of what the metric means makes the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lib.workbook.events import Event

# What a metric means: its formula, what it is read from, its unit and its kind of rule. A target may change freely.
MEANING = ("definition", "series", "unit", "kpi")
RULE = ("event", "conditions")  # of a shared metric, agreed in its contract


@dataclass(frozen=True)
class Version:
    """The current version of one metric's definition.

    Attributes:
        number: 1 for the first definition.
        at: When it was made, ISO 8601 UTC.
        author: Who made it.
    """

    number: int
    at: str
    author: str


def versions(events: Iterable[Event]) -> Mapping[str, Version]:
    """Metric id -> the current version of its definition.

    Args:
        events: The workbook's log, oldest first. What is saved in one step counts as one change.

    Returns:
        Metrics that have a definition, a series or a rule; one that has nothing of the kind yet has no version.
    """
    state: dict[str, dict[str, Any]] = {}
    queries: dict[str, Any] = {}
    meant: dict[str, tuple[Any, ...]] = {}
    found: dict[str, Version] = {}
    for _, group in groupby(events, key=lambda event: event.step):
        step = list(group)
        touched = _apply(step, state, queries)
        for id in touched:
            now = _meaning(state[id], queries)
            if any(now) and now != meant.get(id):
                meant[id] = now
                before = found.get(id)
                found[id] = Version(before.number + 1 if before else 1, step[-1].at, step[-1].author)
            elif not any(now) and not any(value for value in state[id].values()):
                meant.pop(id, None)
                found.pop(id, None)  # removed from the register; added anew it begins anew
    return found


def _apply(step: list[Event], state: dict[str, dict[str, Any]], queries: dict[str, Any]) -> set[str]:
    """Put a step's answers into the state; ids of the metrics they touch."""
    touched: set[str] = set()
    for event in step:
        parts = event.key.split("/")
        if len(parts) != 3:
            continue
        section, id, field = parts
        if section == "queries" and field == "sql":
            queries[id] = event.value
            touched |= {key for key, values in state.items() if values.get("metrics/series") == id}
        elif section in ("metrics", "contracts"):
            state.setdefault(id, {})[f"{section}/{field}"] = event.value
            touched.add(id)
    return touched


def _meaning(values: Mapping[str, Any], queries: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a metric means now, in a form that compares."""
    own = [values.get(f"metrics/{field}") or "" for field in MEANING]
    rule = [values.get(f"contracts/{field}") or "" for field in RULE]
    sql = queries.get(values.get("metrics/series") or "", "")
    return (*own, *(tuple(item) if isinstance(item, list) else item for item in rule), sql or "")
