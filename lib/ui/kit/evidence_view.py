"""Evidence on a page: definition, table, SQL, rows read, fingerprint; and how text of the data stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.analysis.events import event_names
from lib.engine.evidence.evidence import Evidence, Fact

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$:])")
_ROWS_SHOWN = 200
_ICON = ":material/verified:"


def plain(text: str) -> str:
    r"""Text safe inside Markdown: names from a file cannot become bold, links, colours or formulas.

    >>> plain("trial_start *now* $5")
    'trial\\_start \\*now\\* \\$5'
    """
    return _SPECIAL.sub(r"\\\1", text)


def fact(name: str, fact: Fact, key: str = "") -> None:
    """A number as a small button that opens what it was read from.

    Args:
        name: What the number is, as the template calls it.
        fact: The number.
        key: Tells two verdicts on one page apart that name the same number.
    """
    label = f"{name.replace('_', ' ').capitalize()}: {plain(fact.text)}"
    _closed(label, [fact.evidence], f"fact-{key}-{name}" if key else f"fact-{name}")


def popover(evidence: Evidence, key: str, label: str = "Evidence") -> None:
    """A small button that opens one evidence.

    Args:
        evidence: What it opens.
        key: Tells two of them on one page apart.
        label: What the button says; names the table where two stand side by side.
    """
    _closed(label, [evidence], key)


def _closed(label: str, found: Sequence[Evidence], key: str) -> None:
    place = st.popover(label, icon=_ICON, key=f"proof-{key}-{found[0].id}", on_change="rerun")
    if place.open:  # what nobody has opened is not drawn: tables and SQL are most of a page's cost
        with place:
            _all(found, key)


def expander(found: Sequence[Evidence], key: str = "") -> None:
    """One closed expander for one or several evidences."""
    if not found:
        return
    rows = f"{found[0].rows_read:,} rows read" if found[0].sources else "typed in by the team"
    more = "" if len(found) == 1 else f", {len(found)} tables"
    label = f"Evidence: {plain(found[0].title)} · {rows}{more}"
    place = st.expander(label, icon=_ICON, key=f"proofs-{key}-{found[0].id}", on_change="rerun")
    if place.open:
        with place:
            _all(found, key)


def _all(found: Sequence[Evidence], key: str) -> None:
    for index, one in enumerate(found):
        if index:
            st.divider()
        _one(one, f"{key}-{index}")


def frame(evidence: Evidence) -> pd.DataFrame:
    """The evidence's table as a data frame."""
    return pd.DataFrame(evidence.records(), columns=list(evidence.columns))


def _heading(name: str) -> Any:
    """A column's name for people; the one of the query in its tooltip."""
    words = {"ci_low": "Range from", "ci_high": "Range to"}.get(name) or event_names.event(name) or name
    return st.column_config.Column(words, help=f"In the query: {name}" if words != name else None)


def _one(evidence: Evidence, key: str) -> None:
    st.markdown(f"**{plain(evidence.title)}** · :gray[{evidence.id}]  \n{plain(evidence.definition)}")
    if evidence.method:
        st.markdown(f"Method: {plain(evidence.method)}")
    table = frame(evidence)
    st.dataframe(
        table.head(_ROWS_SHOWN),
        hide_index=True,
        width="stretch",
        alt=f"Table: {evidence.title}",
        column_config={name: _heading(name) for name in table.columns},
    )
    if len(table) > _ROWS_SHOWN:
        st.markdown(f"The first {_ROWS_SHOWN} of {len(table):,} rows.")
    for source in evidence.sources:
        st.markdown(
            f"Read from **{plain(source.name)}**: {source.rows:,} rows, fingerprint `{source.fingerprint[:16]}`"
        )
        for note in source.notes:
            st.markdown(f":small[:material/info: {plain(note)}]")
    if evidence.at:
        st.markdown(f"Computed {plain(evidence.at.replace('T', ' ').replace('+00:00', ' UTC'))}")
    if evidence.sql:
        st.code(_with_params(evidence), language="sql", wrap_lines=True)
    st.download_button(
        "Table as CSV",
        data=table.to_csv(index=False).encode("utf-8-sig"),
        on_click="ignore",
        file_name=f"{evidence.id}.csv",
        mime="text/csv",
        key=f"csv-{key}-{evidence.id}",
        icon=":material/download:",
        type="tertiary",
    )


def _with_params(evidence: Evidence) -> str:
    def value(item: Any) -> str:
        return repr(item) if isinstance(item, str | int | float | bool) or item is None else str(item)

    head = "".join(f"-- ${name} = {value(item)}\n" for name, item in evidence.params)
    return head + evidence.sql
