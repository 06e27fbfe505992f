"""What is known about each stage signal: from data where a file says it, else from an answer, else nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib.analysis.events.retention import retention
from lib.analysis.kpis import event_kpis
from lib.analysis.kpis.kpi_value import KpiValue, kpi_value
from lib.analysis.kpis.kpis import KpisResult
from lib.analysis.result_types import Data
from lib.analysis.stage.weights import Weights, answer_strength, likely_band, weigh_step, weigh_value
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.evidence.formats import write
from lib.framework import slots
from lib.framework.load import framework
from lib.framework.schema import FORMATS, Signal
from lib.stats.intervals import Interval
from lib.workbook.model import Workbook

KPI_OF = {
    "pmf_share": "pmf_share", "activation": "activation_rate", "quick_ratio": "quick_ratio", "payback": "cac_payback",
    "organic_share": "organic_share", "win_rate": "win_rate", "channel_concentration": "channel_concentration",
    "paying_customers": "paying_customers", "retention": "retention",
}  # fmt: skip
_FALLING_WEEKS = 4  # a curve that still falls is read where it will be after this many more weeks


@dataclass(frozen=True)
class SignalReading:
    """One signal as it is known.

    Attributes:
        signal: Its content.
        origin: data | answer.
        weights: Likelihood of (pre-fit, scaling, mature).
        says: Its reading in words.
        strength: How far it counts.
        interval: Value and range when it comes from data.
        kpi: The KPI behind it when it comes from data.
        option: The chosen answer's value otherwise.
        contradicts: What the team answered when the data say something else; "" otherwise.
    """

    signal: Signal
    origin: Literal["data", "answer"]
    weights: Weights
    says: str
    strength: float
    interval: Interval | None = None
    kpi: KpiValue | None = None
    option: str = ""
    contradicts: str = ""

    @property
    def noun(self) -> str:
        """The signal's name inside a sentence."""
        name = self.signal.name
        return name if name[:2].isupper() else name[0].lower() + name[1:]

    @property
    def text(self) -> str:
        """Value and range, or the answer, for a person."""
        if self.interval is None:
            label = next((o.label for o in self.signal.options if o.value == self.option), self.option)
            return f"“{label}”"
        value, low, high = (
            write(x, FORMATS[self.signal.unit])
            for x in (self.interval.value, self.interval.low, self.interval.high)
        )
        return value if self.interval.low == self.interval.high else f"{value} ({low} to {high})"


def retention_kpi(book: Workbook, events: Dataset) -> KpiValue:
    """The level at which people stay who once had a success: weekly, bounded, where the curve has flattened."""
    found = event_kpis.roles(book, events)
    start = next(iter(found.activation or found.signup), "")
    result = retention(events, period="week", cohort_event=start, calendar=Calendar.of(book.settings))
    table = result.evidence[0]
    definition = (
        f"People active in a given week, months after their first {start or 'event'} / people old enough to count; "
        "the last three weeks that enough of them have reached."
    )
    interval, needs = Interval(math.nan, 0, 1), result.verdict.needs or "a longer history of events"
    if len(result.evidence) > 2 and result.verdict.status != "unclear":
        tail = result.evidence[2].records()[0]
        level, n = float(tail["level"]), float(tail["users"])
        needs = ""
        if result.verdict.code == "retention_falling":
            level = max(0.0, level + _FALLING_WEEKS * float(tail["slope"]))
            definition += f" Still falling, so read where it will be in {_FALLING_WEEKS} weeks."
            interval = Interval(
                level, max(0.0, level - (tail["level"] - tail["level_low"])), float(tail["level_high"]), n
            )
        else:
            interval = Interval(level, float(tail["level_low"]), float(tail["level_high"]), n)
    return kpi_value(
        "retention",
        interval,
        "percent1",
        name="Retention that stays",
        kpi="retention_rate",
        sql=table.sql,
        datasets={slots.EVENTS: events},
        params=dict(table.params),
        needs=needs,
        definition=definition,
        method="Wilson interval of the mean of the last three points, 95 %",
    )


def measure(book: Workbook, data: Data, kpis: KpisResult) -> dict[str, KpiValue]:
    """KPI behind each signal that a file can answer, by signal id; unknown ones carry what they need."""
    found = {id: kpis.values[kpi] for id, kpi in KPI_OF.items() if kpi in kpis.values}
    if events := data.get(slots.EVENTS):
        found["retention"] = retention_kpi(book, events)
    return found


def read(signal: Signal, book: Workbook, measured: dict[str, KpiValue]) -> SignalReading | None:
    """What is known about one signal: data first, then the answer, else None."""
    answer = str(book.stage.get(signal.id) or "")
    option = next((o for o in signal.options if o.value == answer), None)
    kpi = measured.get(signal.id)
    if kpi is not None and kpi.is_known:
        band = likely_band(signal, kpi.interval)
        contradicts = option.label if option and option.says != band.says else ""
        weights = weigh_value(signal, kpi.interval)
        return SignalReading(
            signal, "data", weights, band.says, signal.strength, kpi.interval, kpi, "", contradicts
        )
    if option is None:
        return None
    strength = answer_strength(signal)
    return SignalReading(
        signal, "answer", weigh_step(signal, option, strength), option.says, strength, option=option.value
    )


def read_all(
    book: Workbook, data: Data, kpis: KpisResult
) -> tuple[list[SignalReading], list[Signal], dict[str, KpiValue]]:
    """All signals: what is known, what is missing, and the KPIs behind them."""
    measured = measure(book, data, kpis)
    known: list[SignalReading] = []
    missing: list[Signal] = []
    for signal in framework().signals.values():
        reading = read(signal, book, measured)
        if reading is None:
            missing.append(signal)
        else:
            known.append(reading)
    return known, missing, measured


def tables(readings: Sequence[SignalReading]) -> list[Evidence]:
    """The tables that the readings were taken from."""
    return [reading.kpi.evidence for reading in readings if reading.kpi is not None]
