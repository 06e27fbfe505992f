"""PMM or growth: the verdict with its evidence scale, what is still unknown, the decision, and what follows from it."""

from __future__ import annotations

import streamlit as st

from lib.analysis.facilitator_prompts import challenges
from lib.analysis.stage.stage import StageResult, stage
from lib.charts import stage as charts
from lib.framework import step_ids
from lib.framework.load import framework
from lib.framework.schema import Signal
from lib.ui import pages, session
from lib.ui.kit import evidence_view, fields, guard, page_components, prompts_panel
from lib.ui.stage import consequences

PAGE = step_ids.STAGE_CHOICE
_ASKED_FIRST = 4


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(PAGE).question, PAGE)
    with guard.user_errors():
        book, data = session.workbook(), session.data()
        result = stage(book, data)
        page_components.verdict(result.verdict)
        if result.signals:
            page_components.chart(charts.support_chart(result), key="stage-support")
            _doubts(result)
        if result.rule is None:
            _inputs(result)
            _decide(result)
        else:
            _decide(result)
            _inputs(result)
        if result.findings:
            page_components.section("What deserves attention")
            page_components.findings(result.findings)
        prompts_panel.render(challenges(book, data, result), PAGE)
        consequences.render(book, data, result)
        if result.signals or book.stage.get("decision"):
            page_components.next_step(step_ids.SUMMARY, "Next: the summary")
        else:
            pages.link(step_ids.SUMMARY, "Go on without a verdict: the summary")


def _doubts(result: StageResult) -> None:
    """What speaks against the verdict, the single input that would flip it, and when to look again."""
    if result.rule is None:
        return
    against = [why for why in result.verdict.why if why.startswith("Against")]
    with st.container(border=True, key="stage-doubts"):
        lines = [
            f"- **{why.partition(':')[0]}:** {evidence_view.plain(why.partition(':')[2].strip())}"
            for why in against
        ]
        lines.append(f"- **What would flip it:** {evidence_view.plain(result.verdict.flips)}")
        lines.append(
            f"- **Look again:** {evidence_view.plain(result.rule.review.removeprefix('Look again ').capitalize())}"
        )
        st.markdown("\n".join(lines))


def _decide(result: StageResult) -> None:
    rules = framework().stage_rules.values()
    page_components.section("Decide", "What do you put first for the next quarter?")
    if result.rule:
        st.markdown(f":material/lightbulb: Suggested: **{result.rule.focus_name}**. {result.rule.because}")
    fields.choice("stage/decision", "We put first", {r.focus: r.focus_name for r in rules}, none=True)
    if session.workbook().stage.get("decision"):
        fields.long_text(
            "stage/reason",
            "Because",
            height=68,
            placeholder="What decides it for you, and what you know beyond the data",
        )
        left, right = st.columns([2, 1])
        with left:
            fields.text(
                "stage/change_mind",
                "What would change our mind",
                suggestion=result.flip.text if result.flip else "",
            )
        with right:
            fields.date("stage/review_on", "Look again on")
        rule = next((r for r in rules if r.focus == session.workbook().stage.get("decision")), None)
        if rule and (result.rule is None or rule.focus != result.rule.focus):  # else it stands above already
            st.markdown(f":small[:material/event_repeat: {rule.review}]")


def _inputs(result: StageResult) -> None:
    """Questions where no file speaks: the most telling ones first, in an order that answers do not change."""
    from_data = {r.signal.id for r in result.signals if r.origin == "data"}
    asked = sorted(
        (s for s in framework().signals.values() if s.id not in from_data and s.options),
        key=lambda s: -s.strength,
    )
    known = len(result.signals)
    so_far = ""
    if known:
        st.space("small")
        so_far = f"{known} of {len(framework().signals)} inputs are known, {len(from_data)} from data. "
    page_components.section(
        "What we know" if result.rule else "Tell the workbook what you know",
        f"{so_far}Leave what you cannot answer: it then counts for nothing, not for an average.",
    )
    _ask(asked, result)
    with st.expander("Three questions that tailor the advice"):
        for question in framework().questions.values():
            fields.choice(
                f"stage/{question.id}",
                question.question,
                {o.value: o.label for o in question.options},
                style="radio",
                none=True,
            )


def _ask(asked: list[Signal], result: StageResult) -> None:
    """The questions: folded away once there is a verdict, the weightiest in sight before."""
    if result.rule:
        missing = {signal.id for signal in result.missing}
        open_ones = sum(signal.id in missing for signal in asked)
        with st.expander(f"Questions where no file speaks: {open_ones} open"):
            _questions(asked)
        return
    _questions(asked[:_ASKED_FIRST])
    rest = asked[_ASKED_FIRST:]
    if rest:
        with st.expander(f"{len(rest)} more questions, each of less weight"):
            _questions(rest)


def _questions(signals: list[Signal]) -> None:
    for signal in signals:
        fields.choice(
            f"stage/{signal.id}",
            signal.question,
            {o.value: o.label for o in signal.options},
            style="radio",
            help=f"{signal.why} {_from(signal.needs)}",
        )


def _from(needs: str) -> str:
    return f"A file would answer it better: {needs}." if needs else "Only people can answer this."
