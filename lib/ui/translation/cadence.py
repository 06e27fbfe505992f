"""Sessions on the page: the next agendas filled with what changed, the calendar file, and their settings."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from lib.analysis.translation.cadence import Agenda, CadenceResult, saves
from lib.framework.load import framework
from lib.report.story import build, run_steps
from lib.report.writers import tables
from lib.ui import session
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Workbook

DAYS = dict(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


def render(book: Workbook, result: CadenceResult, today: dt.date) -> None:
    """Draw the agendas, the calendar file, suggestions and settings."""
    page_components.findings(result.findings, key="cadence-findings")
    if result.agendas:
        page_components.section(
            "The next sessions", "Each agenda holds what changed since the session before."
        )
    for index, agenda in enumerate(result.agendas):
        day = page_components.written(agenda.next.isoformat(), "date")
        with st.expander(
            f"{evidence_view.plain(agenda.name)} · {day}", expanded=index == 0, icon=":material/event:"
        ):
            _agenda(agenda)
    if result.agendas:
        st.download_button(
            "Calendar file (.ics)",
            data=lambda: _calendar(book, today),
            file_name="sessions.ics",
            mime="text/calendar",
            icon=":material/event_available:",
            on_click="ignore",
            key="translation.ics",
        )
    _suggestions(book, today)
    for id in book.rituals:
        with st.expander(f"Change “{evidence_view.plain(book.rituals[id].name or id)}”"):
            _settings(id)
    _actions(book)


def _agenda(agenda: Agenda) -> None:
    since = f"since {page_components.written(agenda.last.isoformat(), 'date')}" if agenda.last else "so far"
    st.markdown(f":small[:gray[What changed {since}]]")
    standing = [point for point in agenda.points if not point.items]
    if standing:
        st.markdown(
            "\n".join(f"{n}. {evidence_view.plain(point.title)}" for n, point in enumerate(standing, 1))
        )
    for point in agenda.points:
        if point.items:
            listed = "\n".join(f"- {evidence_view.plain(item)}" for item in point.items)
            st.markdown(f"**{evidence_view.plain(point.title)}**\n\n{listed}")
    text = "\n".join(
        [
            agenda.name,
            *(line for p in agenda.points for line in (f"\n{p.title}", *(f"- {i}" for i in p.items))),
        ]
    )
    st.download_button(
        "Agenda as text",
        data=text,
        file_name=f"agenda-{agenda.next.isoformat()}.txt",
        key=f"translation.agenda.{agenda.ritual}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )


def _calendar(book: Workbook, today: dt.date) -> bytes:
    """The calendar file, its agendas filled from the log and the measured handoff."""
    data, log = session.data(), session.store().events(book.id) if book.id else []
    return tables.ics(build.build(run_steps.run_steps(book, data, today=today, log=log)))


def _suggestions(book: Workbook, today: dt.date) -> None:
    names = {ritual.name for ritual in book.rituals.values()}
    offered = [
        row for id, row in framework().rituals.items() if id not in book.rituals and row.name not in names
    ]
    if not offered:
        return
    with st.expander("Suggested sessions", expanded=not book.rituals):
        for row in offered:
            often = "weekly" if row.every_weeks == 1 else f"every {row.every_weeks} weeks"
            st.markdown(
                f"**{row.name}** ({row.minutes} minutes, {often}, led by {row.leads.lower()}). {row.purpose}"
            )
            st.button(
                f"Add “{row.name}”",
                key=f"translation.add.{row.id}",
                icon=":material/add:",
                on_click=session.saving,
                args=(saves(row, today),),
                kwargs={"note": f"Add session {row.name}"},
            )


def _settings(id: str) -> None:
    base = f"rituals/{id}"
    fields.text(f"{base}/name", "Name")
    fields.text(f"{base}/purpose", "What it is for")
    left, right = st.columns(2)
    with left:
        fields.choice(f"{base}/weekday", "Day", DAYS, style="list")  # type: ignore[arg-type]
        fields.number(f"{base}/minutes", "Length", unit="minutes", low=5, high=480, whole=True)
    with right:
        fields.text(f"{base}/time", "Time", placeholder="10:00")
        fields.number(f"{base}/every_weeks", "Every", unit="weeks", low=1, high=26, whole=True)
    fields.date(f"{base}/starts_on", "First session")
    fields.text(f"{base}/owner", "Owner")
    fields.lines(f"{base}/agenda", "Standing points")


def _actions(book: Workbook) -> None:
    waiting = {id: action for id, action in book.actions.items() if action.text and not action.done}
    if waiting:
        with st.expander(f"{len(waiting)} open actions", icon=":material/task_alt:"):
            for id, action in waiting.items():
                fields.switch(
                    f"actions/{id}/done",
                    f"{evidence_view.plain(action.text)} ({evidence_view.plain(action.owner or 'no owner')}, "
                    f"{page_components.written(action.due, 'date') if action.due else 'no date'})",
                )
