"""The questions of each activity, made from the workbook, and what a decision on one of them saves back into it.

Solo parity: every question is about a row that somebody alone would fill in on a page; resolving it writes that row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.framework.load import framework
from lib.room.questions import Option, Question
from lib.workbook.model import Workbook

TEAMS = tuple(Option(name, name) for name in ("Marketing", "Growth", "Both", "Product", "Sales", "Nobody"))
KINDS = (
    Option("process", "Process: how we communicate"),
    Option("outcome", "Outcome: what it brings"),
    Option("shared", "Shared: two owners"),
)
MOST = 12  # questions in a round; a phone shows one at a time


def questions(activity: str, workbook: Workbook) -> tuple[Question, ...]:
    """The questions to ask; empty when the workbook has nothing to ask about yet.

    Args:
        activity: Id of the activity in data/framework/workshop.toml.
        workbook: What is asked about.
    """
    return _MAKERS.get(activity, lambda _: ())(workbook)[:MOST]


def _checkin(_: Workbook) -> tuple[Question, ...]:
    return (Question("checkin", "text", "What should be settled when we leave?", hint="One line."),)


def _classify(workbook: Workbook) -> tuple[Question, ...]:
    # What has no class yet first, then what the two teams share: that is where rooms disagree.
    order = {"unassigned": 0, "shared": 1, "process": 2, "outcome": 3}
    rows = sorted(workbook.metrics.items(), key=lambda item: (order[item[1].kind], item[0]))
    return tuple(
        Question(f"metrics/{id}/kind", "single", metric.name or id, KINDS, hint=metric.definition)
        for id, metric in rows
    )


def _ownership(workbook: Workbook) -> tuple[Question, ...]:
    made = []
    for id, stage in workbook.journey():
        made.append(Question(f"owns/{id}/today", "single", f"{stage.name or id}: who owns it today?", TEAMS))
        made.append(Question(f"owns/{id}/should", "single", f"{stage.name or id}: who should own it?", TEAMS))
    return tuple(made)


def _handoff(workbook: Workbook) -> tuple[Question, ...]:
    options = tuple(
        Option(event, f"{stage.name}: {event.replace('_', ' ')}")
        for _, stage in workbook.journey()
        for event in stage.events
    )
    if not options:
        return ()
    text = "At which moment does marketing hand over to growth?"
    return (
        Question(
            "handoff/event", "single", text, options, hint="The one you would defend with your own target."
        ),
    )


def _ideas(workbook: Workbook) -> tuple[Question, ...]:
    open_ideas = {id: idea for id, idea in workbook.ideas.items() if idea.status not in ("done", "not_test")}
    if not open_ideas:
        return ()
    options = tuple(Option(id, idea.name or idea.believe or id) for id, idea in open_ideas.items())
    dots = Question("ideas/dots", "dots", "Spend your three dots", options, high=3)
    scores = [
        Question(
            f"ideas/{id}/{field}",
            "scale",
            f"{idea.name or id}: {label}",
            low=1,
            high=10,
            low_label="low",
            high_label="high",
        )
        for id, idea in open_ideas.items()
        for field, label in (
            ("impact", "impact if it works"),
            ("confidence", "how sure are you"),
            ("ease", "how easy"),
        )
    ]
    return (dots, *scores)


def _forecast(workbook: Workbook) -> tuple[Question, ...]:
    undecided = [(id, e) for id, e in workbook.experiments.items() if not e.decision]
    return tuple(
        Question(
            f"experiments/{id}/p_ship",
            "scale",
            f"{e.name or id}: how likely is it that we ship it?",
            low=0,
            high=10,
            low_label="never",
            high_label="certain",
        )
        for id, e in undecided
    )


_STAGE_ASKED = 6  # the signals that say most; the page asks the rest
_SOURCES = ("sales call", "demo", "exit survey", "support", "interview")


def _stage(_: Workbook) -> tuple[Question, ...]:
    """The stage page's own questions, those first that say most, then what to put first."""
    asked = sorted((x for x in framework().signals.values() if x.options), key=lambda x: -x.strength)
    made = [
        Question(f"stage/{x.id}", "single", x.question, tuple(Option(o.value, o.label) for o in x.options))
        for x in asked[:_STAGE_ASKED]
    ]
    focus = {rule.focus: rule.focus_name for rule in framework().stage_rules.values()}
    options = tuple(Option(value, label) for value, label in focus.items())
    return (
        *made,
        Question("stage/decision", "single", "What do we put first for the next quarter?", options),
    )


def _skills(_: Workbook) -> tuple[Question, ...]:
    return tuple(
        Question(
            f"skills/team/{skill.id}",
            "scale",
            skill.name,
            low_label="missing",
            high_label="others learn from us",
        )
        for skill in framework().skills.values()
    )


def _insights(_: Workbook) -> tuple[Question, ...]:
    sources = tuple(Option(name, name.capitalize()) for name in _SOURCES)
    return (
        Question("insight/text", "text", "What did a customer say or do?", hint="Who, and what exactly."),
        Question("insight/source", "single", "Where does it come from?", sources),
    )


def _actions(_: Workbook) -> tuple[Question, ...]:
    return (Question("action", "text", "What will you do, by when?", hint="One promise with a date."),)


_MAKERS: dict[str, Callable[[Workbook], tuple[Question, ...]]] = {
    "checkin": _checkin, "classify": _classify, "ownership": _ownership, "handoff": _handoff, "ideas": _ideas,
    "forecast": _forecast, "stage": _stage, "skills": _skills, "insights": _insights, "actions": _actions,
}  # fmt: skip


def saves(question: Question, decision: str, workbook: Workbook) -> list[tuple[str, Any]]:
    """What a decision on one question saves in the workbook, as (key, value).

    Args:
        question: What was decided.
        decision: Value of the option that the room chose (or text).
        workbook: As it stands.
    """
    section, _, rest = question.id.partition("/")
    if section == "metrics":
        return [(question.id, decision)]
    if section == "owns":
        id = rest.partition("/")[0]
        saved: list[tuple[str, Any]] = [(f"owns/{id}/resolved", decision)]
        if question.id.endswith("/should") and id in workbook.stages:
            owners = {"Both": ["Marketing", "Growth"], "Nobody": []}.get(decision, [decision])
            saved.append((f"stages/{id}/owners", owners))
        return saved
    if question.id == "handoff/event":
        main = workbook.main_handoff()
        id = main[0] if main else "main"
        return [(f"handoffs/{id}/event", decision), (f"handoffs/{id}/is_main", True)]
    if section == "stage":
        return [(question.id, decision)]
    return []
