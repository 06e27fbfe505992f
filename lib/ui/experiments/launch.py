"""Launch room: messages that compete, the first seven days of both roles, and the rule for swapping the message."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pandas as pd
import streamlit as st

from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.engine.calendar import iso_day
from lib.engine.evidence import formats
from lib.ui import session
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Launch

DAYS = 7
MARKETING_DAYS = (
    "Message live everywhere at once: page, mail, sales deck; one source of wording",
    "Read first replies, support and sales calls for words that confuse",
    "Swap check with growth; write down what people repeated back",
    "Brief sales on objections heard",
    "Interview three who came and three who left",
    "Collect quotes and proof for the page",
    "Readout with growth: what the message changed",
)
GROWTH_DAYS = (
    "Check tracking and the split over the messages",
    "Funnel by message and channel; fix what is broken, not what is slow",
    "Swap check with marketing by the rule above",
    "Mend the worst step of the funnel",
    "Check guardrails: refunds, support load, unsubscribes",
    "Shift budget only between channels with enough people",
    "Readout with marketing: what the funnel changed",
)


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    page_components.section(
        "Launch room",
        "Product marketing tests the message, growth watches the funnel, and both know beforehand "
        "when the message is swapped.",
    )
    launches = session.workbook().launches
    for id, launch in launches.items():
        _launch(id, launch, result)
    st.button(
        "Plan another launch" if launches else "Plan a launch",
        icon=":material/rocket_launch:",
        key="experiments.launch.add",
        type="secondary" if launches else "primary",
        on_click=_add,
    )


def _add() -> None:
    id = session.new_id("launch")
    settings = session.workbook().settings
    head = f"launches/{id}"
    session.save_all(
        [
            (f"{head}/name", "New launch"),
            (f"{head}/marketing_days", list(MARKETING_DAYS)),
            (f"{head}/growth_days", list(GROWTH_DAYS)),
            (f"{head}/marketing_owner", settings.marketing_lead),
            (f"{head}/growth_owner", settings.growth_lead),
            (f"{head}/swap_on_day", 3),
        ],
        note="Plan a launch",
    )


def _launch(id: str, launch: Launch, result: ExperimentsResult) -> None:
    """One launch in three parts; the first that is not finished stands open."""
    head = f"launches/{id}"
    done = {"message": len(launch.messages) > 1 and bool(launch.starts_on), "rule": not missing(launch)}
    waiting = next((part for part, is_done in done.items() if not is_done), "")
    with st.container(border=True, key=f"experiments-launch-{id}"):
        name = evidence_view.plain(launch.name or "New launch")
        day = f", day 1 is {formats.write(launch.starts_on, 'date')}" if launch.starts_on else ""
        st.markdown(f"**{name}**{day}  \n{evidence_view.plain(rule(launch))}")
        _set_when(id, launch)
        _evidence(id, launch, result)
        with st.expander("1 Message and owners", expanded=waiting == "message", icon=_icon(done["message"])):
            _message(head)
        with st.expander(
            "2 Swap rule, set before day 1", expanded=waiting == "rule", icon=_icon(done["rule"])
        ):
            _rule(head, launch)
        with st.expander("3 The first seven days of both roles", expanded=not waiting, icon=_icon(True)):
            _days(head, launch)


def _icon(is_done: bool) -> str:
    return ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"


def _message(head: str) -> None:
    left, right = st.columns(2)
    with left:
        fields.text(f"{head}/name", "What we launch")
        fields.text(f"{head}/marketing_owner", "Owner of the message")
        fields.lines(f"{head}/messages", "Messages that compete, the present one first")
    with right:
        fields.date(f"{head}/starts_on", "Day 1")
        fields.text(f"{head}/growth_owner", "Owner of the funnel")
        tests = {key: test.name or key for key, test in session.workbook().experiments.items()}
        fields.choice(f"{head}/experiment", "The test that compares them", tests, style="list", none=True)


def _set_when(id: str, launch: Launch) -> None:
    """Whether the rule stood before day 1: a rule that follows the first numbers is no rule."""
    if missing(launch) or not launch.starts_on:
        return
    snapshot = session.snapshot()
    parts = ("swap_metric", "swap_below", "swap_on_day", "swap_min_people", "swap_to")
    days = [
        snapshot.answers[key].at[:10]
        for part in parts
        if (key := f"launches/{id}/{part}") in snapshot.answers
    ]
    last = max(days, default="")
    said = formats.write(last, "date")
    if last and last < launch.starts_on:
        st.markdown(f":green[:material/lock: Set before day 1, on {said}.]")
    elif last:
        st.markdown(
            f":red[:material/edit_note: **The rule was last changed on {said}, not before day 1.**] "
            "Whoever reads the result should know."
        )


def _rule(head: str, launch: Launch) -> None:
    one, two, three, four = st.columns(4)
    with one:
        fields.text(f"{head}/swap_metric", "If", placeholder="visit to trial")
    with two:
        fields.percent(f"{head}/swap_below", "is below")
    with three:
        fields.number(f"{head}/swap_on_day", "on day", low=1, high=DAYS, step=1, whole=True, default=3)
    with four:
        fields.number(f"{head}/swap_min_people", "with at least", low=0, step=1, unit="people")
    options = {message: message for message in launch.messages[1:]}
    if options:
        fields.choice(f"{head}/swap_to", "swap to", options, style="list")
    else:
        st.markdown(":gray[Name two messages first: the second is what you swap to.]")


def missing(launch: Launch) -> list[str]:
    """What the swap rule still needs, in words."""
    wanted = {
        "a metric": launch.swap_metric,
        "a limit": launch.swap_below,
        "a number of people": launch.swap_min_people,
        "a message to swap to": launch.swap_to,
    }
    return [words for words, value in wanted.items() if not value]


def rule(launch: Launch) -> str:
    """The swap rule in one sentence, or what it still needs.

    >>> rule(Launch())
    'The swap rule still needs a metric, a limit, a number of people, a message to swap to.'
    """
    open_parts = missing(launch)
    if open_parts:
        return f"The swap rule still needs {', '.join(open_parts)}."
    limit, people = (
        formats.write(launch.swap_below, "percent1"),
        formats.write(launch.swap_min_people, "count"),
    )
    return (
        f"If {launch.swap_metric} is below {limit} on day {launch.swap_on_day} with at least {people} people seen, "
        f"we swap to “{launch.swap_to}” without another meeting."
    )


def _evidence(id: str, launch: Launch, result: ExperimentsResult) -> None:
    readout = result.readouts.get(launch.experiment)
    if readout is not None:
        st.markdown(f":material/science: {evidence_view.plain(readout.verdict.text)}")
        evidence_view.popover(readout.results, f"launch-{launch.experiment}")
    elif len(launch.messages) > 1 and launch.experiment not in session.workbook().experiments:
        st.markdown(
            ":gray[With several messages the best one looks better than it is: a registered test adjusts for that.]"
        )
        st.button(
            "Register the message test",
            icon=":material/science:",
            key=f"experiments.launch.{id}.test",
            on_click=_message_test,
            args=(id, launch),
        )


def _message_test(id: str, launch: Launch) -> None:
    """A test whose variants are the messages, tied to the launch; the rest of its plan is agreed where tests are."""
    test = session.new_id("test")
    head, share = (
        f"experiments/{test}",
        "/".join([str(round(100 / len(launch.messages)))] * len(launch.messages)),
    )
    answers: list[tuple[str, Any]] = [
        (f"{head}/name", f"Message test: {launch.name or 'launch'}"),
        (f"{head}/variants", list(launch.messages)),
        (f"{head}/control", launch.messages[0]),
        (f"{head}/allocation", share),
        (f"{head}/starts_on", launch.starts_on),
        (f"launches/{id}/experiment", test),
    ]
    if session.save_all(answers, note="Register the message test"):
        session.put("experiments.view", "plan")
        session.put("experiments.plan.chosen", test)


def _days(head: str, launch: Launch) -> None:
    """Both roles day by day, with dates once day 1 is known; the lists that change them behind a switch."""
    pmm, growth = launch.marketing_days or MARKETING_DAYS, launch.growth_days or GROWTH_DAYS
    rows = [
        {"Day": _day(launch.starts_on, n), "Product marketing": mine, "Growth": theirs}
        for n, (mine, theirs) in enumerate(itertools.zip_longest(pmm, growth, fillvalue=""))
    ]
    st.table(pd.DataFrame(rows).set_index("Day"))
    for name, days in (("Product marketing", pmm), ("Growth", growth)):
        if len(days) != DAYS:
            st.markdown(f":orange[:material/warning: {name} has {len(days)} lines for {DAYS} days.]")
    if st.toggle("Change the plan", key=f"experiments.{head.replace('/', '.')}.days"):
        left, right = st.columns(2)
        with left:
            fields.lines(
                f"{head}/marketing_days", "Product marketing, one line a day", default=list(MARKETING_DAYS)
            )
        with right:
            fields.lines(f"{head}/growth_days", "Growth, one line a day", default=list(GROWTH_DAYS))


def _day(starts_on: str, n: int) -> str:
    """Day of the launch with its date, where day 1 is known.

    >>> _day("", 2), _day("2026-11-30", 1).replace("\u00a0", " ")
    ('Day 3', 'Day 2, 1 Dec 2026')
    """
    first = iso_day(starts_on)
    if first is None:
        return f"Day {n + 1}"
    return f"Day {n + 1}, {formats.write((first + dt.timedelta(days=n)).isoformat(), 'date')}"
