"""Launch room: messages that compete, the first seven days of both roles, and the rule for swapping the message."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.analysis.shared_experiments import ExperimentsResult
from lib.engine import formats
from lib.ui import anatomy, fields, proof, session
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
    anatomy.section(
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
    head = f"launches/{id}"
    with st.container(border=True, key=f"experiments-launch-{id}"):
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
        _rule(head, launch)
        _evidence(launch, result)
        with st.expander("The first seven days", expanded=not launch.starts_on):
            _days(head, launch)


def _rule(head: str, launch: Launch) -> None:
    st.markdown("**Swap rule, set before day 1**")
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
    fields.choice(f"{head}/swap_to", "swap to", options, style="list")
    st.markdown(proof.plain(rule(launch)))


def rule(launch: Launch) -> str:
    """The swap rule in one sentence, or what it still needs.

    >>> rule(Launch())
    'The rule still needs a metric, a limit, a number of people, a message to swap to.'
    """
    wanted = {
        "a metric": launch.swap_metric,
        "a limit": launch.swap_below,
        "a number of people": launch.swap_min_people,
        "a message to swap to": launch.swap_to,
    }
    missing = [words for words, value in wanted.items() if not value]
    if missing:
        return f"The rule still needs {', '.join(missing)}."
    limit, people = (
        formats.write(launch.swap_below, "percent1"),
        formats.write(launch.swap_min_people, "count"),
    )
    return (
        f"If {launch.swap_metric} is below {limit} on day {launch.swap_on_day} with at least {people} people seen, "
        f"we swap to “{launch.swap_to}” without another meeting."
    )


def _evidence(launch: Launch, result: ExperimentsResult) -> None:
    readout = result.readouts.get(launch.experiment)
    if readout is not None:
        st.markdown(f":material/science: {proof.plain(readout.verdict.text)}")
        proof.popover(readout.results, f"launch-{launch.experiment}")
    elif len(launch.messages) > 2:
        st.markdown(
            ":gray[With several messages the best one looks better than it is: its test adjusts for that.]"
        )


def _days(head: str, launch: Launch) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown(":blue[**Product marketing**]")
        fields.lines(f"{head}/marketing_days", "Days 1 to 7, one line a day", default=list(MARKETING_DAYS))
        _list(launch.marketing_days or MARKETING_DAYS)
    with right:
        st.markdown(":orange[**Growth**]")
        fields.lines(f"{head}/growth_days", "Days 1 to 7, one line a day ", default=list(GROWTH_DAYS))
        _list(launch.growth_days or GROWTH_DAYS)


def _list(days: Sequence[str]) -> None:
    if len(days) != DAYS:
        st.markdown(f":orange[:material/warning: {len(days)} lines for {DAYS} days.]")
