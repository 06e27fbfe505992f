"""Who changed what, when; and back to any point of it."""

from __future__ import annotations

import functools

import streamlit as st

from lib.errors import NotAllowedError
from lib.ui import session
from lib.ui.kit import save_status
from lib.ui.kit.evidence_view import plain
from lib.workbook import history
from lib.workbook.history import AnswerChange, HistoryStep
from lib.workbook.store import Store

_PAGE = 25


def draw() -> None:
    """Draw the history of the open workbook, newest first."""
    snapshot = session.snapshot()
    steps = _steps(session.store(), snapshot.id, snapshot.rev) if snapshot.id else ()
    if not steps:
        st.markdown("Nothing was changed yet. Every answer you give appears here, with its author and time.")
        return
    authors = sorted({step.author for step in steps})
    who = st.multiselect("Only changes by", authors, key="history.who", placeholder="Everybody", width=400)
    shown = [step for step in steps if not who or step.author in who]
    most = session.get("history.most", _PAGE)
    for step in shown[:most]:
        _row(step, is_now=step.rev == snapshot.rev)
    if len(shown) > most:
        st.button(
            f"Show older changes ({len(shown) - most})",
            key="history.more",
            on_click=lambda: session.put("history.most", most + _PAGE),
        )


@functools.lru_cache(maxsize=4)  # a log only grows, so what was told of a revision stays true
def _steps(store: Store, id: str, rev: int) -> tuple[HistoryStep, ...]:
    return tuple(history.steps(store.events(id, until=rev)))


def _row(step: HistoryStep, *, is_now: bool) -> None:
    with (
        st.container(key=f"history-{step.rev}", border=True),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        when = f":small[{save_status.clock(step.at)} · {plain(step.author)}]"
        first = f"  \n:small[{_line(step.changes[0], short=True)}]" if len(step.changes) == 1 else ""
        st.markdown(f"**{plain(step.title)}**  \n{when}{first}", width="stretch")
        if len(step.changes) > 1:
            with st.popover(f"{len(step.changes)} answers", key=f"history.what.{step.rev}"):
                st.markdown("\n".join(f"- {_line(change)}" for change in step.changes[:60]))
        if is_now:
            st.badge("Now", icon=":material/schedule:", color="green")
        else:
            st.button(
                "Back to here",
                key=f"history.restore.{step.rev}",
                icon=":material/history:",
                on_click=_restore,
                args=(step.rev, step.at),
                help="Set every answer as it stood after this change. This can be undone.",
            )


def _line(change: AnswerChange, *, short: bool = False) -> str:
    before, after = (plain(text) or "(empty)" for text in (change.before, change.after))
    turn = f"{before} → {after}" if change.before else after
    return turn if short else f"{plain(change.label)}: {turn}"


def _restore(rev: int, at: str) -> None:
    id = session.snapshot().id
    try:
        session.allow(id, "answer")
    except NotAllowedError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    session.store().restore(id, rev, author=session.author())
    session.put("session.own", {})
    session.tell("done", f"Everything stands as it did at {save_status.clock(at)}. Undo takes this back.")
