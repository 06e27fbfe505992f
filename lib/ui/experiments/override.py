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


def warn(test: Experiment, action: str, chosen: str) -> bool:
    """Say beside a choice against the table what it takes.

    Args:
        test: The test.
        action: What the table says, "" while it cannot be told.
        chosen: What the visitor chose, "" for nothing yet.

    Returns:
        Whether the table was locked, so that the decision is the visitor's own.
    """
    if not chosen or chosen == action:
        return False
    says = f"The table says {action}." if action else "The data cannot tell yet."
    is_own = override.is_override(test, action, chosen)
    wanted = (
        f"goes against a locked table: it needs a reason and is recorded as yours alone "
        f"({evidence_view.plain(session.author())}), until somebody else agrees from their own computer"
        if is_own
        else "needs a name from both teams and a reason"
    )
    st.markdown(f":orange[:material/warning: {says} Deciding {chosen} {wanted}.]")
    return is_own


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
