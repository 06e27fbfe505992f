"""Saved queries: keep one, show it in the summary, make it a metric, open, rename, delete."""

from __future__ import annotations

import streamlit as st

from lib.engine.datasets import query_metrics
from lib.engine.sandbox import SandboxResult
from lib.errors import UserError
from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.kit import fields, page_components
from lib.ui.kit.evidence_view import plain
from lib.workbook.model import Query, Workbook

NAME = "explore.name"
_DONE = {"summary": "is in the Summary now.", "metric": "is saved and is a metric now."}  # what a use came to
OPENED = "explore.opened"  # id of the saved query that is in the editor


def save_form(result: SandboxResult) -> None:
    """Draw what can be done with an answer: show it in the summary, save it, make it a metric."""
    series = query_metrics.series_of(result)
    known = session.workbook().queries.get(session.get(OPENED, ""))
    is_changed = known is not None and known.sql != result.evidence.sql
    with st.container(border=True, key="explore-keep"):
        st.markdown("**Keep this answer**")
        st.text_input(
            "Name", key=NAME, placeholder=suggested(result), max_chars=80, help="Empty takes the suggestion."
        )
        with st.container(horizontal=True):
            st.button(
                "Show it in the Summary",
                type="primary",
                icon=":material/slideshow:",
                key="explore.summary",
                on_click=_save,
                args=(result, "summary"),
                help="Saves the query; its answer becomes a slide and is computed anew with your data.",
            )
            st.button(
                "Save the query",
                icon=":material/bookmark_add:",
                key="explore.save",
                on_click=_save,
                args=(result, "change" if is_changed else ""),
                help=f"Replaces what {known.name} asks; New query keeps both." if known else None,
            )
            if series:
                st.button(
                    "Use it as a metric",
                    icon=":material/monitoring:",
                    key="explore.metric",
                    on_click=_save,
                    args=(result, "metric"),
                    help=f"{series.value} by {series.date} joins the metric audit like an uploaded series.",
                )
        if not series:
            st.markdown(":small[A query that begins with a date and a number can also be used as a metric.]")


def named(sql: str) -> str:
    """The name under which a query is saved, else the open one's; "" for none."""
    queries = session.workbook().queries
    same = next((query.name for query in queries.values() if query.sql == sql.strip()), "")
    opened = queries.get(session.get(OPENED, ""))
    return same or (opened.name if opened else "")


def suggested(result: SandboxResult) -> str:
    """A name for an answer from its columns: "Weekly users by week"."""
    names = [name.replace("_", " ") for name in result.evidence.columns]
    text = f"{names[1]} by {names[0]}" if len(names) > 1 else names[0]
    return (text[:1].upper() + text[1:])[:80]


def _save(result: SandboxResult, use: str) -> None:
    """Save the query under its name, and put it to use where that was asked for."""
    book = session.workbook()
    opened = session.get(OPENED, "")
    # The same text is the same query; another text replaces the open query only where that was said.
    same = next((key for key, q in book.queries.items() if q.sql == result.evidence.sql), "")
    id = same or (opened if use == "change" and opened in book.queries else session.new_id("query"))
    name = _free(str(session.get(NAME) or "").strip() or suggested(result), id)
    changes: list[tuple[str, object]] = [
        (f"queries/{id}/name", name),
        (f"queries/{id}/sql", result.evidence.sql),
    ]
    if use == "summary":
        changes.append((f"queries/{id}/in_summary", True))
    if use == "metric":
        try:
            query_metrics.rows_of(name, result)
        except UserError as error:
            session.tell("problem", error.problem, error.remedy)
            return
        changes += _as_metric(book, id, name)
    done = _DONE.get(use, "is saved.")
    if session.save_all(changes, note=f"Save query {name}"):
        session.put(NAME, name)
        session.tell("done", f"{name} {done}")


def _as_metric(book: Workbook, id: str, name: str) -> list[tuple[str, object]]:
    """The answers that make a query a metric; none where it is one."""
    if any(metric.source == "query" and metric.series == id for metric in book.metrics.values()):
        return []
    head = f"metrics/{session.new_id('metric')}"
    return [
        (f"{head}/name", name),
        (f"{head}/source", "query"),
        (f"{head}/series", id),
        (f"{head}/definition", f"Saved query “{name}”"),
    ]


def _free(name: str, id: str) -> str:
    """The name, or with a number behind it where another query has it."""
    taken = {query.name for key, query in session.workbook().queries.items() if key != id}
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name} {number}"
    return free


def listed() -> None:
    """Draw every saved query."""
    book = session.workbook()
    page_components.section("Saved queries")
    if not book.queries:
        st.markdown("None yet. Run a query, then keep its answer: the whole team finds it here.")
        return
    feeding = {metric.series: metric.name for metric in book.metrics.values() if metric.source == "query"}
    for id, query in sorted(book.queries.items(), key=lambda item: (item[1].name.casefold(), item[0])):
        _one(id, query, feeding.get(id, ""))
    if any(query.in_summary for query in book.queries.values()):
        pages.link(step_ids.SUMMARY, "See them in the Summary")


def _one(id: str, query: Query, metric: str) -> None:
    with st.container(border=True, key=f"explore-saved-{id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(query.name)}**", width="stretch")
            st.button(
                "Open", key=f"explore.open.{id}", icon=":material/edit:", on_click=open_query, args=(id,)
            )
            with st.popover("More", icon=":material/more_horiz:", key=f"explore.more.{id}"):
                fields.text(f"queries/{id}/name", "Name")
                fields.text(
                    f"queries/{id}/note",
                    "What it shows",
                    placeholder="Signups fell by a third since May",
                    help="Becomes the headline of its slide.",
                )
                st.button(
                    "Delete",
                    key=f"explore.delete.{id}",
                    icon=":material/delete:",
                    on_click=_delete,
                    args=(id, query.name),
                    disabled=bool(metric),
                    help="It feeds a metric; remove that first." if metric else "Undo brings it back.",
                )
        with st.container(horizontal=True, vertical_alignment="center"):
            fields.switch(f"queries/{id}/in_summary", "Show in the Summary")
            if metric:
                st.markdown(f":small[:material/monitoring: feeds the metric {plain(metric)}]")
        st.markdown(f":small[:gray[{plain(_one_line(query.sql))}]]")


def _one_line(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 110 else text[:109] + "…"


def open_query(id: str) -> None:
    """Put a saved query into the editor and run it."""
    query = session.workbook().queries.get(id)
    if query is None:
        return
    session.put("explore.sql", query.sql)
    session.put(OPENED, id)
    session.put(NAME, query.name)
    session.put("explore.asked", True)


def _delete(id: str, name: str) -> None:
    parts = [(f"queries/{id}/{field}", None) for field in ("name", "sql", "in_summary", "note")]
    if session.save_all(parts, note=f"Delete query {name}"):
        if session.get(OPENED) == id:
            session.drop(OPENED)
        session.tell("done", f"{name} is deleted.")
