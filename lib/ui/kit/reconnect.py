"""Whether a visit goes on after the server lost it: started again, or gone too long."""

from __future__ import annotations

from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.ui import session

_KNOWN = "visit.known"
_CUT = "visit.cut"


def is_cut_off() -> bool:
    """Whether this is the first run of a new visit although the browser shows an older page with inputs.

    Such a run is set off by an input, whose callback a server that does not know the page cannot call: the change is
    lost. Asked once a run. Streamlit has no public sign of it; where a later version hides this one, the answer is no.
    """
    if session.get(_KNOWN):
        return False
    session.put(_KNOWN, True)
    state: Any = getattr(getattr(get_script_run_ctx(), "session_state", None), "_state", None)
    sent: Any = getattr(getattr(state, "_new_widget_state", None), "states", None)
    session.put(_CUT, bool(sent))
    return bool(sent)


def began_cut_off() -> bool:
    """Whether this visit began on a page that an older server drew; what it had not sent by then never came."""
    return bool(session.get(_CUT))


def go_on() -> None:
    """What was cut off has been made good."""
    session.drop(_CUT)
