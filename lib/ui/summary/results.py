"""What the Summary page shows, computed once per state of the workbook and its data."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from lib.engine.evidence.cache import Results
from lib.report.story import as_of, build, run_steps
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import Message, Summary
from lib.ui import session
from lib.ui.web import admission, dataset_access
from lib.workbook import portable
from lib.workbook.events import Event
from lib.workbook.model import Workbook

_SINCE = "summary.since"
_results: Results[Any] = Results(24)


def cached_value(key: tuple[Any, ...], make: Callable[[], Any], label: str = "") -> Any:
    """A value computed once for a key, shared by all visitors; who asks while it is computed waits for it.

    Args:
        key: What it depends on.
        make: Computes it.
        label: What is happening, where it takes long.
    """
    if (found := _results.peek(key)) is not None:
        return found
    # The lock of a key is given back before the gate is taken again: who waits inside the gate would wait forever.
    with admission.long_work(label) if label else contextlib.nullcontext():
        return _results.get(key, make)


def today() -> dt.date:
    """The day of the export, UTC."""
    return dt.datetime.now(dt.UTC).date()


def _state() -> tuple[Any, ...]:
    """What the steps depend on: the workbook at its revision, the data at hand, the day."""
    workbook, data = session.workbook(), session.data()
    prints = tuple(sorted((slot, item.fingerprint) for slot, item in data.items()))
    return workbook.id, workbook.rev, prints, today().isoformat()


def inputs() -> Inputs:
    """The open workbook and what its steps conclude."""
    workbook, data = session.workbook(), session.data()
    return cached_value(
        ("inputs", *_state()),
        lambda: run_steps.run_steps(workbook, data, today=today(), log=_log(workbook)),
        "Reading the four steps",
    )


def _log(workbook: Workbook) -> list[Event]:
    """The workbook's events, for what its sessions talk about."""
    return session.store().events(workbook.id) if workbook.id else []


def since_field() -> None:
    """The day to compare with; kept for this visit."""
    st.date_input(
        "Compare with the workbook at the end of",
        key=_SINCE,
        value=None,
        max_value=today(),
        help="Adds a slide with the numbers, verdicts, decisions and promises that changed since.",
    )


def before() -> Inputs | None:
    """The workbook at the end of the chosen day, with the data it had then; None when no day is chosen."""
    day = session.get(_SINCE)
    workbook = session.workbook()
    if not isinstance(day, dt.date) or not workbook.id:
        return None

    def make() -> Inputs:
        earlier = as_of.until(session.store().events(workbook.id), day, id=workbook.id, name=workbook.name)
        data, _ = run_steps.datasets(earlier, session.home(), dataset_access.reader())
        return run_steps.run_steps(earlier, data, today=day)

    return cached_value(("before", day.isoformat(), *_state()), make, "Reading the workbook as it was")


def summary(inputs: Inputs, options: Options, before: Inputs | None) -> Summary:
    """The summary as it will leave."""
    key = ("summary", options, before.today.isoformat() if before else "", *_state())
    return cached_value(key, lambda: build.build(inputs, options, before=before, workbook_json=_json()))


def story(inputs: Inputs, options: Options, before: Inputs | None) -> list[Message]:
    """Every slide of the story, hidden ones too, for the editor."""
    key = ("story", options, before.today.isoformat() if before else "", *_state())
    return cached_value(key, lambda: build.story(inputs, options, before))


def content(made: Summary) -> str:
    """Same slides, same name: a save that no slide shows does not count."""
    return cached_value(("content", made.digest), lambda: replace(made, workbook="", revision=0).digest)


def _json() -> str:
    id = session.workbook().id
    # What leaves with a deck is read by people outside the team.
    return portable.export(portable.without_private(session.store().events(id))).decode() if id else ""


def fingerprint(data: bytes) -> str:
    """A short name for some bytes."""
    return hashlib.sha256(data).hexdigest()[:32]
