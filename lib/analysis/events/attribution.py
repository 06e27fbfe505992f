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
from lib.engine.kernels import attribution as kernel
from lib.engine.layout.event_layout import Layout, open_layout
from lib.errors import DataError
from lib.framework import slots
from lib.stats.markov_attribution import removal_effects

NO_TOUCH = "(no touch)"
COLUMNS = ("channel", "model", "conversions", "share")
STEP_COLUMNS = ("source", "target", "steps")
MODELS = (*kernel.MODELS, "removal")


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

    A touch is one of the events `touches` that carries a channel, at or after conversion minus lookback and
    before the conversion; touches at the same instant are ordered by channel name. First and last give
    everything to one touch; linear divides equally; position gives 40 % to the first, 40 % to the last and
    divides the rest (two touches: half each); decay weighs a touch by 2^(-age / half-life), scaled to one
    per conversion. Removal builds a first-order chain of channels from journeys with and without conversion
    (the latter: touches in the lookback up to the user's last one) and divides the conversions in proportion
    to the part that would be lost without a channel. Conversions without a touch stand in a row of their
    own, so every model sums to all conversions.

    Args:
        dataset: Events with a channel.
        conversion: The event that counts; its first occurrence per user.
        touches: Events that count as touches; all others when empty.
        lookback_days: How long before the conversion a touch still counts.
        half_life_days: Of the decay model.
        models: Which of `MODELS`.

    Raises:
        DataError: No channel column, an unknown event or model, a lookback or half-life that is not positive.

    Source:
        Position 40/20/40 and 7-day half-life: Google Analytics' former models; removal: Anderl et al. 2016.
    """
    _check(dataset, lookback_days, half_life_days, models)
    layout = open_layout(dataset)
    kinds = tuple(dict.fromkeys(touches)) or tuple(kind for kind in layout.kinds if kind != conversion)
    lookback = layout.units(days=lookback_days)
    ends = layout.firsts_of(conversion)
    found = kernel.before(layout, ends, kinds, lookback, with_end=False)
    credit = kernel.credit(found, len(layout.channels), layout.exact_units(half_life_days))
    params: dict[str, Any] = {"conversion": conversion, "lookback_seconds": lookback_days * 86_400.0}
    params |= {f"touch_{n}": kind for n, kind in enumerate(dict.fromkeys(touches), start=1)}
    steps: Evidence | None = None
    if "removal" in models:
        matrix = _steps(layout, found, ends, kinds, lookback)
        credit["removal"] = _removal(matrix, credit["linear"].sum())
        steps = query.evidence(
            "Steps of journeys",
            f"Steps between channels on the way to {conversion} or away.",
            steps_sql(len(params) - 2),
            {slots.EVENTS: dataset},
            params,
            rows=_step_rows(layout, matrix),
            columns=STEP_COLUMNS,
        )
    chosen = tuple(model for model in MODELS if model in models)
    definition = (
        f"Credit for each user's first {conversion} to channels touched in the {lookback_days:g} days before."
    )
    table = query.evidence(
        "Attribution",
        definition,
        credit_sql(len(params) - 2),
        {slots.EVENTS: dataset},
        params | {"half_life_seconds": half_life_days * 86_400.0},
        rows=_rows(layout, credit, chosen, len(ends)),
        columns=COLUMNS,
        method="one row per channel and model; share of all conversions; removal from the steps of journeys",
    )
    leaders, verdict, findings = conclude(table, conversion, chosen, NO_TOUCH)
    evidence = (table, leaders) if steps is None else (table, leaders, steps)
    return AttributionResult(verdict, findings, evidence, conversion, chosen, len(ends))


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


def _steps(
    layout: Layout, converted: kernel.Touches, ends: np.ndarray, kinds: Sequence[str], lookback: int
) -> np.ndarray:
    number = len(layout.channels)
    lost_ends = kernel.last_touches(layout, kinds, layout.user_of(ends))
    lost = kernel.before(layout, lost_ends, kinds, lookback, with_end=True)
    return kernel.transitions(converted, number, number + 1) + kernel.transitions(lost, number, number + 2)


def _removal(matrix: np.ndarray, touched: float) -> np.ndarray:
    effects = removal_effects(matrix)
    return effects * (touched / effects.sum()) if effects.sum() > 0 else effects


def _step_rows(layout: Layout, matrix: np.ndarray) -> list[tuple[Scalar, ...]]:
    names = (*layout.channels, "(start)", "(converted)", "(lost)")
    found = sorted((names[i], names[j], int(matrix[i, j])) for i, j in zip(*np.nonzero(matrix), strict=True))
    return [tuple(row) for row in found]


def _rows(
    layout: Layout, credit: dict[str, np.ndarray], models: Sequence[str], conversions: int
) -> list[tuple[Scalar, ...]]:
    rows: list[tuple[Scalar, ...]] = []
    order = np.argsort(-credit.get("linear", np.zeros(0)), kind="stable")
    untouched = conversions - round(float(credit["linear"].sum()))
    for model in models:
        values = [(layout.channels[i], float(credit[model][i])) for i in order]
        for channel, value in [*values, (NO_TOUCH, float(untouched))]:
            rows.append((channel, model, value, value / conversions if conversions else None))
    return rows
