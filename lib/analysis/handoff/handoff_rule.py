"""A handoff rule: an event, or an event plus conditions, written by a person and checked by a query.

Conditions are short texts: `plan = business`, `plan != free`, `seats >= 5` (a column of the events file at
    that very
event), `event:invite_sent` (the person has already done that, at the same moment or before) or `event:invite_sent >= 3`
(and at least so many times).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from lib.analysis.events import event_names
from lib.analysis.events.first_event_times import NEVER, FirstTimes, load, micros
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.errors import DataError
from lib.framework import slots

_CONDITION = re.compile(r"^\s*([^=!<>]+?)\s*(>=|<=|!=|=|>|<)\s*(.+?)\s*$")
_EVENT = "event:"
_TIMES = re.compile(r"^(.*\S)\s*>=\s*(\d{1,4})$")
_NUMERIC = ("integer", "number")
MOST_VALUES = 12  # of a column whose values are offered as conditions


@dataclass(frozen=True)
class Condition:
    """One condition on top of the event.

    Attributes:
        column: Column of the events file, or "" when `event` is given.
        operator: = | != | >= | <= | > | <
        value: What it is compared with.
        event: Event that must have happened before or at the same moment, or "".
        times: How often it must have happened by then.
    """

    column: str = ""
    operator: str = "="
    value: str = ""
    event: str = ""
    times: int = 1

    @property
    def text(self) -> str:
        """As it is written in the workbook."""
        if not self.event:
            return f"{self.column} {self.operator} {self.value}"
        return f"{_EVENT}{self.event}" + (f" >= {self.times}" if self.times > 1 else "")


@dataclass(frozen=True)
class Rule:
    """When responsibility passes: the first time the event happens with every condition true.

    Attributes:
        event: Event name.
        conditions: All must hold.
    """

    event: str
    conditions: tuple[Condition, ...] = ()

    @property
    def text(self) -> str:
        """The rule in words: `trial_start where plan = business, after invite_sent`."""
        where = [item.text for item in self.conditions if not item.event]
        after = [item.text.removeprefix(_EVENT) for item in self.conditions if item.event]
        words = self.event + (f" where {' and '.join(where)}" if where else "")
        return words + (f", after {' and '.join(after)}" if after else "")

    @property
    def words(self) -> str:
        """The rule for people: `Trial start where plan = business, after “Invite sent”`."""
        where = [item.text for item in self.conditions if not item.event]
        after = [
            event_names.quoted(item.event) + (f" {item.times} times" if item.times > 1 else "")
            for item in self.conditions
            if item.event
        ]
        said = event_names.event(self.event) + (f" where {' and '.join(where)}" if where else "")
        return said + (f", after {' and '.join(after)}" if after else "")


def parse(text: str) -> Condition:
    """Read one condition.

    Raises:
        DataError: It is not of the form `column = value` or `event:name`.

    >>> parse("plan = business").value, parse("event:invite_sent").event, parse("event:invite_sent >= 3").times
    ('business', 'invite_sent', 3)
    """
    if text.strip().startswith(_EVENT) and text.strip() != _EVENT:
        name = text.strip()[len(_EVENT) :].strip()
        counted = _TIMES.match(name)
        return (
            Condition(event=counted[1], times=max(1, int(counted[2]))) if counted else Condition(event=name)
        )
    found = _CONDITION.match(text)
    if not found:
        raise DataError(
            f"The condition {text!r} cannot be read.",
            "Write it as column = value, such as plan = business, or as event:invite_sent.",
        )
    return Condition(column=found[1], operator=found[2], value=found[3])


def rule(event: str, conditions: Sequence[str] = ()) -> Rule:
    """A rule from what the workbook holds."""
    return Rule(event, tuple(parse(text) for text in conditions))


def _compare(dataset: Dataset, item: Condition, name: str) -> tuple[str, object]:
    """The SQL of a column condition and the value bound to it."""
    kinds = {column.name: column.kind for column in dataset.columns}
    if item.column not in kinds:
        raise DataError(
            f"The events file has no column called {item.column!r}.",
            f"Use one of: {', '.join(sorted(kinds))}.",
        )
    operator = "<>" if item.operator == "!=" else item.operator
    column = f"e.{query.quote(item.column)}"
    if kinds[item.column] in _NUMERIC:
        try:
            return f"{column} {operator} ${name}", float(item.value)
        except ValueError:
            raise DataError(
                f"{item.column} holds numbers, and {item.value!r} is not one.",
                "Compare it with a number, such as seats >= 5.",
            ) from None
    if operator not in ("=", "<>"):
        raise DataError(
            f"{item.column} holds words, which cannot be compared with {item.operator}.",
            "Use = or != with one of its values.",
        )
    return f"LOWER(CAST({column} AS VARCHAR)) {operator} LOWER(${name})", item.value


@dataclass(frozen=True)
class Compiled:
    """A rule as SQL.

    Attributes:
        before: Extra CTE with the first times that conditions ask for, or "".
        join: How `events e` is joined with it, or "".
        where: Predicate over `e` (and `b`).
        params: Bound values.
    """

    where: str
    before: str = ""
    join: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


def compile_rule(dataset: Dataset, wanted: Rule) -> Compiled:
    """Turn a rule into a predicate over `events e`.

    Raises:
        DataError: A condition names a column the file does not have, or compares words with numbers.
    """
    params: dict[str, object] = {"rule_event": wanted.event}
    parts = ["e.event = $rule_event"]
    firsts: list[str] = []
    counts = any(item.times > 1 for item in wanted.conditions)
    for index, item in enumerate(wanted.conditions):
        name = f"rule_{index}"
        if item.event:
            params[name] = item.event
            nth = f" AND nth = {item.times}" if counts else ""
            firsts.append(f"MIN(timestamp) FILTER (WHERE event = ${name}{nth}) AS b{index}")
            parts.append(f"e.timestamp >= b.b{index}")
        else:
            text, value = _compare(dataset, item, name)
            params[name] = value
            parts.append(text)
    if not firsts:
        return Compiled(" AND ".join(parts), params=params)
    source = f"({_NTH.format(only='event IS NOT NULL')}) AS counted" if counts else slots.EVENTS
    before = f"before AS (SELECT user_id, {', '.join(firsts)} FROM {source} GROUP BY user_id)"
    return Compiled(" AND ".join(parts), before, " JOIN before b ON b.user_id = e.user_id", params)


_NTH = (
    "SELECT user_id, event, timestamp, ROW_NUMBER() OVER (PARTITION BY user_id, event ORDER BY timestamp) AS nth "
    "FROM events WHERE {only} AND user_id IS NOT NULL AND timestamp IS NOT NULL"
)


@lru_cache(maxsize=8)
def _people(fingerprint: str, dataset: Dataset) -> pd.Index:
    """Ids of everybody, in the order of `FirstTimes`."""
    got = query.events(dataset).people(
        "SELECT user_id FROM events WHERE user_id IS NOT NULL AND event IS NOT NULL AND timestamp IS NOT NULL "
        "GROUP BY user_id ORDER BY user_id"
    )
    return pd.Index(np.ma.getdata(got["user_id"]))


@lru_cache(maxsize=64)
def _times(fingerprint: str, dataset: Dataset, wanted: Rule) -> np.ndarray:
    """The rule's first time per person, from the rows of its event alone: the rest of the file is not read again."""
    first_times = load(dataset)
    before = [(item.event, item.times) for item in wanted.conditions if item.event]
    here = compile_rule(
        dataset, Rule(wanted.event, tuple(item for item in wanted.conditions if not item.event))
    )
    what, group = ("e.timestamp", "") if before else ("MIN(e.timestamp)", " GROUP BY e.user_id")
    got = query.events(dataset).people(
        f"SELECT e.user_id, {what} AS at FROM events e WHERE {here.where} AND e.user_id IS NOT NULL "
        f"AND e.timestamp IS NOT NULL{group}",
        dict(here.params),
    )
    found = np.full(first_times.people, NEVER, dtype=np.int64)
    person, at = _people(fingerprint, dataset).get_indexer(np.ma.getdata(got["user_id"])), micros(got["at"])
    for event, number in before:
        since = first_times.of([event]) if number == 1 else nth_times(dataset, event, (number,))[number]
        ready = since[person] <= at
        person, at = person[ready], at[ready]
    np.minimum.at(found, person, at)
    return found


@lru_cache(maxsize=64)
def _slow_times(fingerprint: str, dataset: Dataset, wanted: Rule) -> np.ndarray:
    """The same by the rule's own SQL, for events so rare that `FirstTimes` does not hold them."""
    made = compile_rule(dataset, wanted)
    head = f"WITH {made.before} " if made.before else ""
    got = query.events(dataset).people(
        f"{head}SELECT e.user_id, MIN(e.timestamp) FILTER (WHERE {made.where}) AS at FROM events e{made.join} "
        "WHERE e.user_id IS NOT NULL AND e.timestamp IS NOT NULL GROUP BY e.user_id ORDER BY e.user_id",
        dict(made.params),
    )
    found = np.full(load(dataset).people, NEVER, dtype=np.int64)
    found[_people(fingerprint, dataset).get_indexer(np.ma.getdata(got["user_id"]))] = micros(got["at"])
    return found


@cached
def nth_times(dataset: Dataset, event: str, numbers: tuple[int, ...]) -> dict[int, np.ndarray]:
    """When each person did an event for the nth time, in the order of `FirstTimes`; `NEVER` where it never came to that.

    Args:
        dataset: A dataset with the events contract.
        event: The event.
        numbers: Which times are asked for.
    """
    listed = ", ".join(str(int(number)) for number in numbers)
    counted = _NTH.format(only="event = $event")
    sql = f"SELECT user_id, nth, timestamp AS at FROM ({counted}) AS counted WHERE nth IN ({listed})"
    got = query.events(dataset).people(sql, {"event": event})
    person = _people(dataset.fingerprint, dataset).get_indexer(np.ma.getdata(got["user_id"]))
    at, nth = micros(got["at"]), np.ma.getdata(got["nth"])
    found = {}
    for number in numbers:
        found[number] = np.full(load(dataset).people, NEVER, dtype=np.int64)
        found[number][person[nth == number]] = at[nth == number]
    return found


def first_by_value(dataset: Dataset, column: str, events: Sequence[str]) -> dict[tuple[str, str], np.ndarray]:
    """When each person first did an event with a value in a column: what `times` gives for `column = value`, all at once.

    Args:
        dataset: A dataset with the events contract.
        column: One of its columns.
        events: Events to look at.

    Returns:
        (event, condition as text) -> first times in the order of `FirstTimes`, `NEVER` where it never was.
    """
    if not events or not load(dataset).people:
        return {}
    names = {f"v{index}": event for index, event in enumerate(events)}
    value = f"CAST({query.quote(column)} AS VARCHAR)"
    got = query.events(dataset).people(
        f"SELECT user_id, event, {value} AS value, MIN(timestamp) AS at FROM events "
        f"WHERE event IN ({', '.join('$' + name for name in names)}) AND {query.quote(column)} IS NOT NULL "
        f"AND user_id IS NOT NULL AND timestamp IS NOT NULL GROUP BY user_id, event, {value}",
        dict(names),
    )
    person, at = (
        _people(dataset.fingerprint, dataset).get_indexer(np.ma.getdata(got["user_id"])),
        micros(got["at"]),
    )
    kinds, values = np.ma.getdata(got["event"]).astype(str), np.ma.getdata(got["value"]).astype(str)
    found: dict[tuple[str, str], np.ndarray] = {}
    for event in events:
        for one in sorted(set(values[kinds == event])):
            here = (kinds == event) & (values == one)
            times_ = np.full(load(dataset).people, NEVER, dtype=np.int64)
            np.minimum.at(times_, person[here], at[here])
            found[event, f"{column} = {one}"] = times_
    return found


def times(dataset: Dataset, wanted: Rule, first_times: FirstTimes | None = None) -> np.ndarray:
    """When the rule first became true for each person (order of `FirstTimes`), `NEVER` where it never did.

    Raises:
        DataError: See `compile_rule`.
    """
    first_times = first_times or load(dataset)
    if not wanted.conditions and wanted.event in first_times.kinds:
        return first_times.of([wanted.event])
    if not first_times.people:
        return np.full(0, NEVER, dtype=np.int64)
    rare = any(item.event and item.event not in first_times.kinds for item in wanted.conditions)
    return (_slow_times if rare else _times)(dataset.fingerprint, dataset, wanted)


@cached
def offered(dataset: Dataset) -> tuple[str, ...]:
    """Conditions that make sense for a file: few-valued columns with their values, and every event as "did it before".

    Args:
        dataset: A dataset with the events contract.
    """
    found: list[str] = []
    for column in dataset.columns:
        if column.kind not in ("text", "boolean") or column.name in ("user_id", "event"):
            continue
        field_ = query.quote(column.name)
        sql = f"""
SELECT CAST({field_} AS VARCHAR) AS value, COUNT(*) AS n FROM events WHERE {field_} IS NOT NULL
GROUP BY CAST({field_} AS VARCHAR) ORDER BY n DESC, value LIMIT {MOST_VALUES + 1}
"""
        rows = query.query(sql, {slots.EVENTS: dataset}).rows
        if 1 < len(rows) <= MOST_VALUES:
            found += [f"{column.name} = {row[0]}" for row in rows]
    return (*found, *(f"{_EVENT}{kind}" for kind in load(dataset).kinds))
