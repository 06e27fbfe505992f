"""Agreed before data: which result leads to which action, locked so that a later change shows.

A test of both teams has a process metric and an outcome metric. Each goes down, stays flat or goes up; the
nine cells
of that table carry ship, iterate, stop or escalate. The ranges choose the cell, not a person looking for
the best
number; overriding it takes a name from both teams and a reason, and where the plan was locked an act of each person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lib.analysis.experiments.override import is_override
from lib.analysis.experiments.readout import Effect, Readout
from lib.analysis.experiments.readout_text import more_users
from lib.errors import NotAllowedError
from lib.workbook.model import Experiment

Move = Literal["down", "flat", "up"]
MOVES: tuple[Move, ...] = ("down", "flat", "up")
_MOVE_OF: Mapping[str, Move] = {"better": "up", "worse": "down", "flat": "flat"}
_BEST_FIRST = {"ship": 0, "escalate": 1, "iterate": 2, "": 3, "stop": 4}
ACTIONS: Mapping[str, str] = {
    "ship": "Ship: roll it out to everybody.",
    "iterate": "Iterate: keep the idea, change the variant, test again.",
    "stop": "Stop: keep control and move on.",
    "escalate": "Escalate: the two metrics pull apart; both leads decide together.",
}
DEFAULT_TABLE: Mapping[str, str] = {
    "up/up": "ship", "up/flat": "iterate", "up/down": "escalate",
    "flat/up": "ship", "flat/flat": "stop", "flat/down": "stop",
    "down/up": "escalate", "down/flat": "stop", "down/down": "stop",
}  # fmt: skip
# Part of a plan -> how it is called.
LABELS: Mapping[str, str] = {
    "name": "name", "idea": "idea", "variants": "variants", "control": "control", "allocation": "allocation",
    "process_metric": "process metric", "outcome_metric": "outcome metric", "guardrails": "guardrails",
    "window_days": "window", "starts_on": "start", "ends_on": "analysis date",
    "smallest_effect": "smallest effect worth acting on", "planned_total": "planned size",
    "reading": "fixed or watched reading", "table": "decision table", "metrics": "metrics", "segments": "segments",
    "covariate": "covariate",
}  # fmt: skip
PLAN = tuple(LABELS)


def table_of(experiment: Experiment) -> dict[str, str]:
    """The nine cells, "process/outcome" -> action; cells nobody filled take the usual ones."""
    return {
        **DEFAULT_TABLE,
        **{k: v for k, v in experiment.table.items() if k in DEFAULT_TABLE and v in ACTIONS},
    }


def plan_of(experiment: Experiment) -> dict[str, Any]:
    """What is agreed beforehand, as plain data."""
    plan = json.loads(experiment.model_dump_json(include=set(PLAN)))
    return plan | {"table": table_of(experiment)}


def hash_of(plan: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a plan: equal for equal plans, whatever the order of their fields."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True, default=str).encode()).hexdigest()


def missing(experiment: Experiment) -> list[str]:
    """What has to be agreed before a lock makes sense, in words."""
    wanted = {
        "a name": experiment.name,
        "a process metric": experiment.process_metric,
        "an outcome metric": experiment.outcome_metric,
        "at least two variants": len(experiment.variants) >= 2,
        "an analysis date": experiment.ends_on,
        "the smallest effect worth acting on": experiment.smallest_effect,
        "how many people are planned": experiment.planned_total,
    }
    return [words for words, value in wanted.items() if not value]


def lock(experiment_id: str, experiment: Experiment, at: str) -> list[tuple[str, Any]]:
    """The answers that lock a plan.

    Args:
        experiment_id: Its id.
        experiment: As it stands.
        at: ISO time of the lock.

    Raises:
        NotAllowedError: Something has to be agreed first, or it is locked already.
    """
    if experiment.locked_hash:
        raise NotAllowedError("This plan is locked already.", "Register a new test for a new plan.")
    if missing(experiment):
        raise NotAllowedError(
            f"Not agreed yet: {', '.join(missing(experiment))}.", "Fill it in, then lock the plan."
        )
    plan = plan_of(experiment)
    head = f"experiments/{experiment_id}"
    return [
        (f"{head}/locked_plan", plan),
        (f"{head}/locked_hash", hash_of(plan)),
        (f"{head}/locked_at", at),
        (f"{head}/table", plan["table"]),
    ]


@dataclass(frozen=True)
class PlanChange:
    """One part of a plan that is no longer what was locked."""

    part: str
    locked: Any
    now: Any


def changes(experiment: Experiment) -> tuple[PlanChange, ...]:
    """What was changed after the lock; a plan that was tampered with shows as "the locked plan itself"."""
    if not experiment.locked_hash:
        return ()
    locked, now = dict(experiment.locked_plan), plan_of(experiment)
    found = [
        PlanChange(LABELS[part], locked.get(part), now[part])
        for part in PLAN
        if locked.get(part) != now[part]
    ]
    if locked and hash_of(locked) != experiment.locked_hash:
        found.insert(
            0, PlanChange("the locked plan itself", experiment.locked_hash[:12], hash_of(locked)[:12])
        )
    return tuple(found)


@dataclass(frozen=True)
class DecisionCell:
    """What the table says.

    Attributes:
        process: down | flat | up, "" while it cannot be told.
        outcome: The same for the outcome metric.
        action: ship | iterate | stop | escalate, "" while it cannot be told.
        variant: Which variant the cell is about.
        why: One sentence.
        needs: What is missing, where it cannot be told.
    """

    process: str
    outcome: str
    action: str
    variant: str
    why: str
    needs: str = ""


def move_of(effect: Effect | None) -> str:
    """Down, flat or up, where "up" is always the good way; "" while it cannot be told."""
    return _MOVE_OF.get(effect.state, "") if effect else ""


def _harmed(readout: Readout, variant: str) -> Effect | None:
    guardrails = (e for e in readout.effects if e.metric.role == "guardrail" and e.variant == variant)
    return next((effect for effect in guardrails if effect.state == "worse"), None)


def _without_metric(which: str, metric: str, variant: str) -> DecisionCell:
    why = f"The {which} metric {metric or '(none chosen)'} is not in the file."
    return DecisionCell("", "", "", variant, why, f"a column for the {which} metric")


def _undecided(process: Effect, outcome: Effect) -> DecisionCell:
    """While the range of one metric or of both is too wide."""
    wide = [effect for effect in (process, outcome) if not move_of(effect)]
    why = f"The range of {' and '.join(effect.metric.words for effect in wide)} is still too wide to say."
    needs = more_users(max(effect.more for effect in wide)) or "more people"
    return DecisionCell(move_of(process), move_of(outcome), "", process.variant, why, needs)


def _cell(experiment: Experiment, readout: Readout, variant: str) -> DecisionCell:
    process, outcome = readout.role("process", variant), readout.role("outcome", variant)
    if process is None:
        return _without_metric("process", experiment.process_metric, variant)
    if outcome is None:
        return _without_metric("outcome", experiment.outcome_metric, variant)
    left, right = move_of(process), move_of(outcome)
    if not left or not right:
        return _undecided(process, outcome)
    action = table_of(experiment)[f"{left}/{right}"]
    why = f"Process metric {left}, outcome metric {right}: the table says {action}."
    harmed = _harmed(readout, variant)
    if harmed and action == "ship":
        action = "escalate"
        why += f" But the guardrail {harmed.metric.words} got worse, so both leads decide."
    return DecisionCell(left, right, action, variant, why)


def cell(experiment: Experiment, readout: Readout) -> DecisionCell:
    """The cell that the ranges choose; with several variants, that of the best one.

    A test whose checks fail chooses no cell.
    """
    if not readout.is_valid:
        failed = next(check for check in readout.checks if check.state == "fail")
        return DecisionCell("", "", "", "", failed.text, "a test that passes its checks")
    cells = [_cell(experiment, readout, variant) for variant in readout.variants[1:]]
    return min(cells, key=lambda found: _BEST_FIRST[found.action])


def decide(
    experiment_id: str,
    experiment: Experiment,
    recommended: str,
    decision: str,
    reason: str,
    marketing: str,
    growth: str,
    on: str,
) -> list[tuple[str, Any]]:
    """The answers that record a decision.

    Args:
        experiment_id: Its id.
        experiment: The test.
        recommended: What the table says, "" when it cannot be told.
        decision: What was decided.
        reason: Why.
        marketing: Who decided for marketing.
        growth: Who decided for growth.
        on: ISO date.

    Raises:
        NotAllowedError: It goes against the table without two names and a reason, or nobody is named; or the table
            was locked, and then `experiment_override` records who acts, not who was typed.
    """
    against = decision != recommended
    if is_override(experiment, recommended, decision):
        raise NotAllowedError(
            "Against a locked table nobody decides in another person's name.",
            "Record it as your own; a second person agrees from their own computer.",
        )
    if against and not (marketing.strip() and growth.strip() and reason.strip()):
        said = f"The table says {recommended}" if recommended else "The data cannot tell yet"
        raise NotAllowedError(
            f"{said}; deciding {decision} needs a name from both teams and a reason.",
            "Fill in both names and the reason, or follow the table.",
        )
    names = [name.strip() for name in (marketing, growth) if name.strip()]
    if not names:
        raise NotAllowedError("Nobody is named for this decision.", "Fill in at least one name.")
    head = f"experiments/{experiment_id}"
    return [
        (f"{head}/decision", decision),
        (f"{head}/decision_reason", reason.strip()),
        (f"{head}/decided_by", names),
        (f"{head}/decided_marks", None),
        (f"{head}/decided_on", on),
    ]
