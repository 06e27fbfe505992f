"""Translation: the translator both ways, the glossary, the sessions with their agendas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from lib.analysis.facilitator_prompts import challenges
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.result_types import Data
from lib.analysis.translation.cadence import CadenceResult, broken_promise, cadence
from lib.analysis.translation.glossary import GlossaryResult, Use, Word, glossary
from lib.framework import slots, step_ids
from lib.framework.load import framework
from lib.ui import pages, session
from lib.ui.kit import evidence_view, fields, guard, page_components, prompts_panel
from lib.ui.translation import cadence as translation_cadence
from lib.ui.translation import translator
from lib.workbook.model import Workbook

PAGE = step_ids.TRANSLATION
VIEW = "translation.view"
VIEWS = {"translator": "Translator", "glossary": "Glossary", "sessions": "Sessions"}
_WORDS_SHOWN = 4


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(PAGE).question, PAGE)
    with guard.user_errors():
        book, data = session.workbook(), session.data()
        today = dt.datetime.now(dt.UTC).date()
        if session.get(VIEW) not in VIEWS:
            session.put(VIEW, "translator")
        view = st.segmented_control(
            "What to work on",
            list(VIEWS),
            key=VIEW,
            required=True,
            format_func=lambda v: VIEWS[v],
            label_visibility="collapsed",
        )
        if view == "glossary":
            words = glossary(book)
            page_components.verdict(words.verdict)
            _glossary(words)
        elif view == "sessions":
            rhythm = _rhythm(book, data, today)
            page_components.verdict(rhythm.verdict)
            translation_cadence.render(book, rhythm, today)
        else:
            translator.render(book, data)
        prompts_panel.render(challenges(book, data), PAGE)
    page_components.next_step(step_ids.TEAM, "Next: who can do what")


def _rhythm(book: Workbook, data: Data, today: dt.date) -> CadenceResult:
    """The sessions, with what the data say about the handoff's promise."""
    contract = handoff_map(book, data).contract if book.handoffs and slots.EVENTS in data else None
    log = session.store().events(book.id) if book.id else []
    return cadence(book, log, today, broken_promise(book, contract))


def _glossary(result: GlossaryResult) -> None:
    page_components.findings(result.findings)
    ours = [word for word in result.words if word.in_workbook]
    if ours:
        page_components.section(
            "Our words", "Both meanings first, then one definition that a metric can be bound to."
        )
    metrics = {id: metric.name or id for id, metric in session.workbook().metrics.items()}
    for word in sorted(ours, key=lambda word: word.is_settled):
        _word(word, metrics)
    waiting = [word for word in result.words if not word.in_workbook]
    with st.expander(f"{len(waiting)} more words that often mean two things", expanded=not ours):
        for word in waiting if ours else waiting[:_WORDS_SHOWN]:
            _offer(word.id)
    _own_word()
    if result.uses:
        _uses(result.uses)
    page_components.evidence(result.evidence, key="glossary")


def _uses(uses: Sequence[Use]) -> None:
    with st.expander(f"{len(uses)} uses of unsettled words in our notes"):
        for use in uses[:50]:
            st.markdown(f"- **{evidence_view.plain(use.word.word)}**: {evidence_view.plain(use.excerpt)}")


def _word(word: Word, metrics: dict[str, str]) -> None:
    """One word of ours: what each team means by it, what they agree on, which metric it is bound to."""
    icon, state = (
        (":material/check_circle:", "settled") if word.is_settled else (":material/contrast:", "two meanings")
    )
    head = f"terms/{word.id}"
    with st.expander(f"{evidence_view.plain(word.word)} · {state}", icon=icon):
        left, right = st.columns(2)
        with left:
            fields.text(f"{head}/marketing", "Marketing means")
        with right:
            fields.text(f"{head}/growth", "Growth means")
        known = framework().glossary.get(word.id)
        fields.text(f"{head}/agreed", "We agree on", suggestion=known.plain if known else "")
        if metrics:
            fields.choice(f"{head}/metric", "Bound to the metric", metrics, style="list", none=True)


def _offer(id: str) -> None:
    term = framework().glossary[id]
    base = f"terms/{id}"
    saves = [
        (f"{base}/word", term.word),
        (f"{base}/marketing", term.marketing),
        (f"{base}/growth", term.growth),
    ]
    st.markdown(f"**{evidence_view.plain(term.word)}**. Marketing: {term.marketing} Growth: {term.growth}")
    st.button(
        f"Take up “{term.word}”",
        key=f"translation.take.{id}",
        icon=":material/add:",
        on_click=session.saving,
        args=(saves,),
        kwargs={"note": f"Take up the word {term.word}"},
    )


def _own_word() -> None:
    def add() -> None:
        word = str(session.get("translation.word") or "").strip()
        if word:
            session.save(f"terms/{session.new_id('term')}/word", word, note=f"Add the word {word}")
            session.put("translation.word", "")

    st.text_input(
        "Add a word of our own",
        key="translation.word",
        on_change=add,
        placeholder="for example: qualified",
        max_chars=60,
    )
