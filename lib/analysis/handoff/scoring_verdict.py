"""What the table of handoff candidates says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from lib.analysis.events import event_names
from lib.analysis.handoff import words_candidates as words
from lib.analysis.templates import VerdictTemplate
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
    return _verdict(evidence, rows, facts, outcome, outcomes), _findings(evidence, facts)


def _verdict(
    evidence: Evidence,
    rows: list[dict[str, Scalar]],
    facts: dict[str, Fact | str],
    outcome: str,
    outcomes: int,
) -> Verdict:
    if outcomes < ENOUGH_OUTCOMES:
        return _open(words.TOO_FEW_OUTCOMES, facts, ENOUGH_OUTCOMES - outcomes, outcome)
    if rows and rows[0]["is_recommended"]:
        return _recommend(evidence, facts)
    needed = _needed(rows, outcomes)
    if needed:
        event = event_names.quoted(rows[needed[0]]["event"])
        return _open(words.WIDE, facts | {"event": event}, needed[1], outcome)
    gate = next((index for index, row in enumerate(rows) if row["is_gate"]), None)
    return words.NO_EVENT.verdict(facts) if gate is None else _gate(evidence, gate, facts)


def _open(said: VerdictTemplate, facts: Mapping[str, Fact | str], more: int, outcome: str) -> Verdict:
    """What cannot be told yet, and how many more users with the outcome would settle it."""
    needs = words.MORE_USERS.write(n=f"{more:,}", event=event_names.event(outcome))
    return replace(said.verdict(facts), needs=needs)


def _gate(evidence: Evidence, gate: int, facts: dict[str, Fact | str]) -> Verdict:
    """No event tells more than a step that everybody with the outcome passed."""
    row = evidence.records()[gate]
    facts |= {"gate": event_names.quoted(row["event"])}
    if row["precision"] is None:
        return words.SAME_MOMENT.verdict(facts)
    return words.PASSES_GATE.verdict(facts | {"precision": evidence.fact(gate, "precision", "percent1")})


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
    said = words.RECOMMENDED.worded(among=words.PAST_GATES.text if kind else "")
    return said.verdict(facts, [words.SAME_AGE.text])


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


def _findings(evidence: Evidence, outcome: Mapping[str, Fact | str]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for index, row in enumerate(evidence.records()):
        ratio, lift = row["rate_ratio"], row["lift"]
        names, facts = (row["event"],), {**outcome, "event": event_names.quoted(row["event"])}
        if row["is_gate"]:
            found.append(words.IS_GATE.finding(facts, names, evidence=evidence))
        elif ratio is not None and lift is not None and lift < 0.9 and row["ci_low"] <= 1 <= row["ci_high"]:
            found.append(_biased(evidence, index))
        if row["users"] and row["after_outcome"] > 0.5 * row["users"]:
            found.append(words.COMES_AFTER.finding(facts, names, evidence=evidence))
    return tuple(found)


def _biased(evidence: Evidence, index: int) -> Finding:
    event = evidence.rows[index][0]
    facts = {
        "event": event_names.quoted(event),
        "lift": evidence.fact(index, "lift", "ratio2"),
        "ratio": evidence.fact(index, "rate_ratio", "ratio2"),
    }
    return words.BIASED_LIFT.finding(facts, (event,), evidence=evidence)
