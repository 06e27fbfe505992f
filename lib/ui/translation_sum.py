"""The translator on the page: from a process result to the outcome, and from a wanted outcome back."""

from __future__ import annotations

import streamlit as st

from lib.analysis.step import Data
from lib.analysis.translation_chain import Chain, chain, typed
from lib.analysis.translator import Translation, backwards, formats_of, forwards
from lib.charts import team as charts
from lib.engine import formats
from lib.ui import anatomy, pages, session
from lib.workbook.model import Workbook

_WAY, _CHANGE, _STEP, _QUALITY = (
    "translation.way",
    "translation.change",
    "translation.step",
    "translation.quality",
)
WAYS = {"forwards": "From process to outcome", "backwards": "From a goal back"}
TYPED = (("Visitors", 10_000), ("Sign-ups", 800), ("Trials", 400), ("Paying customers", 60))


def render(book: Workbook, data: Data) -> None:
    """Draw the translator: inputs, the sentence, the picture."""
    found = chain(book, data) or _typed(book)
    if found is None:
        return
    way = st.segmented_control(
        "Direction", list(WAYS), format_func=lambda w: WAYS[w], key=_WAY, default="forwards", required=True
    )
    result = _forwards(book, data, found) if way != "backwards" else _backwards(book, data, found)
    anatomy.verdict(result.verdict, key="translator")
    picture = charts.translation_chart(result)
    if picture:
        anatomy.picture(picture, key="translator")
    elif result.table:
        _levers(book, result)
        anatomy.evidence(result.table, key="levers")
    anatomy.findings(result.findings)
    with st.expander("The measured chain behind it"):
        for link in found.links:
            rate, low, high = (
                formats.write(x, "percent1") for x in (link.rate.value, link.rate.low, link.rate.high)
            )
            st.markdown(f"- {anatomy.written(link.start.name)} to {anatomy.written(link.goal.name)}: **{rate}** "
                        f"({low} to {high}), {link.rate.n:,.0f} people")  # fmt: skip
        anatomy.evidence(found.evidence, key="chain")


def _forwards(book: Workbook, data: Data, found: Chain) -> Translation:
    steps = {step.id: step.name for step in found.steps[:-1]}
    if session.get(_STEP) not in steps:
        session.put(_STEP, next(iter(steps)))
    one, two, three = st.columns([1, 1, 1])
    with one:
        change = st.number_input("The result (%)", -100.0, 1000.0, 40.0, 5.0, key=_CHANGE,
                                 help="40 for: 40 % more than before. Negative for fewer.")  # fmt: skip
    with two:
        step = st.selectbox("more people at", list(steps), format_func=lambda s: steps[s], key=_STEP)
    with three:
        quality = st.number_input("who convert at (% of the usual rate)", 5.0, 300.0, 100.0, 5.0, key=_QUALITY,
                                  help="The assumption that matters most: 100 if the extra people are like those of "
                                       "before; less for a new, broader channel.")  # fmt: skip
    return forwards(book, data, change / 100, start=step or "", quality=quality / 100, measured=found)


def _backwards(book: Workbook, data: Data, found: Chain) -> Translation:
    goal = st.number_input("Wanted at the end (%)", 1.0, 500.0, 10.0, 1.0, key="translation.goal",
                           help="10 for: 10 % more revenue or paying customers.")  # fmt: skip
    return backwards(book, data, goal / 100, measured=found)


def _levers(book: Workbook, result: Translation) -> None:
    table = result.table
    if table is None:
        return
    st.markdown("**Each lever alone, all others as they are**")
    for row, form in zip(table.records(), formats_of(book, table), strict=True):
        now, needed = formats.write(row["now"], form), formats.write(row["needed"], form)
        limit = "" if row["possible"] == "yes" else " (not possible: above everybody)"
        st.markdown(
            f"- {anatomy.written(row['lever'])}: {anatomy.written(now)} to **{anatomy.written(needed)}**{limit}"
        )


def _typed(book: Workbook) -> Chain | None:
    """Counts typed in where no file gives the chain."""
    st.markdown("**No events file gives the chain yet: type the counts of one month.** Or add an events file on "
                "the Data page, and each link is measured.")  # fmt: skip
    counts = []
    for column, (name, example) in zip(st.columns(len(TYPED)), TYPED, strict=True):
        with column:
            counts.append((name, st.number_input(name, 0, 1_000_000_000, None, 1, key=f"translation.count.{name}",
                                                 placeholder=f"{example:,}")))  # fmt: skip
    value = st.number_input(f"Monthly revenue of a customer ({book.settings.currency})", 0.0, None, None, 1.0,
                            key="translation.value")  # fmt: skip
    known = [(name, int(count)) for name, count in counts if count]
    if len(known) < 2:
        anatomy.empty("Two counts are enough to begin.", "Type at least two of them, or add an events file.")
        pages.link("data", "Add an events file")
        return None
    return typed(known, value)
