"""The tables a workbook uses: what they hold, where their records went, how to remove them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from lib.engine.datasets import column_profile, library
from lib.engine.datasets.dataset import Dataset
from lib.engine.intake.model import REJECTS
from lib.framework import slots
from lib.ui import session
from lib.ui.data import erase
from lib.ui.kit import page_components
from lib.ui.kit.evidence_view import plain
from lib.ui.web import dataset_access


def draw(data: Mapping[str, Dataset]) -> None:
    """Draw every table in use."""
    page_components.section("In use", "Open a table for its columns, its first rows and what was rejected.")
    for slot, dataset in data.items():
        _one(slot, dataset)


def _title(slot: str) -> str:
    name, _, number = slot.partition("-")
    known = slots.SLOTS.get(name)
    return f"{known.title if known else name} {number}".strip()


def size(dataset: Dataset) -> str:
    """How much of a file is in use; a wide table has fewer rows than values, so both are named.

    Args:
        dataset: A table in use.
    """
    rows = dataset.accounting.accepted
    said = f"{rows:,} row{'' if rows == 1 else 's'}"
    if dataset.rows == rows:
        return said
    return f"{said} of the file, {dataset.rows:,} value{'' if dataset.rows == 1 else 's'} (one a metric and date)"


def _one(slot: str, dataset: Dataset) -> None:
    details = library.details(dataset)
    rejected, unread = dataset.accounting.rejected, dataset.unreadable
    label = f"**{_title(slot)}** · {plain(dataset.name)} · {size(dataset)}"
    if rejected:
        label += f" · {rejected:,} rejected"
    if unread:
        label += f" · {unread:,} cell{'' if unread == 1 else 's'} unreadable"
    icon = ":material/warning:" if rejected or unread or dataset.checks else ":material/table:"
    with st.container(key=f"data-used-{slot}"):
        opened = st.expander(label, key=f"data.more.{slot}", on_change="rerun", icon=icon)
        if opened.open:
            with opened:
                told = (*(cell.text for cell in dataset.cells), *(check.text for check in dataset.checks))
                for text in filter(None, told):
                    st.markdown(f":small[:material/info: {plain(text)}]")
                _details(slot, dataset, details)
                st.button(
                    "Remove from this workbook",
                    key=f"data.remove.{slot}",
                    icon=":material/delete:",
                    on_click=erase.remove,
                    args=(slot, dataset.name),
                    help="Undo brings it back.",
                )
                erase.offer(slot, dataset.name)


def _details(slot: str, dataset: Dataset, details: Mapping[str, object]) -> None:
    columns, rows = st.tabs(["Columns", "First rows"])
    with columns:
        about = column_profile.profile(dataset)
        st.dataframe(
            pd.DataFrame(about.records()), hide_index=True, width="stretch", key=f"data.profile.{slot}"
        )
        page_components.evidence(about, key=f"profile-{slot}")
    with rows:
        head = column_profile.head(dataset)
        st.dataframe(
            pd.DataFrame(head.rows, columns=list(head.columns)),
            hide_index=True,
            width="stretch",
            key=f"data.rows.{slot}",
        )
    notes = [
        f"Fingerprint {dataset.fingerprint[:12]}, taken in {dataset.added_at[:16].replace('T', ' ')} UTC."
    ]
    answers = details.get("answers") or {}
    if isinstance(answers, dict) and answers:
        notes.append("Answered: " + ", ".join(f"{k} = {v}" for k, v in answers.items()) + ".")
    notes += [str(note) for note in details.get("notes", [])]  # type: ignore[union-attr]
    st.markdown("  \n".join(f":small[{plain(note)}]" for note in notes))
    rejects = dataset.folder / REJECTS
    if dataset.accounting.rejected and rejects.is_file():
        st.download_button(
            "Download rejected rows",
            _rejected(slot, rejects),
            f"rejected_{dataset.name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            key=f"data.rejected.{slot}",
        )


def _rejected(slot: str, path: Path) -> Callable[[], bytes]:
    """The rejected rows, read when somebody clicks, perhaps long after the page was drawn: the right is asked then."""
    asking, name = dataset_access.reader(), session.workbook().datasets[slot].fingerprint

    def content() -> bytes:
        library.open_dataset(home, name, asking)
        return path.read_bytes()

    home = session.home()
    return content


def draw_lost(data: Mapping[str, Dataset]) -> None:
    """Say which tables the workbook names but the visitor cannot open: not on this machine, or not theirs."""
    for slot, ref in session.workbook().datasets.items():
        if ref.fingerprint and slot not in data:
            with st.container(
                border=True, key=f"data-lost-{slot}", horizontal=True, vertical_alignment="center"
            ):
                st.markdown(
                    f":material/warning: **{_title(slot)}: {plain(ref.name)} is missing.** "
                    "Upload the same file again; it will be recognised.",
                    width="stretch",
                )
                st.button(
                    "Remove", key=f"data.remove.lost.{slot}", on_click=erase.remove, args=(slot, ref.name)
                )
