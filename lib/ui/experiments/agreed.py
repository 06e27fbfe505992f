"""What was agreed about a test before its data: the lock, later changes, the table of what each result means."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.analysis.experiments import preregistration
from lib.engine.evidence import formats
from lib.ui.kit import evidence_view
from lib.workbook.model import Experiment


def locked(test: Experiment) -> None:
    """Since when the plan stands, and every change after that day; nothing for a plan without a lock."""
    if test.locked_hash:
        st.markdown(
            f":green[:material/lock: **Plan locked** {formats.write(test.locked_at, 'date')}]",
            help=f"Later changes stay visible. Fingerprint of the agreed plan: {test.locked_hash[:12]}. It differs as soon "
            "as one word of the plan does.",
        )
    for change in preregistration.changes(test):
        st.markdown(
            f":red[:material/edit_note: **Changed after the lock:** {change.part}], locked as "
            f"{evidence_view.plain(str(change.locked))}, now {evidence_view.plain(str(change.now))}"
        )


def grid(test: Experiment, cell: preregistration.DecisionCell | None = None) -> None:
    """The nine results and what each means.

    Args:
        test: Its table, else the usual one.
        cell: What the ranges chose, marked with words; None while there is no result.
    """
    table = preregistration.table_of(test)
    chosen = (cell.process, cell.outcome) if cell and cell.action else None
    rows = []
    for process in reversed(preregistration.MOVES):
        row = {"Process metric": f"Process {process}"}
        for outcome in reversed(preregistration.MOVES):
            mark = " ◀ this one" if (process, outcome) == chosen else ""
            row[f"Outcome {outcome}"] = table[f"{process}/{outcome}"].capitalize() + mark
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index("Process metric"))
