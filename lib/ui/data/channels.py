"""Channel names mapped once: what each table calls a channel, and what the workbook calls it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lib.engine.contracts import channel_names
from lib.engine.datasets.dataset import Dataset
from lib.ui import session
from lib.ui.kit import page_components
from lib.ui.kit.evidence_view import plain

_MOST = 60  # names shown in the table; more is not a list of channels


def draw(data: Mapping[str, Dataset]) -> None:
    """Draw the channel names, when at least one table has any."""
    found = channel_names.found(data)
    if found is None or not found.rows:
        return
    rows: dict[str, dict[str, int]] = {}
    for record in found.records():
        rows.setdefault(str(record["alias"]), {})[str(record["slot"])] = int(record["row_count"])
    known = session.workbook().channels
    waiting = {a: channel_names.suggest(a) for a in rows if a not in known and channel_names.suggest(a) != a}
    page_components.section(
        "Channels",
        "The same channel should have one name in every table: spend, customers and events are joined by it.",
    )
    if waiting:
        _offer(waiting)
    label = f"All {len(rows)} channel names" + ("" if waiting else ": every one has its name")
    with st.expander(label, expanded=False, icon=":material/merge_type:"):
        _table(rows, known)
        page_components.evidence(found, key="channels")


def _offer(waiting: dict[str, str]) -> None:
    some = ", ".join(f"“{plain(alias)}” as {plain(name)}" for alias, name in list(waiting.items())[:4])
    more = f" and {len(waiting) - 4} more" if len(waiting) > 4 else ""
    with st.container(border=True, key="data-channels-offer", horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/merge_type: Read {some}{more}?", width="stretch")
        changes = [(f"channels/{alias}", name) for alias, name in waiting.items()]
        st.button(
            "Use these names",
            key="data.channels.take",
            on_click=_save,
            args=(changes,),
        )


def _save(changes: list[tuple[str, str]]) -> None:
    session.save_all(changes, note="Name the channels")


def _table(rows: dict[str, dict[str, int]], known: Mapping[str, object]) -> None:
    """Every alias with its rows; only a changed name is saved, by its alias."""
    aliases = sorted(rows, key=lambda a: -sum(rows[a].values()))[:_MOST]
    counted = pd.DataFrame.from_records([rows[alias] for alias in aliases])
    counted = counted[sorted(counted.columns)]
    names = {alias: str(known.get(alias) or alias) for alias in aliases}
    frame = pd.concat(
        [pd.DataFrame({"In the files": aliases, "Called here": list(names.values())}), counted], axis=1
    )
    options = sorted({*channel_names.CANONICAL, *names.values(), *aliases})
    edited = st.data_editor(
        frame,
        key="data.channels",
        hide_index=True,
        width="stretch",
        num_rows="fixed",
        disabled=["In the files", *counted.columns],
        column_config={
            "Called here": st.column_config.SelectboxColumn(
                options=options, required=True, help="One name per channel"
            )
        },
    )
    changed = [
        (f"channels/{alias}", name)
        for alias, name in zip(edited["In the files"], edited["Called here"], strict=True)
        if name and name != names[alias]
    ]
    if changed and session.save_all(changed, note="Name the channels"):
        st.rerun()
