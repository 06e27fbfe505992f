"""Read a test and decide: checks in plain words, ranges, the cell of the agreed table, the decision with its names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.experiments import override, preregistration
from lib.analysis.experiments.readout import Readout
from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.engine.evidence import formats
from lib.errors import UserError
from lib.framework import step_ids
from lib.ui import session
from lib.ui.experiments import agreed, file
from lib.ui.experiments import override as experiments_override
from lib.ui.experiments import readout as experiments_readout
from lib.ui.kit import evidence_view, fields, guard, page_components
from lib.workbook.model import Experiment

CHOSEN = file.CHOSEN


def today() -> str:
    """Today's date, ISO."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    page_components.section("Read a test")
    tests = session.workbook().experiments
    names = _names(result, tests)
    if not names:
        _nothing(tests)
        return
    if session.get(CHOSEN) not in names:
        session.put(CHOSEN, next(iter(names)))
    chosen = next(iter(names))
    if len(names) > 1:
        chosen = str(st.selectbox("Test", list(names), key=CHOSEN, format_func=names.__getitem__))
    if chosen in result.problems:
        guard.show(result.problems[chosen])
    elif chosen in result.readouts:
        _registered(chosen, tests[chosen], result.readouts[chosen], result.cells[chosen])
    else:
        readout = result.unregistered[chosen]
        file.draw(chosen, readout, said=readout.verdict is result.verdict)


def _names(result: ExperimentsResult, tests: Mapping[str, Experiment]) -> dict[str, str]:
    """What can be read: registered tests, files that belong to none yet, files that cannot be read."""
    known = (id for id in (*result.readouts, *result.problems) if id in tests)
    names = {id: tests[id].name or "Unnamed test" for id in known}
    names |= {slot: f"{session.data()[slot].name} (not registered yet)" for slot in result.unregistered}
    return names | {slot: slot for slot in result.problems if slot not in names}


def _nothing(tests: Mapping[str, Experiment]) -> None:
    waiting = [test.name or "Unnamed test" for test in tests.values()]
    if waiting:
        st.markdown(f"Waiting for data: **{evidence_view.plain(', '.join(waiting))}**")
    page_components.empty(
        "There is no test to read yet.",
        "Upload the file of a finished test: one line a person, with the variant they saw and what they did.",
        step_ids.DATA,
        "Upload a test's file",
    )


# ---- a registered test ----------------------------------------------------------------------------------------------


def _registered(id: str, test: Experiment, readout: Readout, cell: preregistration.DecisionCell) -> None:
    agreed.locked(test)
    unplanned = set(readout.variants) ^ set(test.variants)
    if test.locked_hash and unplanned:
        names = evidence_view.plain(", ".join(sorted(unplanned)))
        st.markdown(f":orange[:material/warning: **Variants differ from the plan:** {names}.]")
    experiments_readout.draw(readout, id)
    with st.expander("Columns and reading", icon=":material/tune:"):
        _columns(id, test, readout)
    st.subheader(
        "What the agreed table says" if test.locked_hash else "What the usual table says", anchor=False
    )
    if not test.locked_hash:
        st.markdown("Nobody locked a plan before this test, so the usual table stands in for an agreement.")
    agreed.grid(test, cell)
    st.markdown(
        f"{evidence_view.plain(cell.why)}" + (f" **To settle it:** {cell.needs}." if cell.needs else "")
    )
    _decide(id, test, cell)
    if test.decision:
        _learn(id, test, readout)


def _columns(id: str, test: Experiment, readout: Readout) -> None:
    head = f"experiments/{id}"
    metrics = {metric.column: event_names.heading(metric.words) for metric in readout.design.metrics}
    roles = {metric.role: metric.column for metric in readout.design.metrics}
    left, right = st.columns(2)
    with left:
        fields.choice(
            f"{head}/process_column",
            "Column of the process metric",
            metrics,
            default=roles.get("process"),
            style="list",
        )
        fields.choice(
            f"{head}/control",
            "Control",
            {name: event_names.event(name) for name in readout.variants},
            default=readout.variants[0],
            style="list",
        )
    with right:
        fields.choice(
            f"{head}/outcome_column",
            "Column of the outcome metric",
            metrics,
            default=roles.get("outcome"),
            style="list",
        )
        fields.percent(
            f"{head}/smallest_effect",
            "Smallest change worth acting on",
            default=test.smallest_effect,
            high=1000,
            help="Relative change of the outcome metric: 10 % of 20 % is 2 points.",
        )
    ways = {"fixed": "Once, at the end", "sequential": "Watched as it runs"}
    fields.choice(f"{head}/reading", "How it is read", ways, default=test.reading)


def _decide(id: str, test: Experiment, cell: preregistration.DecisionCell) -> None:
    st.subheader("Decision", anchor=False)
    if test.decision:
        st.markdown(
            f":green[:material/gavel: **{test.decision.capitalize()}**] by {evidence_view.plain(override.names(test))}, "
            f"{formats.write(test.decided_on or None, 'date')}. {evidence_view.plain(test.decision_reason)}"
        )
        experiments_override.waiting(id, test)
        if not st.toggle("Decide again", key=f"experiments.decide.{id}.again"):
            return
    key, settings = f"experiments.decide.{id}", session.workbook().settings
    if session.get(f"{key}.choice", "never set") == "never set":
        session.put(f"{key}.choice", cell.action or None)
    options = list(preregistration.ACTIONS)
    chosen = st.segmented_control(
        "What do you do?",
        options,
        key=f"{key}.choice",
        format_func=str.capitalize,
        help=" ".join(preregistration.ACTIONS.values()),
    )
    is_own = experiments_override.warn(test, cell.action, chosen or "")
    st.text_input("Reason", key=f"{key}.reason", placeholder="Why, in one sentence")
    if not is_own:
        left, right = st.columns(2)
        left.text_input("For marketing", key=f"{key}.marketing", value=settings.marketing_lead)
        right.text_input("For growth", key=f"{key}.growth", value=settings.growth_lead)
    st.button(
        "Record the decision",
        type="primary",
        key=f"{key}.record",
        disabled=not chosen,
        on_click=_record,
        args=(id, cell.action),
    )


def _record(id: str, recommended: str) -> None:
    key = f"experiments.decide.{id}"
    said = {
        name: str(session.get(f"{key}.{name}") or "") for name in ("choice", "reason", "marketing", "growth")
    }
    test = session.workbook().experiments[id]
    choice, reason = said["choice"], said["reason"]
    try:
        if override.is_override(test, recommended, choice):
            answers = override.alone(id, choice, reason, experiments_override.visitor(), today())
        else:
            answers = preregistration.decide(
                id, test, recommended, choice, reason, said["marketing"], said["growth"], today()
            )
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(answers, note=f"Decide {test.name or 'a test'}: {choice}"):
        session.tell("done", f"Recorded: {choice}.")
        session.put(f"{key}.again", False)


def _learn(id: str, test: Experiment, readout: Readout) -> None:
    """One click from a decision to a learning, with what is known filled in."""
    book = session.workbook()
    if any(learning.experiment == id for learning in book.learnings.values()):
        return
    idea = book.ideas.get(test.idea)
    believed = f"{idea.believe} moves {test.outcome_metric}" if idea and idea.believe else ""
    saw = readout.verdict.text.replace("\u00a0", " ")
    status = {"good": "supported", "bad": "rejected"}.get(readout.verdict.status, "emerging")
    head = f"learnings/{session.get(f'experiments.learning.{id}') or session.new_id('learning')}"
    answers = [
        (f"{head}/experiment", id),
        (f"{head}/believed", believed),
        (f"{head}/saw", saw),
        (f"{head}/status", status),
        (f"{head}/learned_on", today()),
    ]
    st.button(
        "Write down what we learned",
        icon=":material/lightbulb:",
        key=f"experiments.learn.{id}",
        on_click=_start_learning,
        args=(answers,),
    )


def _start_learning(answers: list[tuple[str, str]]) -> None:
    if session.save_all(answers, note="Write down a learning"):
        session.put("experiments.view", "learn")
        session.put("experiments.learn.open", answers[0][0].split("/")[1])
