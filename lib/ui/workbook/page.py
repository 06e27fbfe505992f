"""The workbook page: settings, history, all workbooks, the file."""

from __future__ import annotations

import functools
import zoneinfo

import streamlit as st

from lib.framework import step_ids
from lib.ui import pages
from lib.ui.kit import fields, guard, page_components
from lib.ui.workbook import access, files, history, workbook_list
from lib.ui.workbook import promises as workbook_promises
from lib.version import VERSION

CURRENCIES = {
    "USD": "US dollar (USD)", "EUR": "Euro (EUR)", "GBP": "Pound sterling (GBP)", "CHF": "Swiss franc (CHF)",
    "JPY": "Yen (JPY)", "CAD": "Canadian dollar (CAD)", "AUD": "Australian dollar (AUD)", "INR": "Indian rupee (INR)",
    "BRL": "Brazilian real (BRL)", "CNY": "Yuan (CNY)", "DKK": "Danish krone (DKK)", "NOK": "Norwegian krone (NOK)",
    "SEK": "Swedish krona (SEK)", "PLN": "Złoty (PLN)", "CZK": "Czech koruna (CZK)", "SGD": "Singapore dollar (SGD)",
    "NZD": "New Zealand dollar (NZD)", "ZAR": "Rand (ZAR)", "MXN": "Mexican peso (MXN)", "ILS": "Shekel (ILS)",
}  # fmt: skip
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(step_ids.WORKBOOK).question, step_ids.WORKBOOK)
    settings, promises, changes, all_of_them, file = st.tabs(
        ["Settings", "Actions", "History", "All workbooks", "File"], key="workbook.tabs", on_change="rerun"
    )
    drawers = (
        (settings, _settings),
        (promises, workbook_promises.draw),
        (changes, history.draw),
        (all_of_them, workbook_list.draw),
        (file, _file),
    )
    for tab, draw in drawers:
        if tab.open:  # a closed tab costs nothing
            with tab, guard.user_errors():
                draw()
    st.markdown(f":small[Version {VERSION} of the program]")


@functools.cache  # reading the system's list of zones costs more than drawing the page
def _zones() -> dict[str, str]:
    return {zone: zone.replace("_", " ") for zone in sorted(zoneinfo.available_timezones()) or ["UTC"]}


def _settings() -> None:
    st.markdown("These apply to every page, file and deck. Everything is saved as you type.")
    left, right = st.columns(2)
    with left:
        fields.text("settings/company", "Company", placeholder="Acme", max_chars=80)
        fields.text(
            "settings/marketing_lead", "Marketing lead", placeholder="Who answers for process", max_chars=80
        )
        fields.text(
            "settings/growth_lead", "Growth lead", placeholder="Who answers for outcome", max_chars=80
        )
        fields.percent(
            "settings/gross_margin",
            "Gross margin",
            help="Turns revenue into profit wherever a lifetime value is compared with what a customer cost.",
        )
    with right:
        fields.choice("settings/currency", "Currency", CURRENCIES, style="list")
        fields.choice(
            "settings/time_zone",
            "Time zone",
            _zones(),
            style="list",
            help="Days and weeks begin at its midnight.",
        )
        fields.choice("settings/week_start", "Week starts on", {"monday": "Monday", "sunday": "Sunday"})
        _fiscal_year()
    fields.number(
        "settings/floor",
        "Smallest group in an export",
        low=0,
        high=1000,
        whole=True,
        unit="people",
        help="Rows about fewer people than this are left out of everything that leaves the workbook.",
    )
    access.draw()


def _fiscal_year() -> None:
    months = dict(enumerate(_MONTHS, start=1))
    fields.choice("settings/fiscal_year_start", "Fiscal year starts in", months, style="list")


def _file() -> None:
    st.markdown(
        "One file holds every answer with its author and time. It does not hold the uploaded data: on another "
        "machine, upload the same files again and every number comes back."
    )
    with st.container(gap="small"):
        files.export_button("workbook.export")
    st.space("small")
    files.import_button("workbook.import")
