"""The questions of each activity, made from the workbook, and what a decision on one of them saves back into it.

Solo parity: every question is about a row that somebody alone would fill in on a page; resolving it writes that row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from lib.errors import DataError
from lib.framework import metric_kinds
from lib.framework.load import framework
from lib.room import idea_rounds
from lib.room.question_types import TYPES
from lib.room.questions import AnswerOption, RoomQuestion
from lib.workbook.model import Workbook

TEAMS = tuple(
    AnswerOption(name, name) for name in ("Marketing", "Growth", "Both", "Product", "Sales", "Nobody")
)
KINDS = (
    AnswerOption("process", "Process: how we communicate"),
    AnswerOption("outcome", "Outcome: what it brings"),
    AnswerOption("shared", "Shared: two owners"),
)
MOST = 12  # questions in a round; a phone shows one at a time


def questions(activity: str, workbook: Workbook, method: str = "") -> tuple[RoomQuestion, ...]:
    """The questions to ask; empty when the workbook has nothing to ask about yet.

    Args:
        activity: Id of the activity in data/framework/workshop.toml.
        workbook: What is asked about.
        method: One of `METHODS` where the activity has several, "" for its first.
    """
    if activity == "ideas":
        return idea_rounds.questions(workbook, method)[:MOST]
    return _MAKERS.get(activity, lambda _: ())(workbook)[:MOST]


def methods(activity: str) -> dict[str, str]:
    """Ways to run an activity, id -> name; empty where there is one way only."""
    return dict(idea_rounds.METHODS) if activity == "ideas" else {}


def own(type: str, text: str, lines: Sequence[str]) -> RoomQuestion:
    """A facilitator's own question.

    Args:
        type: One of `question_types.TYPES`.
        text: The question.
        lines: Choices, where the type has some.

    Raises:
        DataError: No question, or fewer than two choices.
    """
    kind = TYPES[type]
    named = list(dict.fromkeys(" ".join(line.split())[:80] for line in lines if line.strip()))[:MOST]
    if not text.strip() or (kind.has_options and len(named) < 2):
        raise DataError(
            "A question needs its sentence, and at least two choices where people choose.",
            "Write both and ask again.",
        )
    options = tuple(AnswerOption(name, name) for name in named) if kind.has_options else ()
    id = "own/" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return RoomQuestion(id, type, text.strip()[:200], options, **kind.own)


def _checkin(_: Workbook) -> tuple[RoomQuestion, ...]:
    return (RoomQuestion("checkin", "text", "What should be settled when we leave?", hint="One line."),)


def _classify(workbook: Workbook) -> tuple[RoomQuestion, ...]:
    # What has no class yet first, then what the two teams share: that is where rooms disagree.
    order = {
        metric_kinds.UNASSIGNED: 0,
        metric_kinds.SHARED: 1,
        metric_kinds.PROCESS: 2,
        metric_kinds.OUTCOME: 3,
    }
    rows = sorted(workbook.metrics.items(), key=lambda item: (order[item[1].kind], item[0]))
    return tuple(
        RoomQuestion(f"metrics/{id}/kind", "single", metric.name or id, KINDS, hint=metric.definition)
        for id, metric in rows
    )


def _ownership(workbook: Workbook) -> tuple[RoomQuestion, ...]:
    made = []
    for id, stage in workbook.journey():
        made.append(
            RoomQuestion(f"owns/{id}/today", "single", f"{stage.name or id}: who owns it today?", TEAMS)
        )
        made.append(
            RoomQuestion(f"owns/{id}/should", "single", f"{stage.name or id}: who should own it?", TEAMS)
        )
    return tuple(made)


def _handoff(workbook: Workbook) -> tuple[RoomQuestion, ...]:
    options = tuple(
        AnswerOption(event, _moment(stage.name or event, event))
        for _, stage in workbook.journey()
        for event in stage.events
    )
    if not options:
        return ()
    text = "At which moment does marketing hand over to growth?"
    return (
        RoomQuestion(
            "handoff/event", "single", text, options, hint="The one you would defend with your own target."
        ),
    )


def _moment(stage: str, event: str) -> str:
    """A stage with its event, or the stage alone where both say the same."""
    words = event.replace("_", " ")
    same = {"".join(c for c in text.lower() if c.isalnum()) for text in (stage, words)}
    return stage if len(same) == 1 else f"{stage}: {words}"


def _forecast(workbook: Workbook) -> tuple[RoomQuestion, ...]:
    undecided = [(id, e) for id, e in workbook.experiments.items() if not e.decision]
    return tuple(
        RoomQuestion(
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


def _stage(_: Workbook) -> tuple[RoomQuestion, ...]:
    """The stage page's own questions, those first that say most, then what to put first."""
    asked = sorted((x for x in framework().signals.values() if x.options), key=lambda x: -x.strength)
    made = [
        RoomQuestion(
            f"stage/{x.id}", "single", x.question, tuple(AnswerOption(o.value, o.label) for o in x.options)
        )
        for x in asked[:_STAGE_ASKED]
    ]
    focus = {rule.focus: rule.focus_name for rule in framework().stage_rules.values()}
    options = tuple(AnswerOption(value, label) for value, label in focus.items())
    return (
        *made,
        RoomQuestion("stage/decision", "single", "What do we put first for the next quarter?", options),
    )


def _skills(_: Workbook) -> tuple[RoomQuestion, ...]:
    return tuple(
        RoomQuestion(
            f"skills/team/{skill.id}",
            "scale",
            skill.name,
            low_label="missing",
            high_label="others learn from us",
            hint="The team as a whole, from what you have seen.",
        )
        for skill in framework().skills.values()
    )


def _insights(_: Workbook) -> tuple[RoomQuestion, ...]:
    sources = tuple(AnswerOption(name, name.capitalize()) for name in _SOURCES)
    return (
        RoomQuestion("insight/text", "text", "What did a customer say or do?", hint="Who, and what exactly."),
        RoomQuestion("insight/source", "single", "Where does it come from?", sources, is_detail=True),
    )


def _actions(_: Workbook) -> tuple[RoomQuestion, ...]:
    today = dt.datetime.now(dt.UTC).date()
    days = {7: "In a week", 14: "In two weeks", 30: "In a month", 90: "In a quarter"}
    dates = [(today + dt.timedelta(days=count), label) for count, label in days.items()]
    options = tuple(AnswerOption(day.isoformat(), f"{label}: {day.day} {day:%B}") for day, label in dates)
    return (
        RoomQuestion(
            "action", "text", "What will you do?", hint="One promise of yours, that others can check."
        ),
        RoomQuestion(
            "action/due", "single", "By when?", options, hint="It opens again on that day.", is_detail=True
        ),
    )


_MAKERS: dict[str, Callable[[Workbook], tuple[RoomQuestion, ...]]] = {
    "checkin": _checkin, "classify": _classify, "ownership": _ownership, "handoff": _handoff,
    "forecast": _forecast, "stage": _stage, "skills": _skills, "insights": _insights, "actions": _actions,
}  # fmt: skip


def saves(question: RoomQuestion, decision: str, workbook: Workbook) -> list[tuple[str, Any]]:
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
