"""The one style block: the palette as CSS variables, then spacing and cards. Streamlit's own parts: .streamlit/config.toml."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.charts import style

_CSS = style.style() + (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def apply() -> None:
    """Put the style block into the page."""
    # Popovers and tooltips hang outside the element that Streamlit marks as light or dark.
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(f"<style>{_CSS}body{{color-scheme:{scheme}}}</style>")
