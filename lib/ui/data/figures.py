"""What each file answers by itself, one line a figure, so that no file is brought in vain."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.kpis.kpi_value import KpiValue
from lib.analysis.kpis.kpis import kpis
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.formats import write
from lib.framework import slots
from lib.ui import session
from lib.ui.kit import page_components
from lib.ui.kit.evidence_view import plain

_ALONE = (
    slots.CUSTOMERS,
    slots.SPEND,
    slots.SURVEY,
    slots.DEALS,
)  # events and metrics have steps of their own


def draw(data: Mapping[str, Dataset]) -> None:
    """Draw the figures of the files that have no step of their own; nothing without such a file.

    Args:
        data: Slot -> dataset.
    """
    files = {slot: dataset for slot, dataset in data.items() if slot in _ALONE}
    found = list(kpis(session.workbook(), files).values.values()) if files else []
    if not found:
        return
    page_components.section("What these files answer", "Each figure with its range and what was counted.")
    known = [value for value in found if value.is_known]
    with st.container(key="data-figures", gap=None):
        for value in known:
            st.markdown(f"- {_line(value)}")
        waiting = "; ".join(
            f"{plain(value.name)} needs {plain(value.needs)}" for value in found if value.needs
        )
        if waiting:
            st.markdown(f":small[Not yet: {waiting}.]")
    page_components.evidence([value.evidence for value in found], key="figures")


def _line(value: KpiValue) -> str:
    """Name, value, range where there is one, and what was counted over which days."""
    low, high = value.interval.low, value.interval.high
    spread = f" ({write(low, value.format)} to {write(high, value.format)})" if low < high else ""
    first, last = (value.evidence.fact(0, name, "text").text for name in ("window_start", "window_end"))
    days = (
        "" if not value.evidence.rows[0][5] else f", {first} to {last}" if first != last else f", on {last}"
    )
    return plain(f"{value.name}: {value.fact.text}{spread}, n {value.n.text}{days}")
