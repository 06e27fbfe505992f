"""What is typed and not yet acknowledged: kept in the browser by a small script of ours, marked, and typed in again.

Only texts bound to an answer are kept. A choice, a number, a date or a cell of a table that is sent into a restart is lost;
the page says so at its top (`frame`). Streamlit has no way to keep those: the browser does not tell a script of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st

from lib.ui import session
from lib.ui.web import signin

ADDRESS = "/unsaved.js"
SCRIPT = Path(__file__).with_suffix(".js")


def watch() -> None:
    """Put the script into the page; drawn once a run by the frame. What one person typed is typed in for nobody else."""
    whose = hashlib.sha256((signin.who() or session.person()).encode()).hexdigest()[:16]
    st.html(
        f'<i hidden data-unsaved-owner="{whose}"></i><script type="module" src="{ADDRESS}"></script>',
        unsafe_allow_javascript=True,
    )
