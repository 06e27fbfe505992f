"""Every event as a candidate for the handoff, each with the one sentence a person needs and one click to choose it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib.analysis.events import event_names
from lib.analysis.events.first_event_times import FirstTimes
from lib.analysis.handoff import words_candidates as words
from lib.analysis.handoff.scoring import NEARLY_ALL, HandoffResult
from lib.analysis.templates import Template
from lib.analysis.verdict import Fix, answers
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.journey import recognise
from lib.workbook.model import JourneyStage, Workbook

CandidateStatus = Literal["recommended", "gate", "null", "less", "unclear", "after"]
COLUMNS = (
    "event", "status", "people", "share", "rate_ratio", "ci_low", "ci_high", "lead_hours", "past_gates",
    "everybody_ratio", "everybody_low", "everybody_high", "name",
)  # fmt: skip
MOST = 0.98  # of all people: an event that nearly everybody does tells nobody apart
# An interval that holds 1 and is narrower than this (high / low) says "no effect" rather than "can't tell".
NARROW = 1.5
LITTLE_TIME_HOURS = 1.0


@dataclass(frozen=True)
class HandoffCandidate:
    """One event as a handoff.

    Attributes:
        event: Its name.
        status: recommended | gate | null | less | unclear | after.
        status_text: The status in words.
        sentence: What it means, numbers written.
        is_chosen: Whether it is the main handoff's event.
        row: Its row in `evidence`.
        evidence: All candidates: `COLUMNS`.
        detail: What it would be without regard to the steps everyone takes; "" where that is the same question.
        fix: One click to hand over here; None where that makes no sense.
    """

    event: str
    status: CandidateStatus
    status_text: str
    sentence: str
    is_chosen: bool
    row: int
    evidence: Evidence
    fix: Fix | None
    detail: str = ""


def choose(
    workbook: Workbook, event: str, stages: Sequence[tuple[str, JourneyStage]], conditions: Sequence[str] = ()
) -> Fix:
    """The answers that make an event (with conditions) the main handoff.

    Args:
        workbook: Its main handoff is changed, or one is made.
        event: The event.
        stages: (id, stage) in journey order; the crossing is drawn before the event's stage.
        conditions: Conditions of the rule.
    """
    main = workbook.main_handoff()
    key = main[0] if main else "main"
    at = next((index for index, (_, stage) in enumerate(stages) if event in stage.events), -1)
    saves = answers("handoffs", key, event=event, conditions=list(conditions), is_main=True)
    if at >= 0:
        before = stages[at - 1][0] if at else ""
        saves += answers("handoffs", key, from_stage=before, to_stage=stages[at][0])
    if main is None:
        saves += answers("handoffs", key, name=event_names.event(event))
    return words.HAND_OVER_AT.fix(*saves, event=event_names.event(event))


def _status(row: Mapping[str, Any]) -> tuple[CandidateStatus, float | None, float | None, float | None]:
    """What the scores of one event say, and the ratio that decides (past the gates where there are gates)."""
    past = row["past_gates_ratio"] is not None
    names = (
        ("past_gates_ratio", "past_gates_low", "past_gates_high")
        if past
        else ("rate_ratio", "ci_low", "ci_high")
    )
    ratio, low, high = (row[name] for name in names)
    if row["is_gate"]:
        return "gate", None, None, None
    if row["is_recommended"]:
        return "recommended", ratio, low, high
    if row["after_outcome"] > row["reach"]:
        return "after", ratio, low, high
    if ratio is None or low is None or high is None:
        return "unclear", ratio, low, high
    if high < 1:
        return "less", ratio, low, high
    return ("null" if low <= 1 and high <= NARROW * low else "unclear"), ratio, low, high


_ORDER: dict[CandidateStatus, int] = {
    "recommended": 0,
    "gate": 1,
    "unclear": 2,
    "null": 3,
    "less": 4,
    "after": 5,
}


def candidates(
    workbook: Workbook,
    scoring: HandoffResult | None,
    first_times: FirstTimes | None,
    stages: Sequence[tuple[str, JourneyStage]],
    events: Dataset | None,
) -> tuple[HandoffCandidate, ...]:
    """Put the scored events into words.

    Args:
        workbook: For what is chosen now.
        scoring: Result of the handoff scoring, or None without data.
        first_times: First times of the same file.
        stages: (id, stage) in journey order.
        events: The file.

    Returns:
        Recommended first, then steps on the way, then the rest, and last what everybody does; without events that
        are trouble by their name.
    """
    if scoring is None or first_times is None or events is None:
        return ()
    kinds = {row["event"]: recognise(str(row["event"])) for row in scoring.rows}
    rows = [
        _row(row, first_times.people)
        for row in scoring.rows
        if (kind := kinds[row["event"]]) is None or kind.on_journey
    ]
    source = scoring.evidence[0]
    table = query.evidence(
        words.CANDIDATES_TABLE.text,
        words.CANDIDATES_TABLE.means,
        source.sql,
        {slots.EVENTS: events},
        dict(source.params),
        rows=sorted(rows, key=_rank),
        columns=COLUMNS,
        method=source.method,
    )
    main = workbook.main_handoff()
    chosen = main[1].event if main else ""
    return tuple(
        _candidate(workbook, table, index, scoring, chosen, stages, first_times.wait_format)
        for index in range(len(rows))
    )


def _row(row: Mapping[str, Any], people: int) -> tuple[Any, ...]:
    """The scores of one event in the order of `COLUMNS`."""
    status, ratio, low, high = _status(row)
    share = row["users"] / people if people else None
    if status in ("recommended", "unclear") and share is not None and share >= MOST:
        status = "gate"
    return (
        row["event"],
        status,
        row["users"],
        share,
        ratio,
        low,
        high,
        row["lead_hours"],
        row["past_gates_ratio"] is not None and not row["is_gate"],
        row["rate_ratio"],
        row["ci_low"],
        row["ci_high"],
        event_names.event(row["event"]),
    )


def _rank(row: Sequence[Any]) -> tuple[Any, ...]:
    """What comes first: of use for a handoff, early enough, a high range, many people; what everybody does last."""
    by_name = dict(zip(COLUMNS, row, strict=True))
    status, share = by_name["status"], by_name["share"]
    is_late = _is_late(by_name["lead_hours"])
    return (_is_for_all(status, share), _ORDER[status], is_late, -(by_name["ci_low"] or 0), -(share or 0))


def _is_for_all(status: CandidateStatus, share: float | None) -> bool:
    """Whether practically everybody does the event: handing over there would hand over everybody."""
    return status == "gate" and share is not None and share >= NEARLY_ALL


def _is_late(lead_hours: float | None) -> bool:
    """Whether the event leaves too little time before the outcome for anybody to act on it."""
    return lead_hours is not None and lead_hours < LITTLE_TIME_HOURS


def _candidate(
    workbook: Workbook,
    table: Evidence,
    index: int,
    scoring: HandoffResult,
    chosen: str,
    stages: Sequence[tuple[str, JourneyStage]],
    wait_format: str,
) -> HandoffCandidate:
    row, outcome = table.records()[index], scoring.outcome
    status: CandidateStatus = row["status"]
    facts = {
        "event": event_names.quoted(row["event"]),
        "outcome": event_names.quoted(outcome),
        "share": table.fact(index, "share", "percent"),
        "ratio": table.fact(index, "rate_ratio", "ratio"),
        "low": table.fact(index, "ci_low", "ratio"),
        "high": table.fact(index, "ci_high", "ratio"),
        "lead": table.fact(index, "lead_hours", wait_format),
    }
    is_for_all, is_chosen = _is_for_all(status, row["share"]), row["event"] == chosen
    can = status in ("recommended", "gate", "unclear") and not is_chosen and not is_for_all
    is_past = row["past_gates"] and status == "recommended"
    return HandoffCandidate(
        event=row["event"],
        status=status,
        status_text=(words.FOR_ALL if is_for_all else words.STATUS[status]).text,
        sentence=_sentence(row, is_gate=row["event"] in scoring.gates).write(**facts),
        is_chosen=is_chosen,
        row=index,
        evidence=table,
        fix=choose(workbook, row["event"], stages) if can else None,
        detail=_detail(table, index) if is_past else "",
    )


def _sentence(row: Mapping[str, Any], *, is_gate: bool) -> Template:
    """What is said of an event with these values; `is_gate`: the scoring itself found that everyone takes it."""
    status: CandidateStatus = row["status"]
    if _is_for_all(status, row["share"]) or (status == "gate" and not is_gate):
        return words.NOBODY_LEFT
    if status == "unclear" and row["ci_low"] is None:
        return words.TOO_FEW
    if status == "recommended" and _is_late(row["lead_hours"]):
        return words.LITTLE_TIME
    return words.CANDIDATE[status]


def _detail(table: Evidence, index: int) -> str:
    """What the comparison would be among everybody, not only those past the steps everyone takes."""
    facts = {name: table.fact(index, f"everybody_{name}", "ratio") for name in ("ratio", "low", "high")}
    if facts["ratio"].value is None:
        return ""
    return words.AMONG_EVERYBODY.write(**facts)


def compared_among(gates: Sequence[str]) -> str:
    """Among whom candidates are compared where there are steps that everyone takes; "" where there are none.

    >>> compared_among(["visit", "signup"])
    'Compared among people who had already passed “Visit” and “Signup”, the steps that everyone with the outcome takes.'
    """
    listed = [event_names.quoted(gate) for gate in gates]
    if not listed:
        return ""
    steps = listed[-1] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    return words.COMPARED_AMONG.of(len(listed)).write(steps=steps)
