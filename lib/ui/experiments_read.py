"""Read a test and decide: checks in plain words, ranges, the cell of the agreed table, the decision with its names."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from lib.analysis import prereg
from lib.analysis.experiment_readout import WORDS, Effect, Readout
from lib.analysis.experiment_words import NATURAL
from lib.analysis.shared_experiments import ExperimentsResult
from lib.charts import experiment as charts
from lib.engine import formats
from lib.errors import UserError
from lib.ui import anatomy, fields, guard, proof, session
from lib.workbook.model import Experiment

CHOSEN = "experiments.read.chosen"
GATES = {
    "ok": (":material/check_circle:", "green", "Passed"),
    "watch": (":material/warning:", "orange", "Look"),
    "fail": (":material/error:", "red", "Not passed"),
    "unknown": (":material/help:", "gray", "Not known"),
}


def today() -> str:
    """Today's date, ISO."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    anatomy.section("Read a test")
    tests = session.workbook().experiments
    names = {
        id: tests[id].name or "Unnamed test" for id in (*result.readouts, *result.problems) if id in tests
    }
    names |= {slot: f"{session.data()[slot].name} (not registered yet)" for slot in result.unregistered}
    names |= {slot: slot for slot in result.problems if slot not in names}
    if not names:
        anatomy.empty(
            "There is no test to read yet.",
            "Upload the file of a finished test: one line a person, with the variant they saw and what they did.",
            "data",
            "Upload a test's file",
        )
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
        _loose(chosen, readout, said=readout.verdict is result.verdict)


# ---- a file nobody registered ---------------------------------------------------------------------------------------


def _loose(slot: str, readout: Readout, *, said: bool) -> None:
    """A file nobody registered; `said` when its verdict already stands at the top of the page."""
    _readout(readout, slot, with_verdict=not said)
    with st.container(border=True, key="experiments-register-file"):
        st.markdown(
            "**Make it a shared test.** Say which column is the process metric and which the outcome metric; "
            "then the decision can be recorded with names and a reason."
        )
        names = [metric.name for metric in readout.design.metrics]
        left, right = st.columns(2)
        process = left.selectbox("Process metric", names, index=0, key=f"experiments.loose.{slot}.process")
        outcome = right.selectbox(
            "Outcome metric", names, index=min(1, len(names) - 1), key=f"experiments.loose.{slot}.outcome"
        )
        if process == outcome:
            st.markdown(":orange[:material/warning: Choose two different columns.]")
        st.button(
            "Register this test",
            type="primary",
            key=f"experiments.loose.{slot}.register",
            disabled=process == outcome,
            on_click=_register,
            args=(slot, readout, process, outcome),
        )


def _register(slot: str, readout: Readout, process: str, outcome: str) -> None:
    id = session.new_id("test")
    first, last = readout.joined
    head = f"experiments/{id}"
    session.save_all(
        [
            (f"{head}/name", session.data()[slot].name.rsplit(".", 1)[0].replace("_", " ").capitalize()),
            (f"{head}/dataset", slot),
            (f"{head}/variants", list(readout.variants)),
            (f"{head}/control", readout.variants[0]),
            (f"{head}/process_metric", process),
            (f"{head}/outcome_metric", outcome),
            (f"{head}/starts_on", first),
            (f"{head}/ends_on", last),
        ],
        note="Register a test",
    )
    session.put(CHOSEN, id)


# ---- one readout ----------------------------------------------------------------------------------------------------


def _readout(readout: Readout, key: str, *, with_verdict: bool = True) -> None:
    if with_verdict:
        anatomy.verdict(readout.verdict, key=f"readout-{key}")
    _gates(readout)
    chart = charts.readout(readout)
    if chart is not None:
        anatomy.picture(chart, key=f"readout-{key}")
    st.dataframe(
        _table(readout.effects), hide_index=True, width="stretch", alt="Effects of the test with ranges"
    )
    with st.container(horizontal=True):
        proof.popover(readout.results, f"results-{key}")
        proof.popover(readout.evidence[1], f"checks-{key}")
    if readout.segments:
        with st.expander(f"By segment: {readout.segments[0].metric.name}"):
            st.markdown(
                "Adjusted for the number of segments looked at. A difference between segments is a hint "
                "for the next test, not a result of this one."
            )
            st.dataframe(
                _table(readout.segments, by_segment=True),
                hide_index=True,
                width="stretch",
                alt="Effects by segment",
            )


def _gates(readout: Readout) -> None:
    shown = [gate for gate in readout.gates if gate.state in ("fail", "watch") or gate.name == "sample_ratio"]
    rest = [gate for gate in readout.gates if gate not in shown]
    for gate in shown:
        icon, colour, word = GATES[gate.state]
        st.markdown(f":{colour}[{icon} **{word}**] {proof.plain(gate.text)}")
    if rest:
        with st.popover(f"{len(rest)} more checks", icon=":material/checklist:"):
            for gate in rest:
                icon, colour, word = GATES[gate.state]
                st.markdown(f":{colour}[{icon} **{word}**] {proof.plain(gate.text)}")


def _table(effects: tuple[Effect, ...], *, by_segment: bool = False) -> pd.DataFrame:
    rows = []
    for effect in effects:
        c, (level, change) = effect.comparison, NATURAL[effect.metric.kind]
        low, high = formats.write(c.effect.low, change), formats.write(c.effect.high, change)
        row = {"Segment": effect.level} if by_segment else {"Metric": effect.metric.name}
        row |= {
            "Variant": effect.variant,
            "Control": formats.write(c.control, level),
            "Variant's": formats.write(c.treatment, level),
            "Effect": formats.write(c.effect.value, change),
            "95 % range": f"{low} to {high}",
            "p": formats.write(c.p_value, "p"),
            "p adjusted": formats.write(effect.p_adjusted, "p"),
            "Says": WORDS[effect.state],
            "People": f"{effect.n_control:,.0f} / {effect.n_variant:,.0f}",
        }
        rows.append(row)
    return pd.DataFrame(rows).rename(columns={"Variant's": "Treatment"})


# ---- a registered test ----------------------------------------------------------------------------------------------


def _registered(id: str, test: Experiment, readout: Readout, cell: prereg.Cell) -> None:
    _changed(test)
    unplanned = set(readout.variants) ^ set(test.variants)
    if test.locked_hash and unplanned:
        names = proof.plain(", ".join(sorted(unplanned)))
        st.markdown(f":orange[:material/warning: **Variants differ from the plan:** {names}.]")
    _readout(readout, id)
    with st.expander("Columns and reading", icon=":material/tune:"):
        _columns(id, test, readout)
    st.subheader(
        "What the agreed table says" if test.locked_hash else "What the usual table says", anchor=False
    )
    if not test.locked_hash:
        st.markdown("Nobody locked a plan before this test, so the usual table stands in for an agreement.")
    _grid(test, cell)
    _decide(id, test, cell)
    if test.decision:
        _learn(id, test, readout)


def _changed(test: Experiment) -> None:
    if test.locked_hash:
        st.markdown(
            f":green[:material/lock: **Plan locked** {formats.write(test.locked_at, 'date')}] "
            f":gray[{test.locked_hash[:12]}]"
        )
    for change in prereg.changes(test):
        st.markdown(
            f":red[:material/edit_note: **Changed after the lock:** {change.part}], locked as "
            f"{proof.plain(str(change.locked))}, now {proof.plain(str(change.now))}"
        )


def _columns(id: str, test: Experiment, readout: Readout) -> None:
    head = f"experiments/{id}"
    metrics = {metric.column: metric.column for metric in readout.design.metrics}
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
            {name: name for name in readout.variants},
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


def _grid(test: Experiment, cell: prereg.Cell) -> None:
    """The 3 x 3 table; the cell that was chosen is marked with a word."""
    table = prereg.table_of(test)
    rows = []
    for process in reversed(prereg.MOVES):
        row = {"Process metric": f"Process {process}"}
        for outcome in prereg.MOVES:
            mark = " ◀ this one" if (process, outcome) == (cell.process, cell.outcome) and cell.action else ""
            row[f"Outcome {outcome}"] = table[f"{process}/{outcome}"] + mark
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index("Process metric"))
    st.markdown(f"{proof.plain(cell.why)}" + (f" **To settle it:** {cell.needs}." if cell.needs else ""))


def _decide(id: str, test: Experiment, cell: prereg.Cell) -> None:
    st.subheader("Decision", anchor=False)
    if test.decision:
        names = " and ".join(test.decided_by) or "nobody named"
        st.markdown(
            f":green[:material/gavel: **{test.decision.capitalize()}**] by {proof.plain(names)}, "
            f"{formats.write(test.decided_on or None, 'date')}. {proof.plain(test.decision_reason)}"
        )
        if not st.toggle("Decide again", key=f"experiments.decide.{id}.again"):
            return
    key, settings = f"experiments.decide.{id}", session.workbook().settings
    if session.get(f"{key}.choice", "never set") == "never set":
        session.put(f"{key}.choice", cell.action or None)
    options = list(prereg.ACTIONS)
    chosen = st.segmented_control(
        "What do you do?",
        options,
        key=f"{key}.choice",
        format_func=str.capitalize,
        help=" ".join(prereg.ACTIONS.values()),
    )
    if chosen and chosen != cell.action:
        said = f"The table says {cell.action}." if cell.action else "The data cannot tell yet."
        wanted = "needs a name from both teams and a reason"
        st.markdown(f":orange[:material/warning: {said} Deciding {chosen} {wanted}.]")
    st.text_input("Reason", key=f"{key}.reason", placeholder="Why, in one sentence")
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
    try:
        answers = prereg.decide(
            id, test, recommended, said["choice"], said["reason"], said["marketing"], said["growth"], today()
        )
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        return
    if session.save_all(answers, note=f"Decide {test.name or 'a test'}: {said['choice']}"):
        session.tell("done", f"Recorded: {said['choice']}.")
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
