"""Insights (product marketing's why) and ideas (growth's how), with the gate every idea passes before a test."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.experiments import idea_sizing, minimum_detectable_effect
from lib.analysis.experiments.ideas import IdeaCard
from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.charts import experiments as charts
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence
from lib.framework import metric_kinds, slots, step_ids
from lib.ui import pages, session
from lib.ui.experiments import insights as experiments_insights
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Idea

OPEN = experiments_insights.OPEN
STATUS = {
    "idea": "Idea",
    "testable": "Testable",
    "longer": "Needs longer",
    "not_test": "Do not test",
    "running": "Running",
    "done": "Done",
}
ICONS = {
    "testable": (":material/check_circle:", "green"),
    "longer": (":material/schedule:", "orange"),
    "not_test": (":material/block:", "red"),
    "unknown": (":material/help:", "gray"),
}


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    experiments_insights.render()
    page_components.section(
        "Ideas: how it could be better",
        "Every idea names one process metric and one outcome metric, and an "
        "owner from each team. That is what makes it shared.",
    )
    for card in _filtered(result.ideas):
        _card(card)
    first = not result.ideas
    st.button(
        "Write the first idea" if first else "Add an idea",
        icon=":material/add:",
        key="experiments.ideas.add",
        type="primary" if first else "secondary",
        on_click=_add,
    )


def _filtered(cards: tuple[IdeaCard, ...]) -> list[IdeaCard]:
    """The ideas to show; the filter appears once there is something to filter."""
    if len(cards) < 3:
        return list(cards)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        answers = {"testable": "Testable", "longer": "Needs longer", "not_test": "Do not test"}
        wanted = st.pills(
            "Show",
            list(answers),
            selection_mode="multi",
            key="experiments.ideas.answers",
            format_func=answers.__getitem__,
            label_visibility="collapsed",
        )
        star = any(card.feeds_north_star is not None for card in cards) and st.toggle(
            "Only what feeds the North Star", key="experiments.ideas.star"
        )
    found = [card for card in cards if not wanted or card.testability.answer in wanted]
    found = [card for card in found if not star or card.feeds_north_star]
    if not found:
        st.markdown("No idea passes this filter.")
    return found


def _add() -> None:
    id = session.new_id("idea")
    session.save_all([(f"ideas/{id}/name", "New idea"), *experiments_insights.owners(id)], note="Add an idea")
    session.put(OPEN, id)


def _open(id: str) -> None:
    session.put(OPEN, "" if session.get(OPEN) == id else id)


# ---- one idea -------------------------------------------------------------------------------------------------------


def _card(card: IdeaCard) -> None:
    is_open = session.get(OPEN) == card.id
    with st.container(border=True, key=f"experiments-idea-{card.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{evidence_view.plain(card.idea.name or 'Unnamed idea')}**")
            _badges(card)
        st.markdown(evidence_view.plain(card.sentence))
        if card.missing:
            st.markdown(f":orange[:material/edit: Still needs {', '.join(card.missing)}.]")
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Close" if is_open else "Open",
                key=f"experiments.idea.{card.id}.open",
                on_click=_open,
                args=(card.id,),
            )
            if not card.missing and not _registered(card.id):
                st.button(
                    "Register a test",
                    type="secondary" if session.workbook().experiments else "primary",
                    key=f"experiments.idea.{card.id}.register",
                    on_click=_register,
                    args=(card.id, card.idea),
                )
        if is_open:
            _edit(card)


def _badges(card: IdeaCard) -> None:
    """How far the idea is or whether it can be tested, its score, and whether it moves the North Star."""
    answer = card.testability.answer
    if card.idea.status in ("done", "running") or answer == "unknown":
        st.badge(STATUS.get(card.idea.status or "idea", "Idea"), color="gray")
    else:
        icon, colour = ICONS[answer]
        st.badge(minimum_detectable_effect.ANSWERS[answer], icon=icon, color=colour)  # type: ignore[arg-type]
    if card.ice is not None:
        st.badge(f"ICE {formats.write(card.ice, 'number1')}", color="blue")
    if card.feeds_north_star:
        st.badge("Feeds the North Star", icon=":material/star:", color="green")


def _registered(id: str) -> bool:
    return any(test.idea == id for test in session.workbook().experiments.values())


def _register(id: str, idea: Idea) -> None:
    test = session.new_id("test")
    head = f"experiments/{test}"
    answers: list[tuple[str, Any]] = [
        (f"{head}/name", idea.name),
        (f"{head}/idea", id),
        (f"{head}/process_metric", idea.process_metric),
        (f"{head}/outcome_metric", idea.outcome_metric),
        (f"ideas/{id}/status", "running"),
    ]
    if idea.hoped_effect:
        answers.append((f"{head}/smallest_effect", abs(idea.hoped_effect)))
    if idea.weekly_users and idea.weeks:
        answers.append((f"{head}/planned_total", float(round(idea.weekly_users * idea.weeks))))
    if session.save_all(answers, note=f"Register a test of {idea.name}"):
        session.put("experiments.view", "plan")
        session.put("experiments.plan.chosen", test)


def metrics(kinds: tuple[str, ...]) -> dict[str, str]:
    """Metrics of the register, those of the wanted kinds first and marked."""
    found = session.workbook().metrics
    order = sorted(found, key=lambda id: (found[id].kind not in kinds, found[id].name))
    return {id: f"{found[id].name or id} ({found[id].kind})" for id in order}


def _edit(card: IdeaCard) -> None:
    """The idea in three parts; the one to do next stands open."""
    with st.expander(
        "1 The sentence, both metrics, both owners", expanded=bool(card.missing), icon=_icon(not card.missing)
    ):
        _sentence(f"ideas/{card.id}")
    known = card.testability.answer != "unknown"
    with st.expander("2 Can we even test this?", expanded=not card.missing, icon=_icon(known)):
        _fill(card)
        _gate(card)
    with st.expander("3 Scores: ICE and RICE", icon=_icon(card.ice is not None)):
        _scores(card)


def _icon(is_done: bool) -> str:
    return ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"


def _sentence(head: str) -> None:
    fields.text(f"{head}/name", "Name", placeholder="Sample report in onboarding")
    left, right = st.columns(2)
    with left:
        fields.text(
            f"{head}/because", "Because ...", placeholder="new trials stall before their first report"
        )
        fields.text(f"{head}/audience", "for ...", placeholder="people in their first week")
        _metric(
            f"{head}/process_metric", "Process metric it moves", (metric_kinds.PROCESS, metric_kinds.SHARED)
        )
        fields.text(f"{head}/marketing_owner", "Owner from marketing")
    with right:
        fields.text(
            f"{head}/believe", "we believe ...", placeholder="a sample report filled with example data"
        )
        insights = {id: insight.text[:70] or id for id, insight in session.workbook().insights.items()}
        if insights:
            fields.multi(f"{head}/insights", "Insights behind it", insights)
        _metric(
            f"{head}/outcome_metric", "Outcome metric it moves", (metric_kinds.OUTCOME, metric_kinds.SHARED)
        )
        fields.text(f"{head}/growth_owner", "Owner from growth")
    learnings = {id: (one.learned or one.saw)[:70] or id for id, one in session.workbook().learnings.items()}
    if learnings:
        fields.multi(f"{head}/learnings", "Learnings it builds on", learnings)


def _metric(key: str, label: str, kinds: tuple[str, ...]) -> None:
    options = metrics(kinds)
    if options:
        fields.choice(key, label, options, style="list")
    else:
        fields.text(key, label, help="The metric audit keeps the register; a name will do for now.")


def _gate(card: IdeaCard) -> None:
    head, idea = f"ideas/{card.id}", card.idea
    one, two, three, four = st.columns(4)
    with one:
        fields.number(f"{head}/weeks", "Weeks you have", low=1, high=52, step=1, whole=True)
    with two:
        fields.number(f"{head}/weekly_users", "New people a week", low=0, step=1, whole=True)
    with three:
        fields.percent(f"{head}/baseline", "Convert today")
    with four:
        fields.percent(
            f"{head}/hoped_effect",
            "Change you hope for",
            low=0,
            high=1000,
            help="Relative: 10 % lifts 20 % to 22 %.",
        )
    found = card.testability
    page_components.verdict(found.verdict, key=f"testability-{card.id}")
    if found.advice:
        st.markdown(f":material/forum: {found.advice}")
    if idea.baseline and idea.weekly_users and 0 < idea.baseline < 1:
        chart = charts.smallest_effect_curve(idea.baseline, idea.weekly_users, hoped=idea.hoped_effect)
        page_components.chart(chart, height=220, key=f"curve-{card.id}")
    elif found.answer != "unknown":
        evidence_view.popover(found.evidence, f"testability-{card.id}")


def _fill(card: IdeaCard) -> None:
    """Reach and baseline from the data: the metrics file at once, the events by two choices made beforehand."""
    book, data = session.workbook(), session.data()
    proposal = idea_sizing.from_metrics(book, data, card.idea)
    if proposal:
        _from_metrics(card, proposal)
    events = data.get(slots.EVENTS)
    if events is None:
        if not proposal:
            st.markdown(
                ":gray[With an events or metrics file, reach and baseline are filled in from your data.]"
            )
            pages.link(step_ids.DATA, "Add a file")
    elif proposal and len(proposal.answers) > 1:
        if st.toggle("Count it from the events instead", key=f"experiments.idea.{card.id}.events"):
            _choose_events(card, events)
    else:
        _choose_events(card, events)


def _choose_events(card: IdeaCard, events: Dataset) -> None:
    """By which event people would enter the test, and which one is success; both chosen beforehand by their names."""
    kinds = minimum_detectable_effect.event_names(events)
    likely = idea_sizing.likely_events(session.workbook(), card.idea, kinds)
    key = f"experiments.idea.{card.id}"
    left, right, last = st.columns([2, 2, 1], vertical_alignment="bottom")
    at = [kinds.index(name) if name in kinds else None for name in likely]
    entry = left.selectbox(
        "People enter by",
        kinds,
        index=at[0],
        key=f"{key}.entry",
        placeholder="Event",
        format_func=event_names.event,
    )
    outcome = right.selectbox(
        "Success is",
        kinds,
        index=at[1],
        key=f"{key}.outcome",
        placeholder="Event",
        format_func=event_names.event,
    )
    days = last.number_input("within (days)", 1, 90, 14, key=f"{key}.days")
    if entry and outcome:
        found = minimum_detectable_effect.traffic(events, entry, outcome, window_days=int(days))
        if found is None:
            st.markdown(":orange[:material/warning: Too few complete weeks in the data to read a baseline.]")
        else:
            _from_events(card, found)


def _offer(id: str, said: str, answers: dict[str, float], tables: list[Evidence], key: str) -> None:
    """What the data say, one button that takes it over, and where it was read."""
    st.markdown(said)
    stands = session.workbook().ideas[id]
    is_taken = all(getattr(stands, field) == value for field, value in answers.items())
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if is_taken:
            st.markdown(":green[:material/check: These are in use.]")
        else:
            st.button(
                "Use these",
                icon=":material/auto_fix_high:",
                key=f"experiments.idea.{id}.{key}",
                on_click=session.saving,
                args=([(f"ideas/{id}/{f}", v) for f, v in answers.items()],),
                kwargs={"note": "Fill reach and baseline from the data"},
            )
        for index, table in enumerate(tables):
            evidence_view.popover(table, f"{key}-{id}-{index}")


def _from_metrics(card: IdeaCard, found: idea_sizing.IdeaSizing) -> None:
    parts = []
    if found.baseline:
        parts.append(f"{evidence_view.plain(found.baseline.metric)} stands at **{found.baseline.fact.text}**")
    if found.reach:
        parts.append(
            f"{evidence_view.plain(found.reach.metric)} brings **{found.reach.fact.text} people a week**"
        )
    tables = [side.evidence for side in (found.baseline, found.reach) if side]
    said = f"Your metrics file, last eight weeks: {' and '.join(parts)}."
    _offer(card.id, said, found.answers, tables, "metrics")


def _from_events(card: IdeaCard, found: minimum_detectable_effect.Traffic) -> None:
    people = formats.write(found.weekly_users, "count")
    share, low, high = (formats.write(x, "percent1") for x in (found.baseline, found.low, found.high))
    said = (
        f"Your events: **{people} people a week** enter, **{share}** of them reach success "
        f"(range {low} to {high})."
    )
    answers = {"baseline": round(found.baseline, 6), "weekly_users": found.weekly_users}
    _offer(card.id, said, answers, [found.evidence], "use")


def _scores(card: IdeaCard) -> None:
    head = f"ideas/{card.id}"
    one, two, three, four = st.columns(4)
    suggested = round(card.confidence * 10)
    with one:
        fields.number(f"{head}/impact", "Impact 1-10", low=1, high=10, step=1)
    with two:
        fields.number(f"{head}/confidence", "Confidence 1-10", low=1, high=10, step=1)
    with three:
        fields.number(f"{head}/ease", "Ease 1-10", low=1, high=10, step=1)
    with four:
        fields.number(f"{head}/effort", "Effort", low=0.1, unit="person-months")
    st.markdown(
        f"The evidence carries a confidence of about {suggested} of 10: {card.confidence_why}."
        + (" It counts until you give one." if card.idea.confidence is None else "")
    )
    if card.idea.confidence is not None and card.idea.confidence > suggested + 2:
        st.markdown(":orange[:material/warning: You are more confident than the evidence behind the idea.]")
    scores = {"ICE": card.ice, "RICE": card.rice}
    known = ", ".join(
        f"**{name}** {formats.write(value, 'number')}" for name, value in scores.items() if value
    )
    st.markdown(known or ":gray[Fill in the scores to rank ideas.]")
    fields.choice(f"{head}/status", "Status", STATUS, default=card.idea.status or "idea", style="list")
