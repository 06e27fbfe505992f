"""Deciding against a locked table: recorded as the visitor's own, until a second person agrees from their own browser."""

from __future__ import annotations

import streamlit as st

from lib.analysis.experiments import override
from lib.errors import UserError
from lib.ui import session
from lib.ui.kit import evidence_view
from lib.ui.web import signin
from lib.workbook.model import Experiment


def visitor() -> override.Signatory:
    """Whoever acts: who signed in, else this browser."""
    return override.Signatory.of(session.author(), signin.who() or session.person())


def said(cell_action: str) -> None:
    """What deciding against the table means, beside the choice."""
    says = f"The locked table says {cell_action}." if cell_action else "The data cannot tell yet."
    st.markdown(
        f":orange[:material/warning: {says} Against it, the decision needs a reason and is recorded as yours alone "
        f"({evidence_view.plain(session.author())}), until somebody else agrees from their own computer.]"
    )


def waiting(id: str, test: Experiment) -> None:
    """The second person's button, under a decision that one person took against the locked table."""
    if not override.may_agree(test, visitor()):
        return
    st.button(
        f"I agree, as {session.author()}",
        key=f"experiments.decide.{id}.agree",
        icon=":material/how_to_reg:",
        on_click=_agree,
        args=(id,),
    )


def _agree(id: str) -> None:
    test = session.workbook().experiments[id]
    try:
        answers = override.agree(id, test, visitor())
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(answers, note=f"Agree with {test.decision} for {test.name or 'a test'}"):
        session.tell("done", "Recorded: two people decided this.")
