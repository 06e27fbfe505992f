"""What the table of handoff candidates says, in sentences."""

from __future__ import annotations

import math

from lib.analysis.events import event_names
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, Scalar

ENOUGH_OUTCOMES = 30


def conclude(
    evidence: Evidence, outcome: str, outcomes: int, users: int
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The best candidate, or why there is none yet.

    Args:
        evidence: Table with the columns of `lib.analysis.handoff.scoring.COLUMNS`, best candidate first.
        outcome: The outcome event.
        outcomes: Users who have it.
        users: All users.
    """
    rows = evidence.records()
    facts: dict[str, Fact | str] = {"outcome": event_names.quoted(outcome)}
    findings = _findings(evidence, outcome)
    if outcomes < ENOUGH_OUTCOMES:
        verdict = Verdict(
            "unclear",
            "Can't tell yet which event leads to {outcome}: too few users got there.",
            facts,
            code="handoff_too_few",
            needs=f"about {ENOUGH_OUTCOMES - outcomes} more users with {event_names.event(outcome)}",
        )
        return verdict, findings
    if rows and rows[0]["is_recommended"]:
        return _recommend(evidence, facts), findings
    gate = next((index for index, row in enumerate(rows) if row["is_gate"]), None)
    needed = _needed(rows, outcomes)
    if needed:
        verdict = Verdict(
            "unclear",
            "Can't tell yet: {event} looks promising, but its range still includes no effect.",
            facts | {"event": event_names.quoted(rows[needed[0]]["event"])},
            code="handoff_wide",
            needs=f"about {needed[1]:,} more users with {event_names.event(outcome)}",
        )
        return verdict, findings
    if gate is None:
        return Verdict(
            "info",
            "No event makes {outcome} clearly more likely at the same age of a user.",
            facts,
            code="handoff_none",
            flips="An event whose rate ratio stands clear of one.",
        ), findings
    return _gate(evidence, gate, facts), findings


def _gate(evidence: Evidence, gate: int, facts: dict[str, Fact | str]) -> Verdict:
    """No event tells more than a step that everybody with the outcome passed."""
    row = evidence.records()[gate]
    facts |= {"gate": event_names.quoted(row["event"])}
    if row["precision"] is None:
        return Verdict(
            "info",
            "Practically everyone who reaches {outcome} does {gate} at the same moment, so nothing comes before "
            "it that could hand anybody over.",
            facts,
            code="handoff_gate",
            flips="Times that tell the steps apart.",
        )
    facts |= {"precision": evidence.fact(gate, "precision", "percent1")}
    return Verdict(
        "info",
        "Practically everyone who reaches {outcome} passes {gate}, and {precision} of those who pass it do; no other "
        "event tells more.",
        facts,
        code="handoff_gate",
        flips="An event whose rate ratio past the gates is clear of one.",
    )


def _recommend(evidence: Evidence, facts: dict[str, Fact | str]) -> Verdict:
    best = evidence.records()[0]
    kind = "past_gates" if best["past_gates_ratio"] is not None else ""
    names = (f"{kind}_ratio", f"{kind}_low", f"{kind}_high") if kind else ("rate_ratio", "ci_low", "ci_high")
    facts |= {
        "event": event_names.quoted(best["event"]),
        "ratio": evidence.fact(0, names[0], "ratio"),
        "low": evidence.fact(0, names[1], "ratio"),
        "high": evidence.fact(0, names[2], "ratio"),
        "precision": evidence.fact(0, "precision", "percent1"),
        "recall": evidence.fact(0, "recall", "percent1"),
    }
    among = ", all of them past the steps that everyone takes" if kind else ""
    return Verdict(
        "good",
        "After {event}, {outcome} comes {ratio} ({low} to {high}) as often as for users of the same age "
        "without it"
        f"{among}. {{precision}} of them get there, and they are {{recall}} of all who do.",
        facts,
        code="handoff_candidate",
        flips="An interval that comes down to one.",
        why=("The comparison is between users of the same age: events that merely come late earn nothing.",),
    )


def _needed(rows: list[dict[str, Scalar]], outcomes: int) -> tuple[int, int] | None:
    """The most promising open candidate and how many more outcomes would settle it, when its range includes 1."""
    best: tuple[int, int] | None = None
    strongest = 1.5
    for index, row in enumerate(rows):
        key = "past_gates" if row["past_gates_ratio"] is not None else ""
        value = row["past_gates_ratio"] if key else row["rate_ratio"]
        low = row["past_gates_low"] if key else row["ci_low"]
        if value is None or row["is_gate"] or low >= 1 or value < strongest:
            continue
        # The width of the log interval shrinks with the square root of the outcomes.
        factor = (math.log(value / low) / math.log(value)) ** 2
        strongest, best = value, (index, max(1, math.ceil(outcomes * (factor - 1))))
    return best


def _findings(evidence: Evidence, outcome: str) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for index, row in enumerate(evidence.records()):
        ratio, lift = row["rate_ratio"], row["lift"]
        if row["is_gate"]:
            found.append(
                Finding(
                    "handoff_gate",
                    "low",
                    "{event} is a gate: practically everyone with {outcome} did it before.",
                    "There is nobody to compare with, so it can mark the border but not prove an effect.",
                    (row["event"],),
                    {"event": event_names.quoted(row["event"]), "outcome": event_names.quoted(outcome)},
                    evidence=evidence,
                )
            )
        elif ratio is not None and lift is not None and lift < 0.9 and row["ci_low"] <= 1 <= row["ci_high"]:
            found.append(_biased(evidence, index))
        if row["users"] and row["after_outcome"] > 0.5 * row["users"]:
            found.append(
                Finding(
                    "handoff_after",
                    "medium",
                    "Most users do {event} only after {outcome}.",
                    "It is a consequence, so it cannot hand anybody over.",
                    (row["event"],),
                    {"event": event_names.quoted(row["event"]), "outcome": event_names.quoted(outcome)},
                    evidence=evidence,
                )
            )
    return tuple(found)


def _biased(evidence: Evidence, index: int) -> Finding:
    event = evidence.rows[index][0]
    facts = {
        "event": event_names.quoted(event),
        "lift": evidence.fact(index, "lift", "ratio2"),
        "ratio": evidence.fact(index, "rate_ratio", "ratio2"),
    }
    template = "{event} looks harmful by plain lift ({lift}) but has no visible effect ({ratio})."
    why = "Plain lift counts against any event that is not a step on the way."
    return Finding("handoff_biased_lift", "low", template, why, (event,), facts, evidence=evidence)
