"""The only place where an error becomes something a person sees on a page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.errors import UserError
from lib.ui.kit.evidence_view import plain
from lib.workbook import home as homes
from lib.workbook import store_errors

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
    except Exception as error:  # noqa: BLE001 - nobody stands above a page
        unexpected(error)


def unexpected(error: Exception) -> None:
    """Log an error that nobody foresaw, and tell the person what they can do about it.

    Args:
        error: What was raised; trouble with the disk or the store is told as such.
    """
    log.error("a page failed", exc_info=error)
    known = store_errors.explain(error, homes.named())
    if known:
        show(known)
        return
    st.error(
        "**Something went wrong on our side; what was saved stays saved.** Reload the page; if it comes back, "
        "export the workbook and report it.",
        icon=":material/error:",
    )
