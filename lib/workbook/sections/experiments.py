"""What the two teams test together: insights, ideas, pre-registered tests, learnings, launches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from lib.workbook.base import StoredRecord


class Insight(StoredRecord):
    """Something a customer said or did: product marketing's why."""

    text: str = ""
    source: str = ""
    quote: str = ""
    persona: str = ""
    theme: str = ""
    strength: int = Field(default=1, ge=1, le=5)
    by: str = ""


class Idea(StoredRecord):
    """A hypothesis that needs one process metric and one outcome metric."""

    name: str = ""
    because: str = ""
    believe: str = ""
    audience: str = ""
    process_metric: str = ""
    outcome_metric: str = ""
    marketing_owner: str = ""
    growth_owner: str = ""
    insights: tuple[str, ...] = ()
    learnings: tuple[str, ...] = ()  # what earlier tests taught that this one builds on
    baseline: float | None = Field(default=None, ge=0, le=1)
    weekly_users: float | None = Field(default=None, ge=0)
    weeks: float | None = Field(default=None, gt=0)
    hoped_effect: float | None = None  # relative
    impact: float | None = None
    confidence: float | None = None
    ease: float | None = None
    effort: float | None = None
    status: Literal["idea", "testable", "longer", "not_test", "running", "done", ""] = "idea"


class Experiment(StoredRecord):
    """A pre-registered test, its readout and the decision."""

    name: str = ""
    idea: str = ""
    variants: tuple[str, ...] = ("control", "treatment")
    control: str = ""
    allocation: str = "50/50"
    process_metric: str = ""  # column or metric
    outcome_metric: str = ""
    guardrails: tuple[str, ...] = ()
    window_days: float | None = None
    starts_on: str = ""
    ends_on: str = ""
    smallest_effect: float | None = Field(default=None, gt=0)  # relative, of the outcome
    planned_total: float | None = Field(default=None, gt=0)  # people in all variants together
    reading: Literal["fixed", "sequential"] = "fixed"
    # "up/flat" (process/outcome) -> ship | iterate | stop | escalate
    table: Mapping[str, str] = Field(default_factory=dict)
    locked_hash: str = ""
    locked_at: str = ""
    locked_plan: Mapping[str, Any] = Field(default_factory=dict)  # so that changes show
    # person -> {"effect": relative, "p_ship": 0..1}
    forecasts: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    dataset: str = ""  # slot of the experiment file, or "events"
    variant_column: str = ""
    assignment_event: str = ""  # when read from events
    process_column: str = ""  # column of the file, where it is not named as the metric
    outcome_column: str = ""
    metrics: tuple[str, ...] = ()  # "column:kind" or "event:kind"; guessed from the file when empty
    segments: tuple[str, ...] = ()
    covariate: str = ""
    decision: Literal["ship", "iterate", "stop", "escalate", ""] = ""
    decision_reason: str = ""
    decided_by: tuple[str, ...] = ()
    decided_marks: tuple[str, ...] = ()  # whose acts an override of a locked table was; digests
    decided_on: str = ""
    learning: str = ""


class Learning(StoredRecord):
    """What was believed, seen and learned, and what it changes."""

    believed: str = ""
    saw: str = ""
    learned: str = ""
    for_message: str = ""
    for_funnel: str = ""
    status: Literal["emerging", "supported", "confirmed", "rejected"] = "emerging"
    experiment: str = ""
    learned_on: str = ""  # ISO date


class Launch(StoredRecord):
    """A launch: messages that compete, the first seven days of both roles, and when to swap the message."""

    name: str = ""
    starts_on: str = ""  # ISO date
    messages: tuple[str, ...] = ()  # variant names
    experiment: str = ""  # the test that compares them
    promise: str = ""
    swap_metric: str = ""
    swap_below: float | None = None  # share under which the message is swapped
    swap_on_day: int = Field(default=3, ge=1, le=7)
    swap_to: str = ""
    swap_min_people: float | None = Field(default=None, ge=0)
    marketing_owner: str = ""
    growth_owner: str = ""
    marketing_days: tuple[str, ...] = ()  # what product marketing does on day 1..7
    growth_days: tuple[str, ...] = ()
