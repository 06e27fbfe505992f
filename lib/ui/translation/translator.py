"""The translator on the page: from a process result to the outcome, and from a wanted outcome back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.result_types import Data
from lib.analysis.translation.outcome_chain import LEAST, Chain, chain, channel_rates, typed
from lib.analysis.translation.translator import Translation, backwards, formats_of, forwards
from lib.charts import team as charts
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots, step_ids
from lib.ui import pages, session
from lib.ui.kit import evidence_view, page_components
from lib.workbook.model import Workbook

_WAY, _CHANGE, _STEP, _QUALITY = (
    "translation.way",
    "translation.change",
    "translation.step",
    "translation.quality",
)
_LIKE, SAME, OTHER = "translation.like", "=same", "=other"
WAYS = {"forwards": "From process to outcome", "backwards": "From a goal back"}
TYPED = (("Visitors", 10_000), ("Sign-ups", 800), ("Trials", 400), ("Paying customers", 60))


def render(book: Workbook, data: Data) -> None:
    """Draw the translator: inputs, the sentence, the picture."""
    found = chain(book, data) or _typed(book, data)
    if found is None:
        return
    way = st.segmented_control(
        "Direction", list(WAYS), format_func=lambda w: WAYS[w], key=_WAY, default="forwards", required=True
    )
    result = _forwards(book, data, found) if way != "backwards" else _backwards(book, data, found)
    page_components.verdict(result.verdict, key="translator")
    chart = charts.translation_chart(result)
    if chart:
        page_components.chart(chart, key="translator")
    elif result.table:
        _levers(book, result)
        page_components.evidence(result.table, key="levers")
    page_components.findings(result.findings)
    if way != "backwards":
        _by_channel(_rates(book, data, found, str(session.get(_STEP))), found)
    with st.expander("The measured chain behind it"):
        for link in found.links:
            rate, low, high = (
                formats.write(x, "percent1") for x in (link.rate.value, link.rate.low, link.rate.high)
            )
            st.markdown(
                f"- {page_components.written(link.start.name)} to {page_components.written(link.goal.name)}: **{rate}** "
                f"({low} to {high}), {link.rate.n:,.0f} people"
            )
        page_components.evidence(found.evidence, key="chain")


def _forwards(book: Workbook, data: Data, found: Chain) -> Translation:
    steps = {step.id: step.name for step in found.steps[:-1]}
    if session.get(_STEP) not in steps:
        session.put(_STEP, next(iter(steps)))
    one, two, three = st.columns([1, 1, 1])
    with one:
        change = st.number_input(
            "The result (%)",
            -100.0,
            1000.0,
            40.0,
            5.0,
            key=_CHANGE,
            format="%g",
            help="40 for: 40 % more than before. Negative for fewer.",
        )
    with two:
        step = str(st.selectbox("more people at", list(steps), format_func=lambda s: steps[s], key=_STEP))
    rates = _rates(book, data, found, step)
    with three:
        like = _like(rates)
    quality = 100.0
    if like == OTHER:
        quality = st.number_input(
            "They convert at (% of the usual rate)",
            5.0,
            300.0,
            50.0,
            5.0,
            key=_QUALITY,
            format="%g",
            help="100 if the extra people are like those of before; less for a new, broader channel.",
        )
    channel = "" if like in (SAME, OTHER) else like
    return forwards(book, data, change / 100, start=step, quality=quality / 100, like=channel, measured=found)


def _rates(book: Workbook, data: Data, found: Chain, step: str) -> Evidence | None:
    """How the people of each channel go on from a step to the chain's end; None where no file says it."""
    events = data.get(slots.EVENTS)
    start = next((item for item in found.steps if item.id == step), None)
    if events is None or start is None or not start.events:
        return None
    return channel_rates(events, start, found.steps[-1], dict(book.channels))


def _like(rates: Evidence | None) -> str:
    """Whom the extra people are like: everybody, one channel as measured, or a rate that is assumed."""
    names = {SAME: "Those of before, all channels"}
    if rates is not None:
        for index, row in enumerate(rates.records()):
            times = rates.fact(index, "against_all", "percent")
            names[str(row["channel"])] = (
                f"{event_names.event(str(row['channel']))}: {times} of the usual rate"
            )
    names[OTHER] = "Another rate"
    if session.get(_LIKE) not in names:
        session.put(_LIKE, SAME)
    said = "The assumption that matters most. A channel brings its own measured rates."
    return str(st.selectbox("who are like", list(names), format_func=names.__getitem__, key=_LIKE, help=said))


def _backwards(book: Workbook, data: Data, found: Chain) -> Translation:
    goal = st.number_input(
        "Wanted at the end (%)",
        1.0,
        500.0,
        10.0,
        1.0,
        key="translation.goal",
        format="%g",
        help="10 for: 10 % more revenue or paying customers.",
    )
    return backwards(book, data, goal / 100, measured=found)


def _by_channel(rates: Evidence | None, found: Chain) -> None:
    """The quality of each channel's people, behind one click."""
    if rates is not None and len(rates.rows) > 1:
        with st.expander(f"Who goes on to {page_components.written(found.steps[-1].name)}, by channel"):
            page_components.chart(charts.channel_chart(rates), key="translator-channels")


def _levers(book: Workbook, result: Translation) -> None:
    table = result.table
    if table is None:
        return
    st.markdown("**Each lever alone, all others as they are**")
    for row, form in zip(table.records(), formats_of(book, table), strict=True):
        now, needed = (_with_range(row, name, form) for name in ("now", "needed"))
        limit = "" if row["possible"] == "yes" else " (not possible: above everybody)"
        st.markdown(f"- {page_components.written(row['lever'])}: {now} to **{needed}**{limit}")


def _with_range(row: dict[str, Any], name: str, form: str) -> str:
    """A level with its range where it has one."""
    value, low, high = (formats.write(row[name + end], form) for end in ("", "_low", "_high"))
    return evidence_view.plain(
        value if row[f"{name}_low"] == row[f"{name}_high"] else f"{value} ({low} to {high})"
    )


def _typed(book: Workbook, data: Data) -> Chain | None:
    """Counts typed in where no file gives the chain."""
    if data.get(slots.EVENTS):
        st.markdown(
            f"**Your events file has fewer than {LEAST} people at some step of the journey, or only one step is known: "
            "type the counts of one month.** Naming the events of each step on the handoff map may be enough."
        )
        pages.link(step_ids.HANDOFF_MAP, "Name the events of each step")
    else:
        st.markdown(
            "**No events file gives the chain yet: type the counts of one month.** Or add an events file on "
            "the Data page, and each link is measured."
        )
    known = []
    for column, (name, example) in zip(st.columns(len(TYPED)), TYPED, strict=True):
        key, such = f"translation.count.{name}", f"such as {example:,}"
        count = column.number_input(name, 0, 1_000_000_000, None, 1, key=key, placeholder=such)
        if count:
            known.append((name, int(count)))
    value = st.number_input(
        f"Monthly revenue of a customer ({book.settings.currency})",
        0.0,
        None,
        None,
        1.0,
        key="translation.value",
    )
    if len(known) < 2:
        page_components.empty(
            "Two counts are enough to begin.", "Type at least two of them, or add an events file."
        )
        pages.link(step_ids.DATA, "Add an events file")
        return None
    return typed(known, value)
