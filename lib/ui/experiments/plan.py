"""Register a test before it runs: what is compared, when it is read, what each result will mean; then lock it."""

from __future__ import annotations

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.experiments import minimum_detectable_effect, preregistration
from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.engine import query
from lib.engine.evidence import formats
from lib.errors import UserError
from lib.framework import metric_kinds, slots
from lib.ui import session
from lib.ui.experiments import agreed
from lib.ui.experiments.ideas import metrics
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Experiment

CHOSEN = "experiments.plan.chosen"


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    page_components.section(
        "Register a test",
        "Agree what each result will mean before there is a result. Afterwards nobody can "
        "move the goal, and nobody has to win an argument.",
    )
    tests = session.workbook().experiments
    if not tests:
        st.markdown(
            "No test is registered yet. The shortest way is an idea with both metrics and both owners."
        )
    else:
        chosen = _choose({id: test.name or "Unnamed test" for id, test in tests.items()})
        _plan(chosen, tests[chosen], result)
    st.button(
        "Register another test" if tests else "Register a test",
        icon=":material/add:",
        key="experiments.plan.add",
        type="secondary" if tests else "primary",
        on_click=_add,
    )


def _choose(names: dict[str, str]) -> str:
    if session.get(CHOSEN) not in names:
        session.put(CHOSEN, list(names)[-1])
    if len(names) == 1:
        return next(iter(names))
    return str(st.selectbox("Test", list(names), key=CHOSEN, format_func=names.__getitem__))


def _add() -> None:
    id = session.new_id("test")
    if session.save(f"experiments/{id}/name", "New test", note="Register a test"):
        session.put(CHOSEN, id)


def _plan(id: str, test: Experiment, result: ExperimentsResult) -> None:
    agreed.locked(test)
    change = not test.locked_hash
    if test.locked_hash:
        _summary(test)
        change = st.toggle(
            "Change the plan",
            key=f"experiments.plan.{id}.change",
            help="Every change after the lock stays visible.",
        )
    if change:
        _agree(id, test)
    _table(id, test, change=change)
    _lock(id, test)
    _forecasts(id, test, is_read=id in result.readouts)


def _agree(id: str, test: Experiment) -> None:
    """What both teams agree before the start."""
    head = f"experiments/{id}"
    fields.text(f"{head}/name", "Name")
    left, right = st.columns(2)
    with left:
        _metric(
            f"{head}/process_metric",
            "Process metric",
            (metric_kinds.PROCESS, metric_kinds.SHARED),
            test.process_metric,
        )
        fields.lines(f"{head}/variants", "Variants, control first", default=list(test.variants))
        fields.date(f"{head}/starts_on", "Starts on")
        fields.percent(
            f"{head}/smallest_effect",
            "Smallest change worth acting on",
            high=1000,
            help="Relative change of the outcome metric. Smaller changes count as no difference.",
        )
    with right:
        _metric(
            f"{head}/outcome_metric",
            "Outcome metric",
            (metric_kinds.OUTCOME, metric_kinds.SHARED),
            test.outcome_metric,
        )
        fields.text(
            f"{head}/allocation", "Allocation", default=test.allocation, help="In the order of the variants."
        )
        fields.date(
            f"{head}/ends_on", "Analysis date", help="Whole weeks, so that every weekday counts the same."
        )
        fields.number(f"{head}/planned_total", "People planned, all variants", low=1, step=1, whole=True)
    _suggest_size(id, test)
    with st.expander("How it is read, guardrails, data"):
        _details(id, test)


def _summary(test: Experiment) -> None:
    """A locked plan in a few lines."""
    names = {id: metric.name or id for id, metric in session.workbook().metrics.items()}

    def called(metric: str) -> str:
        return names.get(metric) or event_names.event(metric)

    process, outcome = (called(m) or "not chosen" for m in (test.process_metric, test.outcome_metric))
    starts, ends = (formats.write(day or None, "date") for day in (test.starts_on, test.ends_on))
    reading = "once, at the analysis date" if test.reading == "fixed" else "watched as it runs"
    facts = {
        "Metrics": f"{process} (process), {outcome} (outcome)",
        "Guardrails": ", ".join(map(called, test.guardrails)) or "none",
        "Variants": f"{', '.join(map(event_names.event, test.variants))} at {test.allocation}",
        "Runs": f"{starts} to {ends}, read {reading}",
        "People": formats.write(test.planned_total, "count"),
        "Worth acting on": f"a change of {formats.write(test.smallest_effect, 'percent')} or more",
    }
    st.markdown("\n".join(f"- **{name}:** {evidence_view.plain(text)}" for name, text in facts.items()))


def _suggest_size(id: str, test: Experiment) -> None:
    """The size that the idea's baseline asks for, one click away."""
    idea = session.workbook().ideas.get(test.idea)
    people = minimum_detectable_effect.planned_users(
        idea.baseline if idea else None, test.smallest_effect, len(test.variants)
    )
    if people is None or test.planned_total or test.locked_hash or idea is None:
        return
    said, today = formats.write(people, "count"), formats.write(idea.baseline, "percent1")
    st.markdown(f"To see that change from {today} today takes **{said} people** in all variants.")
    _by_effect(idea.baseline, test)
    st.button(
        "Plan for that many",
        icon=":material/auto_fix_high:",
        key=f"experiments.plan.{id}.size",
        on_click=_save_size,
        args=(id, people),
    )


def _by_effect(baseline: float | None, test: Experiment) -> None:
    """What a smaller or a larger change would take: the effect is a choice, and this is its price."""
    rows = []
    for times in (0.5, 1, 1.5, 2, 3):
        effect = (test.smallest_effect or 0) * times
        people = minimum_detectable_effect.planned_users(baseline, effect, len(test.variants))
        if people is not None and (baseline or 0) * (1 + effect) < 1:
            rows.append(f"| {formats.write(effect, '+percent1')} | {formats.write(people, 'count')} |")
    if len(rows) > 1:
        head = ["| Smallest change | People in all variants |", "|--:|--:|"]
        with st.expander("What a smaller or larger change would take", icon=":material/straighten:"):
            st.markdown("\n".join([*head, *rows]))


def _save_size(id: str, people: int) -> None:
    session.save(f"experiments/{id}/planned_total", people, note="Plan the size of the test")


def _metric(key: str, label: str, kinds: tuple[str, ...], saved: str) -> None:
    options = metrics(kinds)
    if options:
        fields.choice(
            key, label, options if not saved or saved in options else {**options, saved: saved}, style="list"
        )
    else:
        fields.text(key, label, placeholder="Column of the test's file, or a metric's name")


def _details(id: str, test: Experiment) -> None:
    head = f"experiments/{id}"
    fields.choice(
        f"{head}/reading",
        "How it is read",
        {
            "fixed": "Once, at the analysis date",
            "sequential": "Watched as it runs (wider ranges, may stop early)",
        },
        default=test.reading,
    )
    fields.lines(
        f"{head}/guardrails",
        "Guardrails: metrics that must not get worse",
        help="A guardrail that gets worse turns ship into escalate.",
    )
    fields.number(f"{head}/window_days", "Days each person is watched", low=1, high=180, step=1, default=14)
    tables = {
        slot: data.name for slot, data in session.data().items() if slots.kind(slot) == slots.EXPERIMENT
    }
    if slots.EVENTS in session.data():
        tables[slots.EVENTS] = "From the events file"
    fields.choice(f"{head}/dataset", "Where the result is read from", tables, style="list", none=True)
    if test.dataset == slots.EVENTS:
        _events(head)


def _events(head: str) -> None:
    """Which events assign people and count as success; the column `variant` says what each person saw."""
    data = session.data().get(slots.EVENTS)
    if data is None:
        return
    if not data.has("variant"):
        st.markdown(":orange[:material/warning: The events file has no column named variant.]")
    names = {name: event_names.event(name) for name in minimum_detectable_effect.event_names(data)}
    fields.choice(
        f"{head}/assignment_event", "Event that assigns people to a variant", names, style="list", none=True
    )
    left, right = st.columns(2)
    with left:
        fields.choice(f"{head}/process_column", "Event of the process metric", names, style="list", none=True)
    with right:
        known = names | ({"revenue": "Revenue (sum)"} if data.has("revenue") else {})
        fields.choice(f"{head}/outcome_column", "Event of the outcome metric", known, style="list", none=True)


def _table(id: str, test: Experiment, *, change: bool) -> None:
    """The nine cells at a glance; the lists that change them only where the plan is being agreed."""
    st.subheader("What each result will mean", anchor=False)
    st.markdown("**Up** is always the good direction. Flat means: no change worth acting on.")
    agreed.grid(test)
    if change:
        with st.expander("Agree on something else for a cell", icon=":material/grid_on:"):
            _cells(id, preregistration.table_of(test))


def _cells(id: str, table: dict[str, str]) -> None:
    for process in reversed(preregistration.MOVES):
        st.markdown(f":blue[**Process metric {process}**]")
        for outcome, column in zip(reversed(preregistration.MOVES), st.columns(3), strict=True):
            cell, key = f"{process}/{outcome}", f"experiments.cell.{id}.{process}.{outcome}"
            if session.get(key) != table[cell]:
                session.put(key, table[cell])
            column.selectbox(
                f"and outcome {outcome}",
                list(preregistration.ACTIONS),
                key=key,
                format_func=str.capitalize,
                on_change=_set_cell,
                args=(id, cell, key),
            )


def _set_cell(id: str, cell: str, key: str) -> None:
    test = session.workbook().experiments.get(id, Experiment())
    session.save(
        f"experiments/{id}/table",
        preregistration.table_of(test) | {cell: session.get(key)},
        note=f"Decision table: {cell} means {session.get(key)}",
    )


# ---- lock -----------------------------------------------------------------------------------------------------------


def _lock(id: str, test: Experiment) -> None:
    if test.locked_hash:
        return
    missing = preregistration.missing(test)
    if missing:
        st.markdown(f":orange[:material/edit: Before the lock, agree on {', '.join(missing)}.]")
    st.button(
        "Lock the plan",
        type="primary",
        icon=":material/lock:",
        key=f"experiments.lock.{id}",
        disabled=bool(missing),
        on_click=_do_lock,
        args=(id,),
        help="Keeps a fingerprint of everything above; later changes stay visible to everybody.",
    )


def _do_lock(id: str) -> None:
    try:
        answers = preregistration.lock(id, session.workbook().experiments[id], query.now())
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(answers, note="Lock the plan"):
        session.tell("done", "Locked. Collect forecasts now, before anybody sees data.")


# ---- forecasts ------------------------------------------------------------------------------------------------------


def _forecasts(id: str, test: Experiment, *, is_read: bool) -> None:
    """Each person's expectation: hidden from the others until the decision, closed once there are data to see."""
    st.subheader("Forecasts", anchor=False)
    if test.decision:
        for person, forecast in test.forecasts.items():
            effect = formats.write(forecast.get("effect"), "+percent")
            chance = formats.write(forecast.get("p_ship"), "percent")
            st.markdown(f"- **{evidence_view.plain(person)}** expected {effect}, {chance} sure that it ships")
        st.markdown(":gray[Decided: forecasts are closed.]")
        return
    st.markdown(
        "What does each person expect? Written before the data, it shows later who reads the customer well. "
        "The figures stay hidden until the decision, so that nobody follows anybody."
    )
    if test.forecasts:
        st.markdown(f":material/how_to_reg: In: **{evidence_view.plain(', '.join(test.forecasts))}**")
    if is_read:
        st.markdown(":gray[:material/lock: The data are in: a forecast now would be no forecast.]")
        return
    key = f"experiments.forecast.{id}"
    one, two, three, four = st.columns([2, 1, 1, 1], vertical_alignment="bottom")
    one.text_input("Who", key=f"{key}.who", value=session.author())
    two.number_input("Effect (%)", -100.0, 1000.0, value=0.0, step=1.0, key=f"{key}.effect", format="%g")
    three.number_input(
        "Chance that it ships (%)", 0.0, 100.0, value=50.0, step=5.0, key=f"{key}.p", format="%g"
    )
    four.button("Add", key=f"{key}.add", on_click=_forecast, args=(id,))


def _forecast(id: str) -> None:
    key = f"experiments.forecast.{id}"
    who = str(session.get(f"{key}.who") or "").strip()
    if not who:
        session.tell("problem", "A forecast needs a name.", "Write who forecasts.")
        return
    forecasts = dict(session.workbook().experiments[id].forecasts)
    forecasts[who] = {
        "effect": float(session.get(f"{key}.effect") or 0) / 100,
        "p_ship": float(session.get(f"{key}.p") or 0) / 100,
    }
    session.save(
        f"experiments/{id}/forecasts",
        {name: dict(value) for name, value in forecasts.items()},
        note=f"Forecast of {who}",
    )
