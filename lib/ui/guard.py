"""The only place where an error becomes something a person sees on a page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.errors import UserError
from lib.ui.proof import plain

log = logging.getLogger("workbook")


def show(error: UserError) -> None:
    """Draw what happened and what to do."""
    # Names of files and columns in it stay text.
    st.error(f"**{plain(error.problem)}** {plain(error.remedy)}", icon=":material/error:")


@contextmanager
def user_errors() -> Iterator[None]:
    """Draw a `UserError` raised in the body; log anything else and apologise without a traceback.

    Streamlit's own control flow (stop, rerun, page switch) passes through untouched: it is no `Exception`.
    """
    try:
        yield
    except UserError as error:
        show(error)
    except Exception:
        log.exception("a page failed")
        st.error("**Something went wrong on our side; your answers are saved.** Reload the page; if it comes back, "
                 "export the workbook and report it.", icon=":material/error:")  # fmt: skip
