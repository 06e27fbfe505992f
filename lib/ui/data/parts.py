"""Pieces of the Data page: the row accounting, the preview, the columns of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lib.engine.contracts import recognition
from lib.engine.intake import Preview, Reading
from lib.engine.intake.model import REJECTS
from lib.engine.intake.readers.text_lines import NAMES
from lib.ui.kit.evidence_view import plain

_ZONED = re.compile(r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})$")
KINDS = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "date": "date",
    "timestamp": "date and time",
}


def accounting(reading: Reading) -> None:
    """Where every record went, what was noticed, what was rejected."""
    a = reading.accounting
    parts = [f"**{a.accepted:,}** rows read", f"**{a.rejected:,}** rejected"]
    parts += [
        f"{n:,} {word}"
        for n, word in ((a.preamble, "above the header"), (a.blank, "blank"), (a.header, "header"))
        if n
    ]
    separated = NAMES.get(reading.delimiter, reading.delimiter)
    columns = "columns lined up by spaces" if separated == "whitespace" else f"separated by “{separated}”"
    form = [columns] if separated and reading.delimiter else []
    form += [reading.encoding.replace("-sig", "")] if reading.encoding else []
    st.markdown(
        f"{' · '.join(parts)} = {a.total:,} records  \n:small[{plain(', '.join(form) or reading.format)}]"
    )
    for note in reading.notes:
        st.markdown(f":small[:material/info: {plain(note)}]")
    if reading.rejects:
        _rejects(reading)


def _rejects(reading: Reading) -> None:
    count = reading.accounting.rejected
    with st.expander(
        f"{count:,} record{'s' if count > 1 else ''} rejected: see which and why", icon=":material/warning:"
    ):
        rows = [(r.line, r.reason, r.text) for r in reading.rejects]
        st.dataframe(
            pd.DataFrame(rows, columns=["Line", "Why", "Record"]),
            hide_index=True,
            width="stretch",
            key=f"data.rejects.{reading.sha256[:12]}",
        )
        file = reading.folder / REJECTS
        if file.is_file():
            st.download_button(
                "Download all",
                file.read_bytes(),
                f"rejected_{reading.name}.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
                key=f"data.rejects.get.{reading.sha256[:12]}",
            )


def first_rows(first: Preview, key: str) -> None:
    """What the first rows look like, while the whole file is still being read."""
    size = f" of {first.size / 1e6:,.0f} MB" if first.size >= 1e6 else ""
    st.markdown(f":small[The first rows{size}.]")
    frame = pd.DataFrame([list(row) for row in first.rows], columns=list(first.headers))
    st.dataframe(frame, hide_index=True, height=230, width="stretch", key=f"data.first.{key}")


def preview(reading: Reading, key: str) -> None:
    """First rows and what each column seems to hold."""
    rows, columns = st.tabs(["First rows", f"Columns ({len(reading.columns)})"])
    with rows:
        head = pd.DataFrame([list(row) for row in reading.head], columns=list(reading.headers))
        st.dataframe(head, hide_index=True, height=230, width="stretch", key=f"data.head.{key}")
        if reading.preamble:
            st.markdown(f":small[Above the header: {plain(' / '.join(reading.preamble[:5]))}]")
    with columns:
        about = [
            (c.header, KINDS[c.kind], f"{c.missing:,}", ", ".join(c.examples[:3])) for c in reading.columns
        ]
        st.dataframe(
            pd.DataFrame(about, columns=["Column", "Looks like", "Empty", "Examples"]),
            hide_index=True,
            width="stretch",
            key=f"data.columns.{key}",
        )


def has_local_times(reading: Reading, contract: recognition.Contract, mapping: Mapping[str, str]) -> bool:
    """Whether a mapped time of day does not say its zone."""
    for column in contract.columns:
        source = mapping.get(column.name, "=")
        if column.type == "timestamp" and not source.startswith("="):
            raw = reading.column(source)
            if raw.kind == "timestamp" and not raw.style.startswith("epoch") and "@" not in raw.style:
                return not any(_ZONED.search(example) for example in raw.examples)
    return False
