"""A test's file that belongs to no registered test yet: read it, then say which test it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.experiments.readout import Readout
from lib.ui import session
from lib.ui.experiments import readout as experiments_readout

CHOSEN = "experiments.read.chosen"
NEW = "new"


def draw(slot: str, readout: Readout, *, said: bool) -> None:
    """Draw the readout and the question which test it is.

    Args:
        slot: Where the file is.
        readout: What it says.
        said: Whether its verdict already stands at the top of the page.
    """
    experiments_readout.draw(readout, slot, with_verdict=not said)
    with st.container(border=True, key="experiments-register-file"):
        st.markdown(
            "**Make it a shared test.** Say which column is the process metric and which the outcome metric; "
            "then the decision can be recorded with names and a reason."
        )
        test = _which(slot)
        names = {metric.name: event_names.heading(metric.words) for metric in readout.design.metrics}
        left, right = st.columns(2)
        process = left.selectbox(
            "Process metric",
            list(names),
            index=0,
            key=f"experiments.loose.{slot}.process",
            format_func=names.__getitem__,
        )
        outcome = right.selectbox(
            "Outcome metric",
            list(names),
            index=min(1, len(names) - 1),
            key=f"experiments.loose.{slot}.outcome",
            format_func=names.__getitem__,
        )
        if process == outcome:
            st.markdown(":orange[:material/warning: Choose two different columns.]")
        st.button(
            "Register this test" if test == NEW else "Read it as this test",
            type="primary",
            key=f"experiments.loose.{slot}.register",
            disabled=process == outcome,
            on_click=_keep,
            args=(slot, readout, process, outcome, test),
        )


def _which(slot: str) -> str:
    """Which registered test the file is the result of; a new one when none waits for data."""
    book = session.workbook()
    waiting = {
        id: test.name or "Unnamed test"
        for id, test in book.experiments.items()
        if not test.dataset and not test.assignment_event
    }
    if not waiting:
        return NEW
    names = {**waiting, NEW: "A test that was not registered"}
    return str(
        st.selectbox(
            "Which test is this?",
            list(names),
            key=f"experiments.loose.{slot}.test",
            format_func=names.__getitem__,
        )
    )


def answers(
    slot: str, name: str, readout: Readout, process: str, outcome: str, id: str, is_new: bool
) -> list[tuple[str, Any]]:
    """The answers that tie a file to a test; a registered test keeps its plan and only learns its columns."""
    head = f"experiments/{id}"
    if not is_new:
        return [
            (f"{head}/dataset", slot),
            (f"{head}/process_column", process),
            (f"{head}/outcome_column", outcome),
        ]
    first, last = readout.joined
    return [
        (f"{head}/name", name.rsplit(".", 1)[0].replace("_", " ").capitalize()),
        (f"{head}/dataset", slot),
        (f"{head}/variants", list(readout.variants)),
        (f"{head}/control", readout.variants[0]),
        (f"{head}/process_metric", process),
        (f"{head}/outcome_metric", outcome),
        (f"{head}/starts_on", first),
        (f"{head}/ends_on", last),
    ]


def _keep(slot: str, readout: Readout, process: str, outcome: str, test: str) -> None:
    id = session.new_id("test") if test == NEW else test
    name = session.data()[slot].name
    changes = answers(slot, name, readout, process, outcome, id, test == NEW)
    if session.save_all(changes, note="Register a test" if test == NEW else "Tie a file to its test"):
        session.put(CHOSEN, id)
