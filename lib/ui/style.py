"""The one style block. Colours and type come from .streamlit/config.toml; this is spacing, cards and print."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
.stMainBlockContainer {max-width: 68rem; padding-top: 2.5rem; padding-bottom: 4rem;}
</style>
"""


def apply() -> None:
    """Put the style block into the page."""
    st.html(_CSS)
