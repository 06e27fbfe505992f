"""Which channels get the credit for conversions, by several rules at once, because no single rule is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.events.attribution_sql import credit_sql, steps_sql
from lib.analysis.events.attribution_verdict import conclude
from lib.analysis.result_types import TableResult
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Scalar
from lib.engine.sources.answers import ChannelCredit, CreditQuestion
from lib.errors import DataError
from lib.framework import slots
from lib.stats.markov_attribution import markov_effects

NO_TOUCH = "(no touch)"
COLUMNS = ("channel", "model", "conversions", "share")
STEP_COLUMNS = ("source", "target", "steps")
MODELS = ("first", "last", "linear", "position", "decay", "removal")


@dataclass(frozen=True)
class AttributionResult(TableResult):
    """Credit of channels by model.

    Attributes:
        conversion: The event.
        models: Models in the table.
        conversions: Users who converted; every model's credit sums to this, journeys without a touch
            included.
        verdict: Whether the leading channel is the same whatever the model.
        findings: Conversions without a touch.
        evidence: Credit (`COLUMNS`); leaders by model; with the removal model the steps of journeys
            (`STEP_COLUMNS`).
    """

    conversion: str
    models: tuple[str, ...]
    conversions: int


@cached
def attribution(
    dataset: Dataset,
    conversion: str,
    *,
    touches: Sequence[str] = (),
    lookback_days: float = 30,
    half_life_days: float = 7,
    models: Sequence[str] = MODELS,
) -> AttributionResult:
    """Credit each user's first conversion to the channels of the touches before it.

    A touch is one of the events `touches` that carries a channel, at or after conversion minus lookback and not
    after the conversion (as in a funnel, what lies at the same time counts: data that know only days have many such).
    A conversion that carries a channel itself is its own last touch, unless `touches` leaves it out. Touches at the
    same instant are ordered by channel name, the conversion last. First and last give
    everything to one touch; linear divides equally; position gives 40 % to the first, 40 % to the last and
    divides the rest (two touches: half each); decay weighs a touch by 2^(-age / half-life), scaled to one
    per conversion. Removal builds a first-order chain of channels from journeys with and without conversion
    (the latter: touches in the lookback up to the user's last one) and divides the conversions in proportion
    to the part that would be lost without a channel. Conversions without a touch stand in a row of their
    own, so every model sums to all conversions.

    Args:
        dataset: Events with a channel.
        conversion: The event that counts; its first occurrence per user.
        touches: Events that count as touches; all when empty.
        lookback_days: How long before the conversion a touch still counts.
        half_life_days: Of the decay model.
        models: Which of `MODELS`.

    Raises:
        DataError: No channel column, an unknown event or model, a lookback or half-life that is not positive.

    Source:
        Position 40/20/40 and 7-day half-life: Google Analytics' former models; removal: Anderl et al. 2016.
    """
    _check(dataset, lookback_days, half_life_days, models)
    chosen = tuple(model for model in MODELS if model in models)
    question = CreditQuestion(
        conversion, tuple(dict.fromkeys(touches)), lookback_days, half_life_days, "removal" in models
    )
    found = query.events(dataset).credit(question)
    table = _credit_table(dataset, question, found, chosen)
    leaders, verdict, findings = conclude(table, conversion, chosen, NO_TOUCH)
    steps = () if found.steps is None else (_steps_table(dataset, question, found, found.steps),)
    evidence = (table, leaders, *steps)
    return AttributionResult(verdict, findings, evidence, conversion, chosen, found.conversions)


def _check(dataset: Dataset, lookback_days: float, half_life_days: float, models: Sequence[str]) -> None:
    if not dataset.has("channel"):
        raise DataError(
            f"{dataset.name} has no channel.", "Choose the column that says where users came from."
        )
    if any(not math.isfinite(days) or days <= 0 for days in (lookback_days, half_life_days)):
        raise DataError(
            "Lookback and half-life must be longer than zero days.", "Enter numbers of days above zero."
        )
    unknown = [model for model in models if model not in MODELS]
    if unknown or not models:
        raise DataError(
            f"There is no attribution model called {''.join(unknown[:1])!r}.",
            "Choose from: " + ", ".join(MODELS) + ".",
        )


def _params(question: CreditQuestion) -> dict[str, Any]:
    """Parameters of both queries."""
    params: dict[str, Any] = {
        "conversion": question.conversion,
        "lookback_seconds": question.lookback_days * 86_400.0,
    }
    return params | {f"touch_{n}": kind for n, kind in enumerate(question.touches, start=1)}


def _credit_table(
    dataset: Dataset, question: CreditQuestion, found: ChannelCredit, models: Sequence[str]
) -> Evidence:
    return query.evidence(
        "Attribution",
        f"Credit for each user's first {question.conversion} to channels touched in the "
        f"{question.lookback_days:g} days before.",
        credit_sql(len(question.touches)),
        {slots.EVENTS: dataset},
        _params(question) | {"half_life_seconds": question.half_life_days * 86_400.0},
        rows=_rows(found, models),
        columns=COLUMNS,
        method="one row per channel and model; share of all conversions; removal from the steps of journeys",
    )


def _steps_table(
    dataset: Dataset, question: CreditQuestion, found: ChannelCredit, steps: np.ndarray
) -> Evidence:
    names = (*found.channels, "(start)", "(converted)", "(lost)")
    rows = sorted((names[i], names[j], int(steps[i, j])) for i, j in zip(*np.nonzero(steps), strict=True))
    return query.evidence(
        "Steps of journeys",
        f"Steps between channels on the way to {question.conversion} or away.",
        steps_sql(len(question.touches)),
        {slots.EVENTS: dataset},
        _params(question),
        rows=rows,
        columns=STEP_COLUMNS,
    )


def _removal(steps: np.ndarray, touched: float) -> np.ndarray:
    effects = markov_effects(steps)
    return effects * (touched / effects.sum()) if effects.sum() > 0 else effects


def _rows(found: ChannelCredit, models: Sequence[str]) -> list[tuple[Scalar, ...]]:
    """One row a model and channel, most linear credit first, conversions without a touch last."""
    credit, linear, total = dict(found.credit), found.credit["linear"], found.conversions
    if found.steps is not None:
        credit["removal"] = _removal(found.steps, linear.sum())
    order = np.argsort(-linear, kind="stable")
    untouched = total - round(float(linear.sum()))
    rows: list[tuple[Scalar, ...]] = []
    for model in models:
        values = [(found.channels[i], float(credit[model][i])) for i in order]
        for channel, value in [*values, (NO_TOUCH, float(untouched))]:
            rows.append((channel, model, value, value / total if total else None))
    return rows
