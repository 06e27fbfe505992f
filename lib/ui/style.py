"""The one style block. Colours and type come from .streamlit/config.toml, spacing and cards from style.css."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_CSS = "<style>" + (Path(__file__).parent / "style.css").read_text(encoding="utf-8") + "</style>"


def apply() -> None:
    """Put the style block into the page."""
    st.html(_CSS)
