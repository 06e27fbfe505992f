"""A table of records to edit in place. Only changed cells are saved, each as the answer of its row and field.

table.edit("metrics", book.metrics, {"name": table.Column("Metric"), "kind": table.Column("Kind", "choice", KINDS)},
           key="audit.register", add="Add a metric")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st
from pydantic import BaseModel

from lib.engine.calendar import iso_day
from lib.errors import UserError
from lib.ui import session
from lib.ui.kit.conflict import draw_conflict
from lib.ui.kit.evidence_view import plain
from lib.ui.kit.fields import apart
from lib.workbook.events import Conflict
from lib.workbook.history import label

Kind = Literal["text", "number", "percent", "choice", "multi", "switch", "date"]


@dataclass(frozen=True)
class EditorColumn:
    """One column of an editable table.

    Attributes:
        title: Heading.
        kind: text | number | percent (kept 0..1) | choice | multi (list of texts) | switch | date ("2026-10-12").
        options: For choice and multi: value kept -> what people read.
        help: Tooltip of the heading.
        width: "small" | "medium" | "large"; None for automatic.
        read_only: Shown but not editable.
        low: Smallest number.
        high: Largest number.
    """

    title: str
    kind: Kind = "text"
    options: Mapping[str, str] | None = None
    help: str | None = None
    width: Literal["small", "medium", "large"] | None = None
    read_only: bool = False
    low: float | None = None
    high: float | None = None


def edit(
    section: str,
    rows: Mapping[str, BaseModel | Mapping[str, Any]],
    columns: Mapping[str, EditorColumn],
    key: str,
    *,
    add: str = "",
    new_row: Mapping[str, Any] | None = None,
    remove: bool = True,
    alt: str = "",
) -> None:
    """Draw the editor and save what is changed, cell by cell.

    Args:
        section: Section of the workbook the rows are records of: "metrics".
        rows: Record id -> record, in the order to show. Rows of fields that are not in the workbook are fine when
            their column is read-only.
        columns: Field -> Column, in the order to show.
        key: Name of the table, "audit.register".
        add: What the button under the table says that adds a row; "" for no button.
        new_row: Fields of an added row; the first text column gets "New" otherwise.
        remove: Whether rows can be removed.
        alt: The table in words.
    """
    _settled(key)
    ids = _stable(key, list(rows))
    widget = f"{key}.{session.get(f'{key}.version', 0)}"
    if ids:
        st.data_editor(
            _frame(ids, rows, columns),
            key=widget,
            hide_index=True,
            num_rows="fixed",
            width="stretch",
            **_columns(columns),
            alt=alt or None,
            placeholder="",  # an empty cell is empty, not the word None
            on_change=_changed,
            args=(section, key, widget, columns),
        )
    for name, conflict in _conflicts(key).items():
        st.markdown(f"**{plain(label(conflict.key))}**")
        draw_conflict(name, conflict)
    removable = ids if remove else []
    if add or removable:
        with st.container(horizontal=True, gap="small"):
            if add:
                _adder(section, key, add, new_row or {next(iter(columns)): "New"})
            if removable:
                _remover(section, key, removable, rows, columns)


def changes(
    section: str,
    ids: Sequence[str],
    edited: Mapping[int, Mapping[str, Any]],
    columns: Mapping[str, EditorColumn],
    committed: dict[tuple[str, str], Any],
) -> list[tuple[str, Any]]:
    """The answers that are new in what the editor reports.

    The editor reports every edit since it was mounted, each time. What was saved before must not be saved again: it
    would overwrite what somebody else wrote since.

    Args:
        section: Section of the records.
        ids: Record ids in the order shown.
        edited: Row number -> field -> value, as the editor reports it.
        columns: The table's columns.
        committed: (id, field) -> value saved before; brought up to date.
    """
    now = {
        (ids[int(row)], field): value
        for row, cells in edited.items()
        if int(row) < len(ids)
        for field, value in cells.items()
        if field in columns
    }
    for cell in [cell for cell in committed if cell not in now]:
        del committed[cell]  # changed back to what the table was mounted with
    new = {cell: value for cell, value in now.items() if cell not in committed or committed[cell] != value}
    committed.update(new)
    return [(f"{section}/{id}/{field}", _decode(columns[field], value)) for (id, field), value in new.items()]


def _changed(section: str, key: str, widget: str, columns: Mapping[str, EditorColumn]) -> None:
    edited = (session.get(widget) or {}).get("edited_rows", {})
    committed: dict[tuple[str, str], Any] = dict(session.get(f"{key}.committed", {}))
    new = changes(section, session.get(f"{key}.ids", []), edited, columns, committed)
    session.put(f"{key}.committed", committed)
    saved = [_save(key, name, value) for name, value in new]
    if not all(saved):
        _remount(key)  # show what stands instead of what was refused


def _save(key: str, name: str, value: Any) -> bool:
    """Save one cell; where somebody else changed it since, both values are shown under the table and one is chosen."""
    own: dict[str, int] = session.get("session.own", {})
    try:
        saved = session.commit([(name, value)], {name: max(session.get("session.rev", 0), own.get(name, 0))})
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return False
    for conflict in saved.conflicts:
        session.set_conflict(f"{key}|{name}", conflict)
    return not saved.conflicts


def _conflicts(key: str) -> dict[str, Conflict]:
    """Cells of this table that two people changed at once."""
    return {name: conflict for name, conflict in session.conflicts().items() if name.startswith(f"{key}|")}


def _settled(key: str) -> None:
    """Once a clash is settled the table is drawn anew: its own memory still holds the other value."""
    now = set(_conflicts(key))
    if set(session.get(f"{key}.clashing", ())) - now:
        _remount(key)
    session.put(f"{key}.clashing", tuple(now))


def _stable(key: str, ids: list[str]) -> list[str]:
    """Rows keep their place while the editor is open: new ones come last; when one goes the editor starts anew."""
    known: list[str] = session.get(f"{key}.ids", [])
    widget = f"{key}.{session.get(f'{key}.version', 0)}"
    if session.get(widget) is None or not set(known) <= set(ids):
        if known and not set(known) <= set(ids):
            _remount(key)
        known = []
    order = [*known, *[id for id in ids if id not in known]]
    session.put(f"{key}.ids", order)
    return order


def _remount(key: str) -> None:
    session.put(f"{key}.version", session.get(f"{key}.version", 0) + 1)
    session.put(f"{key}.committed", {})


def _frame(ids: Sequence[str], rows: Mapping[str, Any], columns: Mapping[str, EditorColumn]) -> pd.DataFrame:
    data = {name: [_encode(column, _field(rows[id], name)) for id in ids] for name, column in columns.items()}
    frame = pd.DataFrame(data, index=pd.Index(ids), columns=list(columns))
    for name, column in columns.items():
        if column.kind in ("number", "percent"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return frame


def _field(row: BaseModel | Mapping[str, Any], name: str) -> Any:
    return getattr(row, name, None) if isinstance(row, BaseModel) else row.get(name)


def _encode(column: EditorColumn, value: Any) -> Any:
    if column.kind == "percent":
        return None if value is None else round(float(value) * 100, 8)
    if column.kind == "multi":
        return list(value or [])
    if column.kind == "date":
        return iso_day(value)
    return (value or None) if column.kind == "choice" else value


def _decode(column: EditorColumn, value: Any) -> Any:
    if column.kind == "percent":
        return None if value is None else round(float(value) / 100, 10)
    if column.kind == "date":
        return str(value)[:10] if value else ""
    if column.kind == "multi":
        return list(value or [])
    return "" if value is None and column.kind == "text" else value


def _columns(columns: Mapping[str, EditorColumn]) -> dict[str, Any]:
    """How the editor draws the columns, and which of them nobody edits."""
    return {
        "column_config": {name: _config(column) for name, column in columns.items()},
        "disabled": [name for name, column in columns.items() if column.read_only],
    }


def _config(column: EditorColumn) -> Any:
    options = column.options or {}
    common: dict[str, Any] = {"help": column.help, "width": column.width}
    makers = {
        "text": lambda: st.column_config.TextColumn(column.title, **common),
        "number": lambda: st.column_config.NumberColumn(
            column.title, min_value=column.low, max_value=column.high, **common
        ),
        "percent": lambda: st.column_config.NumberColumn(
            column.title, min_value=column.low, max_value=column.high, format="%.4g %%", **common
        ),
        "choice": lambda: st.column_config.SelectboxColumn(
            column.title, options=list(options), format_func=lambda v: options.get(str(v), str(v)), **common
        ),
        "multi": lambda: st.column_config.MultiselectColumn(
            column.title,
            options=list(options),
            accept_new_options=True,
            format_func=lambda v: options.get(str(v), str(v)),
            **common,
        ),
        "switch": lambda: st.column_config.CheckboxColumn(column.title, **common),
        "date": lambda: st.column_config.DateColumn(column.title, **common),
    }
    return makers[column.kind]()


def _adder(section: str, key: str, label: str, new_row: Mapping[str, Any]) -> None:
    args = (section, dict(new_row), label)
    st.button(label, key=f"{key}.add", icon=":material/add:", on_click=_add, args=args)


def _add(section: str, fields: Mapping[str, Any], note: str) -> None:
    id = session.new_id(section.rstrip("s"))
    session.save_all([(f"{section}/{id}/{field}", value) for field, value in fields.items()], note=note)


def _remover(
    section: str, key: str, ids: Sequence[str], rows: Mapping[str, Any], columns: Mapping[str, EditorColumn]
) -> None:
    first = next(iter(columns))
    names = apart({id: str(_field(rows[id], first) or id) for id in ids})
    with st.popover("Remove rows", icon=":material/delete:", type="tertiary"):
        st.multiselect(
            "Rows to remove", ids, format_func=lambda id: names.get(str(id), ""), key=f"{key}.doomed"
        )
        st.button("Remove", key=f"{key}.remove", on_click=_remove, args=(section, key, names))


def _remove(section: str, key: str, names: Mapping[str, str]) -> None:
    doomed = session.get(f"{key}.doomed") or []
    remove(section, doomed, note="Remove " + ", ".join(names.get(id, id) for id in doomed))
    session.put(f"{key}.doomed", [])


def remove(section: str, ids: Sequence[str], note: str = "") -> bool:
    """Clear every answer of some records: they are gone from the workbook, and undo brings them back."""
    answers = session.snapshot().answers
    heads = tuple(f"{section}/{id}/" for id in ids)
    keys = [
        name
        for name, answer in answers.items()
        if heads and name.startswith(heads) and answer.value is not None
    ]
    return session.save_all([(name, None) for name in keys], note=note or "Remove") if keys else False
